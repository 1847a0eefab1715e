// The settings with which djcache is measured: the defaults, except for the serializer, the time
// limits, and the bound on pending bytes, which other clients do not have.
#pragma once

#include <djcache/djcache.h>

#include <chrono>
#include <string>
#include <utility>

#include "driver/workload.h"

namespace djcache::bench {

inline Settings settings_for(const Endpoint& endpoint, Serializer serializer) {
  CacheSettings cache;
  cache.location = {"redis://" + endpoint.host + ":" + std::to_string(endpoint.port)};
  cache.options.serializer = serializer;
  // Counting tools slow a run down a hundredfold; operations must not time out then.
  cache.options.command_limit = std::chrono::seconds(60);
  cache.options.stall_limit = std::chrono::seconds(60);
  cache.options.pending_max_bytes = std::size_t{4} << 30;
  Settings settings;
  settings.caches.emplace("default", std::move(cache));
  return settings;
}

}  // namespace djcache::bench
