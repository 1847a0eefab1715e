// The settings of a case for one configuration: CACHES with backend, serializer and servers filled
// in.
#pragma once

#include <functional>
#include <string>

#include <djcache/result.h>
#include <djcache/settings.h>

#include "src/cases/model.h"
#include "src/cases/placeholder.h"
#include "src/subject/flavours.h"

namespace djcache::conformance {

struct SettingsInput {
  const Backend& backend;
  std::string serializer;
  std::string client_name = {};     // "": the default
  const TlsOptions* tls = nullptr;  // for servers; null: plain
  std::uint16_t sentinel = 0;       // the port of that of the servers; 0: none
  std::function<std::string(const Placeholder&)> resolve;
};

// The name under which a Sentinel knows the primary at this port of 127.0.0.1.
inline std::string service_at(const std::string& port) { return "primary-" + port; }

// CACHES in Django's form, with KEY_FUNCTION as its template. REQUIRES: a checked case.
Json caches_of(const Case& c, const SettingsInput& input);
// Settings from the result of caches_of(). Errors are the engine's own, invalid_settings.
Result<Settings> settings_of(Json caches, const Case& c, const SettingsInput& input);

}  // namespace djcache::conformance
