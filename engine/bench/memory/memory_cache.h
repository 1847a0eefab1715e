// MemoryCache: a loop, an engine and a cache on memory, for the parts of the memory bench. Uses the
// public API alone.
#pragma once

#include <djcache/djcache.h>
#include <uv.h>

#include <optional>
#include <string>
#include <string_view>

namespace djcache::bench {

class MemoryCache {
 public:
  explicit MemoryCache(const Options& options);
  ~MemoryCache();
  MemoryCache(const MemoryCache&) = delete;
  MemoryCache& operator=(const MemoryCache&) = delete;

  Cache& cache() { return cache_; }
  // Stores without a callback. Takes a turn of the loop every 64 calls, so that the memory of
  // pending operations is reused.
  void set(std::string_view key, const Value& value);
  void turn() { uv_run(&loop_, UV_RUN_NOWAIT); }

 private:
  uv_loop_t loop_;
  std::optional<Engine> engine_;
  Cache cache_;
  int pending_ = 0;
};

}  // namespace djcache::bench
