// Store: an engine with one alias, shared by all cache objects of this process with the same
// servers and options.
#pragma once

#include <djcache/sync_cache.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "objects.h"

namespace djcache::python {

// Returns warnings about CACHES with one alias. Raises an exception if it is invalid.
std::vector<std::string> check(const std::string& caches);

class Store {
 public:
  // `caches`: CACHES in JSON, with the one alias "default". Raises an exception if it is invalid.
  explicit Store(const std::string& caches);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const SyncCache& cache() const { return cache_; }
  const SyncEngine& engine() const { return engine_; }
  Integers integers() const { return integers_; }
  // On the thread that drives the engine's loop.
  Cache& cache_on_loop(Engine& engine) {
    if (!on_loop_) on_loop_ = engine.cache();
    return *on_loop_;
  }
  // Stops the engine and waits for its thread to end, without holding the GIL.
  void stop();

 private:
  explicit Store(Settings settings);

  Integers integers_;
  SyncEngine engine_;
  SyncCache cache_;
  std::optional<Cache> on_loop_;
};

}  // namespace djcache::python
