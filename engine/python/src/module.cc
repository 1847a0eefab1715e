// The module _djcache: a Store for blocking calls, an Inbox for calls from an asyncio loop. The
// semantics of Django are implemented on top of it in Python.
#include <pybind11/stl.h>

#include <djcache/version.h>

#include "inbox.h"
#include "verbs.h"

namespace djcache::python {
namespace {

using Life = std::optional<std::int64_t>;  // milliseconds; None: does not expire

Entries to_entries(const py::dict& data, Integers integers) {
  Entries entries;
  entries.reserve(data.size());
  for (const auto& [key, value] : data) {
    entries.emplace_back(to_word(key), to_value(value, integers));
  }
  return entries;
}

std::vector<std::string> to_words(const py::iterable& words) {
  std::vector<std::string> list;
  for (const py::handle word : words) list.push_back(to_word(word));
  return list;
}

Pipeline to_pipeline(const py::iterable& commands) {
  Pipeline pipeline;
  for (const py::handle command : commands) {
    pipeline.add(to_words(py::reinterpret_borrow<py::iterable>(command)));
  }
  return pipeline;
}

CommandOptions command_options(std::optional<double> limit, bool idempotent) {
  CommandOptions options{.idempotent = idempotent};
  if (limit) options.limit = std::chrono::milliseconds(static_cast<std::int64_t>(*limit * 1000));
  return options;
}

DisconnectOptions disconnect_options(bool drain, double limit) {
  return {.mode = drain ? DisconnectMode::drain : DisconnectMode::abort,
          .limit = std::chrono::milliseconds(static_cast<std::int64_t>(limit * 1000))};
}

// Defines each verb under the same name for both: Store returns the result, Inbox takes a future as
// its first argument.
struct Verbs {
  py::class_<Store, std::shared_ptr<Store>>& store;
  py::class_<Inbox>& inbox;

