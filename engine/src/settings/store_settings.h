// The settings of a memory cache's store, with defaults filled in. Pure.
#pragma once

#include <cstddef>
#include <string>

#include <djcache/settings.h>

namespace djcache::settings {

struct StoreSettings {
  std::string name;  // LOCATION
  EvictionPolicy policy = EvictionPolicy::cull;
  std::size_t max_entries = 300;
  std::size_t cull_frequency = 3;
  std::size_t max_bytes = 0;  // 0: unbounded
};

inline constexpr std::size_t store_entries_max = (std::size_t{1} << 27) - 2;
inline constexpr std::size_t store_bytes_min = std::size_t{64} << 10;

StoreSettings store_settings(const CacheSettings& cache);

// The name of an option in which two caches of one store must agree but differ; "" if there is
// none.
std::string disagreement(const StoreSettings& a, const StoreSettings& b);

}  // namespace djcache::settings
