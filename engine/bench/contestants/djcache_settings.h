// The settings under which djcache is measured: its defaults, but for limits in time, and of bytes
// pending, which its peers do not bound.
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
  // Tools that count slow a run down a hundredfold; a limit that ended operations would spoil it.
  cache.options.command_limit = std::chrono::seconds(60);
  cache.options.stall_limit = std::chrono::seconds(60);
  cache.options.pending_max_bytes = std::size_t{4} << 30;
  Settings settings;
  settings.caches.emplace("default", std::move(cache));
  return settings;
}

}  // namespace djcache::bench
