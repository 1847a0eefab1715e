#include "src/subject/settings_of.h"

#include <algorithm>

namespace djcache::conformance {
namespace {

// Generous, because replies may be slow on a busy machine. Cases about limits set their own.
constexpr std::chrono::seconds patient_limit{10};

bool has_any(const Json& options, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (options.contains(name)) return true;
  }
  return false;
}

Json resolved(const Json& location, const SettingsInput& input) {
  if (location.is_array()) {
    Json all = Json::array();
    for (const Json& one : location) all.push_back(resolved(one, input));
    return all;
  }
  std::string problem, text = location.get<std::string>();
  // A LOCATION composed from the parts of a server's address, instead of {server}.
  const bool of_server = text.starts_with("redis://") && text.find(".port}") != std::string::npos;
  if (input.tls != nullptr && of_server) text.insert(5, "s");
  return replace_placeholders(text, input.resolve, problem);
}

// Whether a LOCATION is one primary, which a Sentinel knows.
bool is_service(const Json& location) {
  if (!location.is_string()) return false;
  const std::string text = location.get<std::string>();
  const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
  return has("{") && !has(".unix") && !has("{peer") && !has("{nowhere") && !has("{replica") &&
         !has(";") && !has(",");
}

// "redis://127.0.0.1:7001/3": "redis://primary-7001/3".
std::string with_service(std::string url) {
  constexpr std::string_view host = "127.0.0.1:";
  const auto begin = url.find(host), port = begin + host.size();
  if (begin == std::string::npos) return url;
  const auto end = std::min(url.find_first_not_of("0123456789", port), url.size());
  return url.replace(begin, end - begin, service_at(url.substr(port, end - port)));
}

// Applies a key template such as "CUSTOM-{prefix}-{version}-{key}". Inserted texts are not expanded
// again.
std::string apply_template(const std::string& form, std::string_view key, std::string_view prefix,
                           std::int64_t version) {
  std::string made;
  for (std::size_t at = 0; at < form.size();) {
    const std::string_view rest = std::string_view(form).substr(at);
    if (rest.rfind("{key}", 0) == 0) {
      made += key;
      at += 5;
    } else if (rest.rfind("{prefix}", 0) == 0) {
      made += prefix;
      at += 8;
    } else if (rest.rfind("{version}", 0) == 0) {
      made += std::to_string(version);
      at += 9;
    } else {
      made += form[at++];
    }
  }
  return made;
}

Json fill_in(const Json& given, const SettingsInput& input) {
  Json cache = given;
  if (!cache.contains("BACKEND")) cache["BACKEND"] = input.backend.django_name;
  const Json location = cache.value("LOCATION", Json("{server}"));
  cache["LOCATION"] = resolved(location, input);
  Json& options = cache["OPTIONS"];
  if (options.is_null()) options = Json::object();
  if (input.backend.has_server && input.sentinel != 0 && is_service(location)) {
    cache["LOCATION"] = with_service(cache["LOCATION"].get<std::string>());
    options["sentinels"] = {"127.0.0.1:" + std::to_string(input.sentinel)};
  }
  if (input.backend.has_server && !has_any(options, {"serializer", "SERIALIZER"})) {
    options["serializer"] = input.serializer;
  }
  return cache;
}

void finish(CacheSettings& cache, const Json& given, const SettingsInput& input) {
  const Json options = given.value("OPTIONS", Json::object());
  if (!has_any(options, {"command_limit", "socket_timeout", "SOCKET_TIMEOUT"})) {
    cache.options.command_limit = patient_limit;
  }
  const auto by_tls = [](const std::string& url) { return url.starts_with("rediss://"); };
  if (input.tls != nullptr && std::any_of(cache.location.begin(), cache.location.end(), by_tls)) {
    cache.options.tls = *input.tls;
  }
  if (!input.client_name.empty() && !has_any(options, {"client_name"})) {
    cache.options.client_name = input.client_name;
  }
  if (given.contains("KEY_FUNCTION")) {
    cache.key_function = [form = given["KEY_FUNCTION"].get<std::string>()](
                             std::string_view key, std::string_view prefix, std::int64_t version) {
      return apply_template(form, key, prefix, version);
    };
  }
}

}  // namespace

Json caches_of(const Case& c, const SettingsInput& input) {
  Json caches = Json::object();
  for (const auto& [alias, given] : c.caches.items()) caches[alias] = fill_in(given, input);
  return caches;
}

Result<Settings> settings_of(Json caches, const Case& c, const SettingsInput& input) {
  // KEY_FUNCTION is code, not JSON: finish() sets it.
  for (Json& cache : caches) cache.erase("KEY_FUNCTION");
  auto settings = Settings::from_json(caches.dump());
  if (!settings.ok()) return settings;
  for (const auto& [alias, given] : c.caches.items()) {
    finish(settings->caches.at(alias), given, input);
  }
  return settings;
}

}  // namespace djcache::conformance
