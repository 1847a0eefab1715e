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

// JSON can only name a Python function. The one name that is understood is Django's default.
Problem read_key_function(const Json& json, CacheSettings&) {
  if (json.is(Json::Kind::null)) return {};
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  if (json.string == "django.core.cache.backends.base.default_key_func") return {};
  return "names Python code; leave it out here and set CacheSettings::key_function in code";
}

struct SettingSpec {
  std::string_view name;
  Problem (*read)(const Json&, CacheSettings&);
};

constexpr std::array specs = {
    SettingSpec{"BACKEND",
                [](const Json& j, CacheSettings& c) { return read_string(j, c.backend); }},
    SettingSpec{"LOCATION", read_location},
    SettingSpec{"TIMEOUT",
                [](const Json& j, CacheSettings& c) {
                  c.timeout = read_timeout(j);
                  return Problem{};
                }},
    SettingSpec{"KEY_PREFIX",
                [](const Json& j, CacheSettings& c) { return read_string(j, c.key_prefix); }},
    SettingSpec{"VERSION",
                [](const Json& j, CacheSettings& c) { return read_integer(j, c.version); }},
    SettingSpec{"KEY_FUNCTION", read_key_function},
};
constexpr std::array<std::string_view, 7> names = {
    "BACKEND", "LOCATION", "TIMEOUT", "KEY_PREFIX", "VERSION", "KEY_FUNCTION", "OPTIONS"};

Result<void> read_setting(std::string_view name, const Json& json, const Where& where,
                          CacheSettings& cache) {
  if (name == "OPTIONS") return read_options(json, where, cache.options);
  const auto spec = std::find_if(specs.begin(), specs.end(),
                                 [&](const SettingSpec& known) { return known.name == name; });
  if (spec == specs.end()) return where.error("unknown setting" + suggestion(name, names));
  if (Problem problem = spec->read(json, cache); !problem.empty()) return where.error(problem);
  return {};
}

}  // namespace

Result<CacheSettings> read_cache(const Json& json, const Where& where) {
  if (!json.is(Json::Kind::object)) return where.error(expected("an object", json));
  CacheSettings cache;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    auto read = read_setting(name, json.items[i], where.in(name), cache);
    if (!read) return std::move(read).error();
  }
  if (!json.find("BACKEND")) return where.in("BACKEND").error("is missing; expected a string");
  return cache;
}

}  // namespace djcache::settings
