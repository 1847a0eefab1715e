#include "settings/check.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "settings/check_values.h"
#include "settings/store_settings.h"

namespace djcache::settings {
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
  std::optional<milliseconds> (*get)(const Options&);
};
constexpr Limit limits[] = {
    {"connect_limit", [](const Options& o) { return o.connect_limit; }},
    {"command_limit", [](const Options& o) { return o.command_limit; }},
    {"socket_connect_timeout", [](const Options& o) { return o.socket_connect_timeout; }},
    {"socket_timeout", [](const Options& o) { return o.socket_timeout; }},
    {"stall_limit", [](const Options& o) { return std::optional(o.stall_limit); }},
    {"backoff_min", [](const Options& o) { return std::optional(o.backoff_min); }},
    {"backoff_max", [](const Options& o) { return std::optional(o.backoff_max); }},
};

void check_counts(const Where& where, const Options& options, Report& report) {
  for (const auto& [name, field, min, max] : count_ranges) {
    if (options.*field >= min && options.*field <= max) continue;
    report.error(where.in(name), "must be " + std::to_string(min) + " to " + std::to_string(max));
  }
}

void check_limits(const Where& where, const Options& options, Report& report) {
  for (const auto& [name, get] : limits) {
    if (const auto limit = get(options)) report.note(where.in(name), check_limit(*limit));
  }
  if (options.backoff_min <= options.backoff_max) return;
  report.error(where.in("backoff_min"), "must not be above backoff_max");
}

void check_options(const Where& where, const Options& options, Report& report) {
  if (options.db && *options.db < 0) report.error(where.in("db"), "must be 0 or more");
  report.note(where.in("client_name"), check_client_name(options.client_name));
  check_values(where, options, report);
  check_counts(where, options, report);
  check_limits(where, options, report);
}

void check_store(const Where& where, const CacheSettings& cache, Report& report) {
  if (cache.location.size() > 1) {
    report.error(where.in("LOCATION"), "of a memory cache is one name: that of its store");
  }
  const Options& options = cache.options;
  const Where place = where.in("OPTIONS");
  if (options.max_entries && *options.max_entries > store_entries_max) {
    report.error(place.in("max_entries"), "must be at most " + std::to_string(store_entries_max));
  }
  if (options.max_bytes && *options.max_bytes < store_bytes_min) {
    report.error(place.in("max_bytes"), "must be " + std::to_string(store_bytes_min) + " or more");
  }
}

}  // namespace

Problem check_limit(milliseconds limit) {
  constexpr milliseconds limit_max = std::chrono::hours(1);
  if (limit > milliseconds(0) && limit <= limit_max) return {};
  return "must be from 1 millisecond to 1 hour";
}

Problem check_client_name(std::string_view name) {
  constexpr std::size_t size_max = 255;
  const bool fits = name.size() <= size_max && std::all_of(name.begin(), name.end(), [](char c) {
                      return c > ' ' && c < 127;
                    });
  return fits ? Problem() : "must be at most 255 visible ASCII characters, no spaces";
}

void check_cache(const Where& where, BackendKind kind, const CacheSettings& cache, Report& report) {
  if (cache.key_function && !cache.version_text.empty()) {
    report.error(where.in("VERSION"), "must be an integer for a key function");
  }
  check_options(where.in("OPTIONS"), cache.options, report);
  if (!cache.timeout.is_valid()) report.error(where.in("TIMEOUT"), "must be a finite number");
  if (kind == BackendKind::memory) check_store(where, cache, report);
}

}  // namespace djcache::settings
