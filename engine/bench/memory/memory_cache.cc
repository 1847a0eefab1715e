#include "memory/memory_cache.h"

namespace djcache::bench {

namespace {

uv_loop_t* opened(uv_loop_t* loop) {
  uv_loop_init(loop);
  return loop;
}

}  // namespace

MemoryCache::MemoryCache(const Options& options)
    : engine_(std::in_place, *opened(&loop_),
              Settings{.caches = {{"default", {.backend = "memory", .options = options}}}}),
      cache_(engine_->cache()) {}

MemoryCache::~MemoryCache() {
  engine_.reset();
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

void MemoryCache::set(std::string_view key, const Value& value) {
  cache_.set(key, value, {.ttl = forever}, nullptr);
  if (++pending_ % 64 == 0) turn();
}

}  // namespace djcache::bench
