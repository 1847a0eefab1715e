// Alias: what the handles onto one alias of a SyncEngine share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sync/core.h"

namespace djcache::sync {

struct Alias {
  Alias(std::shared_ptr<Core> of, std::string_view called)
      : core(std::move(of)), name(called), limit(core->limit_of(called)) {}

  // The loop's thread.
  Cache& cache(Engine& engine) {
    if (!handle) handle = engine.cache(name);
    return *handle;
  }

  const std::shared_ptr<Core> core;
  const std::string name;
  const milliseconds limit;     // command_limit
  std::optional<Cache> handle;  // the loop's thread alone
};

}  // namespace djcache::sync
