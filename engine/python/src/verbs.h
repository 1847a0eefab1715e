// The verbs of a store. Each returns a job: called with a SyncCache, the job blocks and returns the
// result; called with a Cache and a callback, it starts the operation. Arguments are copied with
// the GIL held and used without it.
#pragma once

#include <djcache/sync_cache.h>

#include <type_traits>
#include <utility>

#include "objects.h"

namespace djcache::python::verbs {

// Python passes milliseconds, or None for no expiry.
inline WriteOptions with_ttl(std::optional<std::int64_t> milliseconds) {
  return {.ttl = milliseconds ? Ttl(std::chrono::milliseconds(*milliseconds)) : Ttl(forever)};
}

inline auto get(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.get(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto set(std::string key, Value value, std::optional<std::int64_t> ttl) {
  return [key = std::move(key), value = std::move(value), ttl](auto& cache, auto&&... done) {
    return cache.set(key, value, with_ttl(ttl), std::forward<decltype(done)>(done)...);
  };
}
inline auto add(std::string key, Value value, std::optional<std::int64_t> ttl) {
  return [key = std::move(key), value = std::move(value), ttl](auto& cache, auto&&... done) {
    return cache.add(key, value, with_ttl(ttl), std::forward<decltype(done)>(done)...);
  };
}
inline auto replace(std::string key, Value value, std::optional<std::int64_t> ttl) {
  return [key = std::move(key), value = std::move(value), ttl](auto& cache, auto&&... done) {
    return cache.replace(key, value, with_ttl(ttl), std::forward<decltype(done)>(done)...);
  };
}
inline auto touch(std::string key, std::optional<std::int64_t> ttl) {
  return [key = std::move(key), ttl](auto& cache, auto&&... done) {
    return cache.touch(key, with_ttl(ttl), std::forward<decltype(done)>(done)...);
  };
}
inline auto delete_(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.delete_(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto has_key(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.has_key(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}

// Returns a list parallel to that of the keys, with None for missing entries.
struct GetMany {
  std::vector<std::string> keys;  // without duplicates

  template <class Cache, class... Done>
  auto operator()(Cache& cache, Done&&... done) const {
    return cache.get_many(keys, ReadOptions{}, std::forward<Done>(done)...);
  }
  py::object convert(const Found& found) const {
    if (!found.errors().empty()) raise(found.errors().front().second);
    py::list values(keys.size());
    auto next = found.begin();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool is_there = next != found.end() && next->first == keys[i];
      values[i] = is_there ? to_python((next++)->second) : py::object(py::none());
    }
    return values;
  }
};

inline auto set_many(Entries entries, std::optional<std::int64_t> ttl) {
  return [entries = std::move(entries), ttl](auto& cache, auto&&... done) {
    return cache.set_many(entries, with_ttl(ttl), std::forward<decltype(done)>(done)...);
  };
}
inline auto delete_many(std::vector<std::string> keys) {
  return [keys = std::move(keys)](auto& cache, auto&&... done) {
    return cache.delete_many(keys, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto incr(std::string key, std::int64_t delta) {
  return [key = std::move(key), delta](auto& cache, auto&&... done) {
    return cache.incr(key, DeltaOptions{.delta = delta}, std::forward<decltype(done)>(done)...);
  };
}
// Moves an entry from one made key to another; see key_as_made() in store.cc.
inline auto move(const std::string& from, const std::string& to) {
  return [pair = std::to_string(from.size()) + '\n' + from + to](auto& cache, auto&&... done) {
    return cache.incr_version(pair, DeltaOptions{.version = 1},
                              std::forward<decltype(done)>(done)...);
  };
}
inline auto clear() {
  return [](auto& cache, auto&&... done) {
    return cache.clear(ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}

// --- The verbs that django-redis adds.

inline auto ttl(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.ttl(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto pttl(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.pttl(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto pexpire(std::string key, std::int64_t milliseconds) {
  return [key = std::move(key), milliseconds](auto& cache, auto&&... done) {
    return cache.pexpire(key, std::chrono::milliseconds(milliseconds), ReadOptions{},
                         std::forward<decltype(done)>(done)...);
  };
}
inline auto pexpire_at(std::string key, std::int64_t milliseconds) {
  const std::chrono::system_clock::time_point when{std::chrono::milliseconds(milliseconds)};
  return [key = std::move(key), when](auto& cache, auto&&... done) {
    return cache.expire_at(key, when, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto persist(std::string key) {
  return [key = std::move(key)](auto& cache, auto&&... done) {
    return cache.persist(key, ReadOptions{}, std::forward<decltype(done)>(done)...);
  };
}
inline auto keys(std::string pattern, std::size_t page_size) {
  return [pattern = std::move(pattern), page_size](auto& cache, auto&&... done) {
    return cache.keys(pattern, PatternOptions{.page_size = page_size},
                      std::forward<decltype(done)>(done)...);
  };
}
inline auto delete_pattern(std::string pattern, std::size_t page_size) {
  return [pattern = std::move(pattern), page_size](auto& cache, auto&&... done) {
    return cache.delete_pattern(pattern, PatternOptions{.page_size = page_size},
                                std::forward<decltype(done)>(done)...);
  };
}

// --- The raw client.

inline auto& client_of(const SyncCache& cache) { return cache; }
inline Client client_of(Cache& cache) { return cache.client({}); }

inline auto command(std::vector<std::string> words, CommandOptions options) {
  return [words = std::move(words), options](auto& cache, auto&&... done) {
    return client_of(cache).command(words, options, std::forward<decltype(done)>(done)...);
  };
}
inline auto pipeline(Pipeline commands, CommandOptions options) {
  return [commands = std::move(commands), options](auto& cache, auto&&... done) {
    return client_of(cache).run(commands, options, std::forward<decltype(done)>(done)...);
  };
}
inline auto transaction(Pipeline commands, CommandOptions options) {
  return [commands = std::move(commands), options](auto& cache, auto&&... done) {
    return client_of(cache).transaction(commands, options, std::forward<decltype(done)>(done)...);
  };
}
inline auto disconnect(DisconnectOptions options) {
  return [options](auto& cache, auto&&... done) {
    return cache.disconnect(options, std::forward<decltype(done)>(done)...);
  };
}

}  // namespace djcache::python::verbs
