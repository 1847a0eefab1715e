// The callback API: each method of Django as the call of Cache that stands for it.
#include "src/subject/call_options.h"
#include "src/subject/loop_subject.h"

namespace djcache::conformance {
namespace {

Callback<void> done_with_nothing(Settle settle) {
  return [settle = std::move(settle)](Result<void> r) mutable {
    r.ok() ? settle.value(nullptr) : settle.error(r.error());
  };
}

template <class T>
Callback<T> done_with(Settle settle) {
  return [settle = std::move(settle)](Result<T> r) mutable {
    r.ok() ? settle.value(Value(*std::move(r))) : settle.error(r.error());
  };
}

Ticket get(Cache& cache, const Call& call, Settle settle) {
  return cache.get(call.key, read_options(call),
                   [settle = std::move(settle),
                    fallback = call.fallback](Result<std::optional<Value>> r) mutable {
                     if (!r.ok()) return settle.error(r.error());
                     if (r->has_value()) return settle.value(**std::move(r));
                     if (fallback) return settle.value(*std::move(fallback));
                     settle.miss();
                   });
}

Ticket get_many(Cache& cache, const Call& call, Settle settle) {
  return cache.get_many(call.keys, read_options(call),
                        [settle = std::move(settle)](Result<Found> r) mutable {
                          if (!r.ok()) return settle.error(r.error());
                          if (!r->errors().empty()) return settle.error(r->errors()[0].second);
                          Value::Items items;
                          for (auto& [key, value] : *r) items.emplace_back(key, std::move(value));
                          settle.value(Value::dict(std::move(items)));
                        });
}

Ticket set_many(Cache& cache, const Call& call, Settle settle) {
  return cache.set_many(call.entries, write_options(call),
                        [settle = std::move(settle)](Result<std::vector<std::string>> r) mutable {
                          if (!r.ok()) return settle.error(r.error());
                          settle.value(Value::list({r->begin(), r->end()}));
                        });
}

Ticket get_or_set(LoopSubject& subject, Cache& cache, const Call& call, Settle settle) {
  GetOrSetOptions options{.ttl = call.ttl, .version = call.version, .limit = call.limit};
  auto done = done_with<Value>(std::move(settle));
  if (!call.producer) return cache.get_or_set(call.key, call.value, options, std::move(done));
  AsyncProducer producer = [&subject, spec = *call.producer](Resolve resolve) {
    subject.produce(spec, std::move(resolve));
  };
  return cache.get_or_set(call.key, std::move(producer), options, std::move(done));
}

}  // namespace

Ticket begin_with_callback(LoopSubject& subject, Cache& cache, const Call& call, Settle settle) {
  switch (call.method) {
    case Method::get:
      return get(cache, call, std::move(settle));
    case Method::set:
      return cache.set(call.key, call.value, write_options(call),
                       done_with_nothing(std::move(settle)));
    case Method::add:
      return cache.add(call.key, call.value, write_options(call),
                       done_with<bool>(std::move(settle)));
    case Method::touch:
      return cache.touch(call.key, write_options(call), done_with<bool>(std::move(settle)));
    case Method::delete_:
      return cache.delete_(call.key, read_options(call), done_with<bool>(std::move(settle)));
    case Method::has_key:
    case Method::contains:
      return cache.has_key(call.key, read_options(call), done_with<bool>(std::move(settle)));
    case Method::get_many:
      return get_many(cache, call, std::move(settle));
    case Method::set_many:
      return set_many(cache, call, std::move(settle));
    case Method::delete_many:
      return cache.delete_many(call.keys, read_options(call), done_with_nothing(std::move(settle)));
    case Method::incr:
      return cache.incr(call.key, delta_options(call), done_with<std::int64_t>(std::move(settle)));
    case Method::decr:
      return cache.decr(call.key, delta_options(call), done_with<std::int64_t>(std::move(settle)));
    case Method::incr_version:
      return cache.incr_version(call.key, delta_options(call),
                                done_with<std::int64_t>(std::move(settle)));
    case Method::decr_version:
      return cache.decr_version(call.key, delta_options(call),
                                done_with<std::int64_t>(std::move(settle)));
    case Method::get_or_set:
      return get_or_set(subject, cache, call, std::move(settle));
    case Method::clear:
      return cache.clear(read_options(call), done_with<bool>(std::move(settle)));
    case Method::close:
    case Method::make_key:
      break;
  }
  return {};
}

}  // namespace djcache::conformance
