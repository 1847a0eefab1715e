#include "settings/check.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "settings/check_values.h"
#include "settings/option_table.h"

namespace djcache::settings {
namespace {

void check_options(const Where& where, BackendKind kind, const Options& options, Report& report) {
  for (const Option& option : option_table()) {
    if (option.of_memory && kind != BackendKind::memory) continue;
    report.note(where.in(option.name), range_problem(option, options));
  }
  report.note(where.in("client_name"), check_client_name(options.client_name));
  check_values(where, options, report);
  if (options.backoff_min <= options.backoff_max) return;
  report.error(where.in("backoff_min"), "must not be above backoff_max");
}

}  // namespace

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
  check_options(where.in("OPTIONS"), kind, cache.options, report);
  if (!cache.timeout.is_valid()) report.error(where.in("TIMEOUT"), "must be a finite number");
  if (kind == BackendKind::memory && cache.location.size() > 1) {
    report.error(where.in("LOCATION"), "of a memory cache is one name: that of its store");
  }
}

}  // namespace djcache::settings
