#include "settings/read_cache.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "settings/closest_name.h"
#include "settings/read_options.h"
#include "settings/read_value.h"

namespace djcache::settings {
namespace {

Problem read_location(const Json& json, CacheSettings& cache) {
  if (json.is(Json::Kind::null)) return {};
  if (json.is(Json::Kind::string)) {
    cache.location = {json.string};
    return {};
  }
  if (!json.is(Json::Kind::array)) return expected("a string or a list of strings", json);
  for (const Json& item : json.items) {
    if (!item.is(Json::Kind::string)) {
      return "expected a list of strings, got " + std::string(kind_name(item.kind)) + " in it";
    }
    cache.location.push_back(item.string);
  }
  return {};
}

// JSON can only name a Python function: Django's default, or one that the program has in C++, too.
Problem read_key_function(const Json& json, const NamedCode& code, CacheSettings& cache) {
  if (json.is(Json::Kind::null)) return {};
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  if (json.string == "django.core.cache.backends.base.default_key_func") return {};
  if (const auto named = code.key_functions.find(json.string); named != code.key_functions.end()) {
    cache.key_function = named->second;
    return {};
  }
  return "names Python code; give the same in C++ as Settings::ReadOptions::key_functions or "
         "CacheSettings::key_function";
}

Problem read_backend(const Json& json, const NamedCode& code, CacheSettings& cache) {
  Problem problem = read_string(json, cache.backend);
  const auto named = code.backends.find(cache.backend);
  if (problem.empty() && named != code.backends.end()) cache.backend = named->second;
  return problem;
}

struct SettingSpec {
  std::string_view name;
  Problem (*read)(const Json&, const NamedCode&, CacheSettings&);
};

constexpr std::array specs = {
    SettingSpec{"BACKEND", read_backend},
    SettingSpec{"LOCATION", [](const Json& j, const NamedCode&,
                               CacheSettings& c) { return read_location(j, c); }},
    SettingSpec{"TIMEOUT",
                [](const Json& j, const NamedCode&, CacheSettings& c) {
                  c.timeout = read_timeout(j);
                  return Problem{};
                }},
    SettingSpec{"KEY_PREFIX", [](const Json& j, const NamedCode&,
                                 CacheSettings& c) { return read_string(j, c.key_prefix); }},
    SettingSpec{"VERSION", [](const Json& j, const NamedCode&,
                              CacheSettings& c) { return read_version(j, c); }},
    SettingSpec{"KEY_FUNCTION", read_key_function},
};
constexpr std::array<std::string_view, 7> names = {
    "BACKEND", "LOCATION", "TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "OPTIONS"};

void read_setting(std::string_view name, const Json& json, const Where& where,
                  const NamedCode& code, CacheSettings& cache, Report& report) {
  const auto spec = std::find_if(specs.begin(), specs.end(),
                                 [&](const SettingSpec& known) { return known.name == name; });
  if (spec == specs.end()) return report.error(where, "unknown setting" + suggestion(name, names));
  report.note(where, spec->read(json, code, cache));
}

}  // namespace

CacheSettings read_cache(const Json& json, std::string_view alias, const NamedCode& code) {
  CacheSettings cache;
  const Where where = Where::alias(alias);
  Report report{std::string(alias), cache.findings};
  if (!json.is(Json::Kind::object)) return report.error(where, expected("an object", json)), cache;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    if (name == "OPTIONS") continue;
    read_setting(name, json.items[i], where.in(name), code, cache, report);
  }
  if (!json.find("BACKEND")) report.error(where.in("BACKEND"), "is missing; expected a string");
  const Json* const options = json.find("OPTIONS");
  if (options == nullptr) return cache;
  // What a backend that djcache does not know makes of them is its own affair.
  std::vector<SettingsFinding> passed_over;
  const bool known = cache.backend.empty() || backend_kind(cache.backend).ok();
  Report of_options{std::string(alias), known ? cache.findings : passed_over};
  read_options(*options, where.in("OPTIONS"), option_rules(cache.backend), code, cache.options,
               of_options);
  return cache;
}

}  // namespace djcache::settings
