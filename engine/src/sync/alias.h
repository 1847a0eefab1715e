// Alias: what the handles onto one alias of a SyncEngine share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sync/core.h"

namespace djcache::sync {

struct Alias {
  Alias(std::shared_ptr<Core> of, std::string_view called)
      : core(std::move(of)), name(called), limit(core->limit_of(called)) {}

  // On the driving thread only.
  Cache& cache(Engine& engine) {
    if (!handle) handle = engine.cache(name);
    return *handle;
  }

  const std::shared_ptr<Core> core;
  const std::string name;
  const milliseconds limit;     // command_limit
  std::optional<Cache> handle;  // for the driving thread only
};

// A verb of a cache or a lock, as call() begins it: ON_LOOP(get(key, options, DONE)).
#define ON_LOOP(verb) [&](auto& handle, [[maybe_unused]] auto done) { handle.verb; }
#define DONE std::move(done)

// Runs `verb(cache, done)` on the loop. It may use objects on the caller's stack: the arguments.
template <class T, class Verb>
Result<T> call(Alias& alias, std::optional<milliseconds> limit, Verb verb) {
  return alias.core->call<Result<T>>(limit.value_or(alias.limit), [&](Engine& engine, auto settle) {
    verb(alias.cache(engine), std::move(settle));
  });
}

}  // namespace djcache::sync
