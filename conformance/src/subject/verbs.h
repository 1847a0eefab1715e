// The one list of callable methods: each method that has an end, as a call of a cache. Callback,
// blocking and coroutine caches take the same arguments in the same order, followed by the
// callback, so the list is written once; a flavour that lacks a method does not compile.
#ifndef DJCACHE_CONFORMANCE_SUBJECT_VERBS_H_
#define DJCACHE_CONFORMANCE_SUBJECT_VERBS_H_

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <djcache/lock.h>

#include "src/subject/subject.h"

namespace djcache::conformance {

inline ReadOptions read_options(const Call& call) {
  return {.version = call.version, .limit = call.limit};
}
inline WriteOptions write_options(const Call& call) {
  return {.ttl = call.ttl, .version = call.version, .limit = call.limit};
}
inline DeltaOptions delta_options(const Call& call) {
  return {.delta = call.delta, .version = call.version, .limit = call.limit};
}
inline GetOrSetOptions get_or_set_options(const Call& call) {
  return {.ttl = call.ttl, .version = call.version, .limit = call.limit};
}
inline PatternOptions pattern_options(const Call& call) {
  return {.version = call.version, .limit = call.limit, .page_size = call.page_size};
}
inline LockOptions lock_options(const Call& call) {
  return {.ttl = call.ttl.omitted() ? Ttl(forever) : call.ttl,
          .version = call.version,
          .limit = call.limit};
}
inline AcquireOptions acquire_options(const Call& call) {
  return {.blocking = call.wait.count() > 0, .blocking_limit = call.wait};
}
inline std::chrono::system_clock::time_point at_second(std::int64_t second) {
  return std::chrono::system_clock::time_point(std::chrono::seconds(second));
}
inline Cache::EachKeys collect(const Call& call) {
  call.collected->clear();
  return [into = call.collected](std::vector<std::string>& keys) {
    into->insert(into->end(), keys.begin(), keys.end());
    return true;
  };
}

// Makes the call. A flavour has
//   run(verb)         calls verb(cache, call, done...) and returns an object for its end;
//   run_on_lock(verb) the same with the lock of the call's name and owner, created on first use;
//   producer(spec)    the producer for get_or_set.
// REQUIRES: not close or make_key, which have no end.
template <class Flavour>
auto make_call(const Call& call, Flavour&& flavour) {
  const auto run = [&](auto verb) { return flavour.run(std::move(verb)); };
  const auto run_on_lock = [&](auto verb) { return flavour.run_on_lock(std::move(verb)); };
#define VERB(runs, method, ...)                                                                  \
  case Method::method:                                                                           \
    return runs([](auto& cache, [[maybe_unused]] const Call& a, [[maybe_unused]] auto... done) { \
      return cache.method(__VA_ARGS__ __VA_OPT__(, ) std::move(done)...);                        \
    })
  if (call.method == Method::get_or_set && call.producer) {
    return run([&flavour](auto& cache, const Call& a, auto... done) {
      return cache.get_or_set(a.key, flavour.producer(*a.producer), get_or_set_options(a),
                              std::move(done)...);
    });
  }
  switch (call.method) {
    VERB(run, get, a.key, read_options(a));
    VERB(run, set, a.key, a.value, write_options(a));
    VERB(run, add, a.key, a.value, write_options(a));
    VERB(run, replace, a.key, a.value, write_options(a));
    VERB(run, touch, a.key, write_options(a));
    VERB(run, delete_, a.key, read_options(a));
    VERB(run, get_many, a.keys, read_options(a));
    VERB(run, set_many, a.entries, write_options(a));
    VERB(run, delete_many, a.keys, read_options(a));
    VERB(run, incr, a.key, delta_options(a));
    VERB(run, decr, a.key, delta_options(a));
    VERB(run, incr_version, a.key, delta_options(a));
    VERB(run, decr_version, a.key, delta_options(a));
    VERB(run, clear, read_options(a));
    VERB(run, ttl, a.key, read_options(a));
    VERB(run, pttl, a.key, read_options(a));
    VERB(run, expire, a.key, std::chrono::seconds(a.delta), read_options(a));
    VERB(run, pexpire, a.key, std::chrono::milliseconds(a.delta), read_options(a));
    VERB(run, expire_at, a.key, at_second(a.delta), read_options(a));
    VERB(run, persist, a.key, read_options(a));
    VERB(run, keys, a.key, pattern_options(a));
    VERB(run, iter_keys, a.key, pattern_options(a), collect(a));
    VERB(run, delete_pattern, a.key, pattern_options(a));
    VERB(run_on_lock, acquire, acquire_options(a));
    VERB(run_on_lock, release);
    VERB(run_on_lock, extend, a.wait);
    VERB(run_on_lock, reacquire);
    VERB(run_on_lock, owned);
    VERB(run_on_lock, locked);
    VERB(run, get_or_set, a.key, a.value, get_or_set_options(a));
    case Method::contains:
      VERB(run, has_key, a.key, read_options(a));
    case Method::close:
    case Method::make_key:
      break;
  }
#undef VERB
  std::abort();
}

// The locks of a subject: one per alias, name and owner.
template <class Lock>
class Locks {
 public:
  template <class Cache>
  Lock& of(const Call& call, const Cache& cache) {
    const auto id = std::make_tuple(call.on, call.key, call.owner);
    if (const auto known = all_.find(id); known != all_.end()) return known->second;
    return all_.emplace(id, cache.lock(call.key, lock_options(call))).first->second;
  }
  void clear() { all_.clear(); }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, Lock> all_;
};

// --- The outcome of a call, in the terms of a case.

struct Ending {
  Pending::State state = Pending::State::value;
  Value value{};
  Error error{};
};

inline Value value_of(const Call&, const Result<void>&) { return nullptr; }
inline Value value_of(const Call&, Result<std::vector<std::string>> keys) {
  std::sort(keys->begin(), keys->end());
  return Value::list({keys->begin(), keys->end()});
}
inline Value value_of(const Call&, Result<Found> found) {
  Value::Items items;
  for (auto& [key, value] : *found) items.emplace_back(key, std::move(value));
  return Value::dict(std::move(items));
}
inline Value value_of(const Call& call, const Result<std::int64_t>& count) {
  if (call.method != Method::iter_keys) return *count;
  std::vector<std::string>& keys = *call.collected;  // SCAN may return a key twice
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return Value::list({keys.begin(), keys.end()});
}
template <class Rep, class Period>
Value value_of(const Call&, const Result<std::optional<std::chrono::duration<Rep, Period>>>& life) {
  return life->has_value() ? Value(static_cast<std::int64_t>((*life)->count())) : Value(nullptr);
}
template <class T>
Value value_of(const Call&, Result<T> result) {
  return Value(*std::move(result));
}

template <class T>
Ending ending_of(const Call& call, Result<T> result) {
  if (!result.ok()) {
    const bool closed = result.error().code == Errc::closed;
    return {closed ? Pending::State::dropped : Pending::State::error, {}, result.error()};
  }
  if constexpr (std::is_same_v<T, Found>) {
    if (!result->errors().empty()) {
      return {Pending::State::error, {}, result->errors()[0].second};
    }
  }
  if constexpr (std::is_same_v<T, std::optional<Value>>) {
    if (result->has_value()) return {.value = **std::move(result)};
    if (call.fallback) return {.value = *call.fallback};
    return {.state = Pending::State::miss};
  } else {
    return {.value = value_of(call, std::move(result))};
  }
}

inline void settle_with(Settle& settle, Ending ending) {
  switch (ending.state) {
    case Pending::State::value:
      return settle.value(std::move(ending.value));
    case Pending::State::miss:
      return settle.miss();
    case Pending::State::error:
      return settle.error(std::move(ending.error));
    case Pending::State::dropped:  // `settle` reports it when it is destroyed
    case Pending::State::waiting:
      return;
  }
}

}  // namespace djcache::conformance

#endif  // DJCACHE_CONFORMANCE_SUBJECT_VERBS_H_