  // make(integers, arguments...) returns the job.
  template <class... Arguments, class Make, class... Extra>
  void def(const char* name, Make make, const Extra&... extra) {
    store.def(
        name,
        [make](const Store& self, Arguments... arguments) {
          return now(self, make(self.integers(), std::move(arguments)...));
        },
        extra...);
    const auto begin = [make](Inbox& self, py::object future, Arguments... arguments) {
      return self.begin(std::move(future), make(self.store().integers(), std::move(arguments)...));
    };
    if constexpr (sizeof...(extra) > 0) {
      inbox.def(name, begin, py::arg("future"), extra...);
    } else {
      inbox.def(name, begin);
    }
  }
};

void define_entries(Verbs& verbs) {
  verbs.def<std::string>("get", [](Integers, std::string key) { return verbs::get(key); });
  verbs.def<std::string, py::object, Life>(
      "set", [](Integers i, std::string key, py::object value, Life ttl) {
        return verbs::set(std::move(key), to_value(value, i), ttl);
      });
  verbs.def<std::string, py::object, Life>(
      "add", [](Integers i, std::string key, py::object value, Life ttl) {
        return verbs::add(std::move(key), to_value(value, i), ttl);
      });
  verbs.def<std::string, py::object, Life>(
      "replace", [](Integers i, std::string key, py::object value, Life ttl) {
        return verbs::replace(std::move(key), to_value(value, i), ttl);
      });
  verbs.def<std::string, Life>("touch", [](Integers, std::string key, Life ttl) {
    return verbs::touch(std::move(key), ttl);
  });
  verbs.def<std::string>("delete",
                         [](Integers, std::string key) { return verbs::delete_(std::move(key)); });
  verbs.def<std::string>("has_key",
                         [](Integers, std::string key) { return verbs::has_key(std::move(key)); });
  verbs.def<py::iterable>("get_many", [](Integers, const py::iterable& keys) {
    return verbs::GetMany{to_words(keys)};
  });
  verbs.def<py::dict, Life>("set_many", [](Integers i, const py::dict& data, Life ttl) {
    return verbs::set_many(to_entries(data, i), ttl);
  });
  verbs.def<py::iterable>("delete_many", [](Integers, const py::iterable& keys) {
    return verbs::delete_many(to_words(keys));
  });
  verbs.def<std::string, std::int64_t>("incr", [](Integers, std::string key, std::int64_t delta) {
    return verbs::incr(std::move(key), delta);
  });
  verbs.def<std::string, std::string>("move",
                                      [](Integers, const std::string& from, const std::string& to) {
                                        return verbs::move(from, to);
                                      });
  verbs.def<>("clear", [](Integers) { return verbs::clear(); });
}

void define_additions(Verbs& verbs) {
  verbs.def<std::string>("ttl",
                         [](Integers, std::string key) { return verbs::ttl(std::move(key)); });
  verbs.def<std::string>("pttl",
                         [](Integers, std::string key) { return verbs::pttl(std::move(key)); });
  verbs.def<std::string, std::int64_t>("pexpire", [](Integers, std::string key, std::int64_t ms) {
    return verbs::pexpire(std::move(key), ms);
  });
  verbs.def<std::string, std::int64_t>("pexpire_at",
                                       [](Integers, std::string key, std::int64_t ms) {
                                         return verbs::pexpire_at(std::move(key), ms);
                                       });
  verbs.def<std::string>("persist",
                         [](Integers, std::string key) { return verbs::persist(std::move(key)); });
  verbs.def<std::string, std::size_t>("keys", [](Integers, std::string pattern, std::size_t page) {
    return verbs::keys(std::move(pattern), page);
  });
  verbs.def<std::string, std::size_t>("delete_pattern",
                                      [](Integers, std::string pattern, std::size_t page) {
                                        return verbs::delete_pattern(std::move(pattern), page);
                                      });
}

void define_client(Verbs& verbs) {
  using Limit = std::optional<double>;
  verbs.def<py::iterable, Limit, bool>(
      "command",
      [](Integers, const py::iterable& words, Limit limit, bool idempotent) {
        return verbs::command(to_words(words), command_options(limit, idempotent));
      },
      py::arg("words"), py::arg("limit") = py::none(), py::arg("idempotent") = false);
  verbs.def<py::iterable, Limit>(
      "pipeline",
      [](Integers, const py::iterable& commands, Limit limit) {
        return verbs::pipeline(to_pipeline(commands), command_options(limit, false));
      },
      py::arg("commands"), py::arg("limit") = py::none());
  verbs.def<py::iterable, Limit>(
      "transaction",
      [](Integers, const py::iterable& commands, Limit limit) {
        return verbs::transaction(to_pipeline(commands), command_options(limit, false));
      },
      py::arg("commands"), py::arg("limit") = py::none());
  verbs.def<bool, double>(
      "disconnect",
      [](Integers, bool drain, double limit) {
        return verbs::disconnect(disconnect_options(drain, limit));
      },
      py::arg("drain") = true, py::arg("limit") = 0.5);
}

// The producer runs on the calling thread. Its exception is raised once the operation has ended.
py::object get_or_set(const Store& self, const std::string& key, const py::function& produce,
                      Life ttl, double producer_limit) {
  GetOrSetOptions options{.ttl = verbs::with_ttl(ttl).ttl};
  options.producer_limit =
      std::chrono::milliseconds(static_cast<std::int64_t>(producer_limit * 1000));
  PyObject *type = nullptr, *value = nullptr, *trace = nullptr;
  PyThreadState* saved = PyEval_SaveThread();
  const auto producer = [&]() -> Result<Value> {
    take_gil(saved);
    Result<Value> product = Error{Errc::cancelled, "the producer raised an exception"};
    try {
      product = to_value(produce(), self.integers());
    } catch (py::error_already_set& error) {
      error.restore();
      PyErr_Fetch(&type, &value, &trace);
    }
    saved = PyEval_SaveThread();
    return product;
  };
  Result<Value> result = self.cache().get_or_set(key, producer, options);
  take_gil(saved);
  if (type != nullptr) PyErr_Restore(type, value, trace);
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (!result.ok()) raise(result.error());
  return to_python(*result);
}

py::object without_gil_pools(const Store& self) {
  PyThreadState* const saved = PyEval_SaveThread();
  Result<std::vector<PoolInfo>> infos = std::vector<PoolInfo>();
  if (auto pools = self.engine().pools(); !pools.ok()) {
    infos = pools.error();
  } else {
    for (const SyncPool& pool : *pools) {
      if (auto info = pool.info(); info.ok()) infos->push_back(*std::move(info));
    }
  }
  take_gil(saved);
  if (!infos.ok()) raise(infos.error());
  py::list list;
  for (const PoolInfo& info : *infos) {
    py::dict each;
    each["endpoint"] = info.endpoint;
    each["connections"] = info.connections;
    each["in_flight"] = info.in_flight;
    each["queued"] = info.queued;
    each["connects"] = info.statistics.connects;
    each["operations"] = info.statistics.operations;
    each["timeouts"] = info.statistics.timeouts;
    each["retries"] = info.statistics.retries;
    list.append(std::move(each));
  }
  return list;
}

py::object prometheus(const Store& self) {
  PyThreadState* const saved = PyEval_SaveThread();
  auto counters = self.engine().statistics();
  std::string text = counters.ok() ? prometheus_text(*counters) : std::string();
  take_gil(saved);
  if (!counters.ok()) raise(counters.error());
  return py::str(text);
}

PYBIND11_MODULE(_djcache, module) {
  module.doc() = "djcache's engine; use djcache.django";
  module.attr("__version__") = DJCACHE_VERSION_STRING;
  module.def("set_error_factory", &set_error_factory);
  module.def("check", &check);

  py::class_<Store, std::shared_ptr<Store>> store(module, "Store");
  py::class_<Inbox> inbox(module, "Inbox");
  store.def(py::init<const std::string&>(), py::arg("caches"))
      .def("stop", &Store::stop)
      .def("get_or_set", &get_or_set, py::arg("key"), py::arg("produce"), py::arg("ttl"),
           py::arg("producer_limit"))
      .def("pools", &without_gil_pools)
      .def("prometheus", &prometheus)
      .def("inbox",
           [](std::shared_ptr<Store> self) { return std::make_unique<Inbox>(std::move(self)); });
  inbox.def("fileno", &Inbox::descriptor)
      .def("empty", &Inbox::empty)
      .def("cancel", &Inbox::cancel)
      .def("get_or_set",
           [](Inbox& self, py::object future, std::string key, Life ttl, double producer_limit) {
             GetOrSetOptions options{.ttl = verbs::with_ttl(ttl).ttl};
             options.producer_limit =
                 std::chrono::milliseconds(static_cast<std::int64_t>(producer_limit * 1000));
             return self.begin_get_or_set(std::move(future), std::move(key), options);
           })
      .def("resolve",
           [](Inbox& self, std::uint64_t number, py::object future, const py::object& product) {
             self.resolve(number, std::move(future), to_value(product, self.store().integers()));
           })
      .def("refuse", [](Inbox& self, std::uint64_t number, py::object future) {
        self.resolve(number, std::move(future),
                     Error{Errc::cancelled, "the producer raised an exception"});
      });
  Verbs verbs{store, inbox};
  define_entries(verbs);
  define_additions(verbs);
  define_client(verbs);
}

}  // namespace
}  // namespace djcache::python
