#include "costs/costs.h"

#include <djcache/coro.h>

#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>

#include "growth/growth.h"
#include "measure/allocations.h"

namespace djcache::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kOperations = 6'400;
constexpr std::uint64_t kInFlight = 32;
constexpr std::uint64_t kKeys = 100;

// As in djcache_bench: a made key of 19 bytes, a value of 32.
std::string key_of(std::uint64_t i) {
  const std::string digits = std::to_string(i % kKeys);
  return "key:" + std::string(12 - digits.size(), '0') + digits;
}

const std::vector<std::string>& keys() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> made;
    for (std::uint64_t i = 0; i < kKeys; ++i) made.push_back(key_of(i));
    return made;
  }();
  return all;
}

Value value_for(Serializer serializer) {
  const std::string text(32, 'v');
  return serializer == Serializer::raw ? Value::bytes(text) : Value(text);
}

Cache start(Growth& growth, Serializer serializer) {
  CacheSettings alias = growth.alias();
  alias.options.serializer = serializer;
  Settings settings;
  settings.caches.emplace("default", std::move(alias));
  return growth.start(std::move(settings)).cache();
}

Cache start_memory(Growth& growth) {
  CacheSettings alias;
  alias.backend = "django.core.cache.backends.locmem.LocMemCache";
  Settings settings;
  settings.caches.emplace("default", std::move(alias));
  return growth.start(std::move(settings)).cache();
}

void store_all(Growth& growth, Cache cache, const Value& value) {
  std::uint64_t open = keys().size();
  for (const std::string& key : keys()) {
    cache.set(key, value, [&](Result<void> result) {
      --open;
      if (!result.ok()) growth.fail(to_string(result.error()));
    });
  }
  growth.run_until([&] { return open == 0; });
}

// Runs twice and counts the second run.
template <class Run>
Counted counted(Growth& growth, std::uint64_t operations, Run run) {
  run();
  const std::uint64_t before = allocation_count().value_or(0);
  growth.count_together(operations, run);
  return {growth.failed() ? 0 : operations, allocation_count().value_or(0) - before};
}

// Each callback issues the next operation, so that `in_flight` are in flight all the time.
template <class Issue>
class Loop {
 public:
  Loop(Growth& growth, std::uint64_t in_flight, Issue issue)
      : growth_(growth), in_flight_(in_flight), issue_(std::move(issue)) {}
  void run() {
    left_ = kOperations;
    for (std::uint64_t i = 0; i < in_flight_; ++i) next();
    growth_.run_until([this] { return open_ == 0; });
  }
  template <class Told>
  void ended(const Told& result) {
    if (!result.ok()) growth_.fail(to_string(result.error()));
    --open_;
    next();
  }

 private:
  void next() {
    if (left_ == 0) return;
    --left_;
    ++open_;
    issue_(*this, keys()[left_ % kKeys]);
  }

  Growth& growth_;
  std::uint64_t in_flight_;
  Issue issue_;
  std::uint64_t left_ = 0;
  std::uint64_t open_ = 0;
};

template <class Issue>
Counted in_flight(Growth& growth, std::uint64_t count, Issue issue) {
  Loop<Issue> loop(growth, count, std::move(issue));
  return counted(growth, kOperations, [&] { loop.run(); });
}

template <Serializer serializer, std::uint64_t count>
Counted get(Growth& growth) {
  Cache cache = start(growth, serializer);
  store_all(growth, cache, value_for(serializer));
  return in_flight(growth, count, [cache](auto& loop, const std::string& key) {
    cache.get(key, [&loop](Result<std::optional<Value>> result) { loop.ended(result); });
  });
}

template <Serializer serializer, std::uint64_t count>
Counted set(Growth& growth) {
  Cache cache = start(growth, serializer);
  store_all(growth, cache, value_for(serializer));
  return in_flight(
      growth, count, [cache, value = value_for(serializer)](auto& loop, const std::string& key) {
        cache.set(key, value, {.ttl = 300s}, [&loop](Result<void> result) { loop.ended(result); });
      });
}

// --- Coroutines.

struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};

// Awaits operations until none is left.
template <class Await>
Task work(Growth& growth, std::uint64_t& left, std::uint64_t& open, Await await) {
  while (left > 0) {
    --left;
    const auto result = co_await await(keys()[left % kKeys]);
    if (!result.ok()) growth.fail(to_string(result.error()));
  }
  --open;
}

template <class Await>
Counted awaited(Growth& growth, Await await) {
  return counted(growth, kOperations, [&] {
    std::uint64_t left = kOperations, open = kInFlight;
    std::vector<Task> tasks;
    for (std::uint64_t i = 0; i < kInFlight; ++i) {
      tasks.push_back(work(growth, left, open, await));
    }
    growth.run_until([&] { return open == 0; });
    for (Task& task : tasks) task.handle.destroy();
  });
}

