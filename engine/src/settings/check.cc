#include "settings/check.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "settings/backend_kind.h"
#include "settings/check_values.h"
#include "settings/server_url.h"
#include "settings/store_settings.h"
#include "settings/where.h"

namespace djcache {
namespace settings {
namespace {

using std::chrono::milliseconds;

struct CountRange {
  std::string_view name;
  std::size_t Options::*field;
  std::size_t min;
  std::size_t max;
};
// The upper ends keep a slip of the pen from looking like a setting.
constexpr CountRange count_ranges[] = {
    {"connections_max", &Options::connections_max, 1, 1024},
    {"leases_max", &Options::leases_max, 1, 10'000},
    {"pending_max", &Options::pending_max, 1, 100'000'000},
    {"pending_max_bytes", &Options::pending_max_bytes, 1, std::size_t{64} << 30},
    {"value_max_bytes", &Options::value_max_bytes, 1, std::size_t{512} << 20},  // redis' own
    {"reply_max_elements", &Options::reply_max_elements, 1, 100'000'000},
    {"value_max_depth", &Options::value_max_depth, 1, 1000},
};

struct Limit {
  std::string_view name;
  milliseconds Options::*field;
};
constexpr Limit limits[] = {
    {"connect_limit", &Options::connect_limit}, {"command_limit", &Options::command_limit},
    {"stall_limit", &Options::stall_limit},     {"backoff_min", &Options::backoff_min},
    {"backoff_max", &Options::backoff_max},
};

Result<void> check_counts(const Where& where, const Options& options) {
  for (const auto& [name, field, min, max] : count_ranges) {
    if (options.*field >= min && options.*field <= max) continue;
    return where.in(name).error("must be " + std::to_string(min) + " to " + std::to_string(max));
  }
  return {};
}

Result<void> check_limits(const Where& where, const Options& options) {
  constexpr milliseconds limit_max = std::chrono::hours(1);
  for (const auto& [name, field] : limits) {
    if (options.*field > milliseconds(0) && options.*field <= limit_max) continue;
    return where.in(name).error("must be from 1 millisecond to 1 hour");
  }
  if (options.backoff_min <= options.backoff_max) return {};
  return where.in("backoff_min").error("must not be above backoff_max");
}

// What CLIENT SETNAME takes.
bool fits_as_client_name(std::string_view name) {
  constexpr std::size_t size_max = 255;
  return name.size() <= size_max &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
}

Result<void> check_options(const Where& where, const Options& options) {
  if (options.db && *options.db < 0) return where.in("db").error("must be 0 or more");
  if (!fits_as_client_name(options.client_name)) {
    return where.in("client_name").error("must be at most 255 visible ASCII characters, no spaces");
  }
  if (auto values = check_values(where, options); !values) return values;
  if (auto counts = check_counts(where, options); !counts) return counts;
  return check_limits(where, options);
}

Result<void> check_servers(const Where& where, const CacheSettings& cache) {
  const auto servers = split_location(cache.location);
  if (servers.empty()) {
    return where.error("expected the URL of a server, such as redis://127.0.0.1:6379/0");
  }
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const std::string which = "server " + std::to_string(i + 1) + ": ";
    const auto url = parse_server_url(servers[i], cache.options);
    if (!url) return where.error(which + url.error().detail);
    if (!transport_available(url->transport)) {
      return where.error(which + "rediss:// (TLS) is not available in this version");
    }
  }
  return {};
}

Result<void> check_store(const Where& where, const CacheSettings& cache) {
  if (cache.location.size() > 1) {
    return where.in("LOCATION").error("of a memory cache is one name: that of its store");
  }
  const Options& options = cache.options;
  if (options.max_entries && *options.max_entries > store_entries_max) {
    return where.in("OPTIONS")
        .in("max_entries")
        .error("must be at most " + std::to_string(store_entries_max));
  }
  if (options.max_bytes && *options.max_bytes < store_bytes_min) {
    return where.in("OPTIONS")
        .in("max_bytes")
        .error("must be " + std::to_string(store_bytes_min) + " or more");
  }
  return {};
}

bool on_memory(const CacheSettings& cache) {
  const auto kind = backend_kind(cache);
  return kind.ok() && *kind == BackendKind::memory;
}

}  // namespace

// Nothing but the first of the caches that share a store could have its way.
Result<void> check_shared_stores(const Settings& settings) {
  std::map<std::string, std::pair<std::string_view, StoreSettings>> stores;
  for (const auto& [alias, cache] : settings.caches) {
    if (!on_memory(cache)) continue;
    const StoreSettings mine = store_settings(cache);
    const auto& [other, theirs] = stores.try_emplace(mine.name, alias, mine).first->second;
    const std::string option = disagreement(theirs, mine);
    if (option.empty()) continue;
    return Where::alias(alias).in("OPTIONS").in(option).error(
        "must be as in " + Where::alias(other).text() +
        ", which has the same LOCATION: they share one store");
  }
  return {};
}

Result<void> check_cache(std::string_view alias, const CacheSettings& cache) {
  const Where where = Where::alias(alias);
  const auto kind = backend_kind(cache);
  if (!kind) return where.in("BACKEND").error(kind.error().detail);
  if (auto options = check_options(where.in("OPTIONS"), cache.options); !options) return options;
  if (!cache.timeout.is_valid()) return where.in("TIMEOUT").error("must be a finite number");
  if (*kind == BackendKind::redis) return check_servers(where.in("LOCATION"), cache);
  if (*kind == BackendKind::memory) return check_store(where, cache);
  return {};
}

}  // namespace settings

Result<void> Settings::check() const {
  if (!caches.empty() && !caches.contains("default")) {
    return settings::Where::alias("default").error("is missing; Django needs this alias, too");
  }
  for (const auto& [alias, cache] : caches) {
    if (auto checked = settings::check_cache(alias, cache); !checked) return checked;
  }
  return settings::check_shared_stores(*this);
}

}  // namespace djcache
