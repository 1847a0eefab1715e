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

// A backend that does not split LOCATION in Python does not split it here.
std::string kept_whole(std::string_view text, std::string_view separators) {
  std::string encoded;
  for (const char c : text) {
    if (separators.find(c) == std::string_view::npos) {
      encoded += c;
    } else {
      encoded += c == ',' ? "%2C" : "%3B";
    }
  }
  return encoded;
}

Problem read_location(const Json& json, CacheSettings& cache) {
  if (json.is(Json::Kind::null)) return {};
  // Django splits a string at ';' and ',', django-redis at ',', and neither splits in a list.
  const OptionRules rules = option_rules(cache.backend);
  if (json.is(Json::Kind::string)) {
    const bool commas_alone = rules == OptionRules::django_redis;
    if (commas_alone && json.string.find(";redis") != std::string::npos) {
      return "django-redis splits at ',' alone; write several servers as a list";
    }
    cache.location = {kept_whole(json.string, commas_alone ? ";" : "")};
    return {};
  }
  if (!json.is(Json::Kind::array)) return expected("a string or a list of strings", json);
  Problem problem = read_strings(json, cache.location);
  if (rules == OptionRules::all) return problem;
  for (std::string& server : cache.location) server = kept_whole(server, ";,");
  return problem;
}

Problem read_key_prefix(const Json& json, CacheSettings& cache) {
  if (!json.is(Json::Kind::null)) return read_string(json, cache.key_prefix);
  cache.key_prefix = "None";  // the text that Python's % formatting gives
  return {};
}

// JSON can only name a Python function: Django's default, or one registered in C++ as well.
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
    SettingSpec{"LOCATION", [](const Json& j, const NamedCode&,
                               CacheSettings& c) { return read_location(j, c); }},
    SettingSpec{"TIMEOUT",
                [](const Json& j, const NamedCode&, CacheSettings& c) {
                  c.timeout = read_timeout(j);
                  return Problem{};
                }},
    SettingSpec{"KEY_PREFIX", [](const Json& j, const NamedCode&,
                                 CacheSettings& c) { return read_key_prefix(j, c); }},
    SettingSpec{"VERSION", [](const Json& j, const NamedCode&,
                              CacheSettings& c) { return read_version(j, c); }},
    SettingSpec{"KEY_FUNCTION", read_key_function},
    // django-redis' inverse of KEY_FUNCTION, which only listing keys needs.
    SettingSpec{"REVERSE_KEY_FUNCTION",
                [](const Json&, const NamedCode&, CacheSettings&) { return Problem{}; }},
};
constexpr std::array<std::string_view, 8> names = {
    "BACKEND", "LOCATION",     "TIMEOUT", "KEY_PREFIX",
    "VERSION", "KEY_FUNCTION", "OPTIONS", "REVERSE_KEY_FUNCTION"};

// Django's own options, which it also reads here, beside OPTIONS.
bool is_old_setting(std::string_view name) {
  return name == "timeout" || name == "max_entries" || name == "cull_frequency";
}

void read_setting(std::string_view name, const Json& json, const Where& where,
                  const NamedCode& code, CacheSettings& cache, Report& report) {
  const auto spec = std::find_if(specs.begin(), specs.end(),
                                 [&](const SettingSpec& known) { return known.name == name; });
  if (spec == specs.end() && is_option(name) && !is_old_setting(name)) {
    return report.warning(
        where, "has no effect: Python passes over it here; options are written in OPTIONS");
  }
  if (spec == specs.end()) {
    const std::string instead = suggestion(name, names);
    return report.error(
        where,
        "unknown setting" + (instead.empty() ? "; Python passes over it: take it out" : instead));
  }
  report.note(where, spec->read(json, code, cache));
}

}  // namespace

CacheSettings read_cache(const Json& json, std::string_view alias, const NamedCode& code) {
  CacheSettings cache;
  const Where where = Where::alias(alias);
  Report report{std::string(alias), cache.findings};
  if (!json.is(Json::Kind::object)) return report.error(where, expected("an object", json)), cache;
  const Json* const backend = json.find("BACKEND");  // it decides how the others are read
  if (!backend) report.error(where.in("BACKEND"), "is missing; expected a string");
  if (backend) report.note(where.in("BACKEND"), read_backend(*backend, code, cache));
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    if (name == "OPTIONS" || name == "BACKEND") continue;
    read_setting(name, json.items[i], where.in(name), code, cache, report);
  }
  const Json* const options = json.find("OPTIONS");
  if (options == nullptr) return cache;
  // A backend unknown to djcache may give these any meaning.
  std::vector<SettingsFinding> passed_over;
  const bool known = cache.backend.empty() || backend_kind(cache.backend).ok();
  Report of_options{std::string(alias), known ? cache.findings : passed_over};
  read_options(*options, where.in("OPTIONS"), option_rules(cache.backend), code, cache.options,
               of_options);
  return cache;
}

}  // namespace djcache::settings
