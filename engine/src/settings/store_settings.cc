#include "settings/store_settings.h"

namespace djcache::settings {

StoreSettings store_settings(const CacheSettings& cache) {
  const Options& options = cache.options;
  StoreSettings store;
  if (!cache.location.empty()) store.name = cache.location.front();
  const bool bounded = options.max_bytes.has_value();
  store.policy = options.policy.value_or(bounded ? EvictionPolicy::s3_fifo : EvictionPolicy::cull);
  store.max_entries = options.max_entries.value_or(bounded ? store_entries_max : 300);
  store.cull_frequency = options.cull_frequency;
  store.max_bytes = options.max_bytes.value_or(0);
  return store;
}

// With `cull`, each alias uses its own MAX_ENTRIES and CULL_FREQUENCY, as in Django.
std::string disagreement(const StoreSettings& a, const StoreSettings& b) {
  if (a.policy != b.policy) return "policy";
  if (a.max_bytes != b.max_bytes) return "max_bytes";
  if (a.policy != EvictionPolicy::cull && a.max_entries != b.max_entries) return "max_entries";
  return {};
}

}  // namespace djcache::settings