Counted awaited_get(Growth& growth) {
  const coro::Cache cache(start(growth, Serializer::pickle));
  store_all(growth, cache.callbacks(), value_for(Serializer::pickle));
  return awaited(growth, [&cache](const std::string& key) { return cache.get(key); });
}

Counted awaited_set(Growth& growth) {
  const coro::Cache cache(start(growth, Serializer::pickle));
  const Value value = value_for(Serializer::pickle);
  store_all(growth, cache.callbacks(), value);
  return awaited(growth,
                 [&](const std::string& key) { return cache.set(key, value, {.ttl = 300s}); });
}

// --- Many keys. Each key counts as an operation.

Entries entries_of(std::uint64_t count) {
  Entries entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    entries.emplace_back("many:" + std::to_string(100'000 + i), Value(std::string(32, 'v')));
  }
  return entries;
}

template <class Call>
Counted calls(Growth& growth, std::uint64_t keys_each, Call call) {
  const std::uint64_t rounds = 10'000 / keys_each;
  return counted(growth, rounds * keys_each, [&] {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      bool come = false;
      call([&](const auto& result) {
        come = true;
        if (!result.ok()) growth.fail(to_string(result.error()));
      });
      growth.run_until([&] { return come; });
    }
  });
}

template <std::uint64_t count>
Counted set_many(Growth& growth) {
  Cache cache = start(growth, Serializer::pickle);
  const Entries entries = entries_of(count);
  return calls(growth, count, [&](auto told) {
    cache.set_many(entries, {.ttl = 300s},
                   [told](Result<std::vector<std::string>> result) { told(result); });
  });
}

template <std::uint64_t count>
Counted get_many(Growth& growth) {
  Cache cache = start(growth, Serializer::pickle);
  const Entries entries = entries_of(count);
  std::vector<std::string> names;
  for (const auto& [key, value] : entries) names.push_back(key);
  bool stored = false;
  cache.set_many(entries, [&](Result<std::vector<std::string>>) { stored = true; });
  growth.run_until([&] { return stored; });
  return calls(growth, count, [&](auto told) {
    cache.get_many(names, [told, &growth](Result<Found> result) {
      if (result.ok() && result->size() != count) growth.fail("some keys were not found");
      told(result);
    });
  });
}

// --- In this process.

Counted peek(Growth& growth) {
  Cache cache = start_memory(growth);
  store_all(growth, cache, value_for(Serializer::pickle));
  return counted(growth, kOperations, [&] {
    for (std::uint64_t i = 0; i < kOperations; ++i) {
      if (!cache.peek(keys()[i % kKeys]).ok()) growth.fail("a peek failed");
    }
  });
}

Counted memory_get(Growth& growth) {
  Cache cache = start_memory(growth);
  store_all(growth, cache, value_for(Serializer::pickle));
  return in_flight(growth, kInFlight, [cache](auto& loop, const std::string& key) {
    cache.get(key, [&loop](Result<std::optional<Value>> result) { loop.ended(result); });
  });
}

}  // namespace

const std::vector<Cost>& costs() {
  static const std::vector<Cost> all{
      {"get, pickle", 1'500, 0, get<Serializer::pickle, kInFlight>},
      {"set, pickle", 1'500, 0, set<Serializer::pickle, kInFlight>},
      {"get, msgpack", 1'500, 0, get<Serializer::msgpack, kInFlight>},
      {"set, msgpack", 1'500, 0, set<Serializer::msgpack, kInFlight>},
      {"get, raw", 1'450, 0, get<Serializer::raw, kInFlight>},
      {"set, raw", 1'450, 0, set<Serializer::raw, kInFlight>},
      {"get, pickle, awaited", 1'600, 0.01, awaited_get},
      {"set, pickle, awaited", 1'600, 0.01, awaited_set},
      {"get, pickle, alone", 4'200, 0, get<Serializer::pickle, 1>},
      {"set, pickle, alone", 4'200, 0, set<Serializer::pickle, 1>},
      {"a key of get_many of 100", 1'000, 0.1, get_many<100>},
      {"a key of get_many of 1,000", 1'000, 0.1, get_many<1'000>},
      {"a key of set_many of 100", 1'000, 0.1, set_many<100>},
      {"a key of set_many of 1,000", 1'000, 0.1, set_many<1'000>},
      {"peek, memory", 700, 0, peek},
      {"get, memory", 1'400, 0, memory_get},
  };
  return all;
}

Counted measure_cost(const Cost& cost, const std::string& server) {
  Growth growth(server);
  return cost.measure(growth);
}

}  // namespace djcache::bench
