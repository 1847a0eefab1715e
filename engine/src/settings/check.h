// Whether settings can be worked with: what a type cannot say. Pure: nothing is connected to.
#pragma once

#include <string_view>

#include <djcache/result.h>
#include <djcache/settings.h>

namespace djcache::settings {

// One alias: its backend is known and available, its servers parse, its options are in range.
// Errors: invalid_settings naming alias, key and what was expected, never a value.
Result<void> check_cache(std::string_view alias, const CacheSettings& cache);

// Caches with one LOCATION on memory share a store, and must agree in what is the store's.
Result<void> check_shared_stores(const Settings& settings);

}  // namespace djcache::settings
