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
  std::function<std::string(const Placeholder&)> resolve;
};

// CACHES in Django's form, with KEY_FUNCTION as its template. REQUIRES: a checked case.
Json caches_of(const Case& c, const SettingsInput& input);
// Settings from the result of caches_of(). Errors are the engine's own, invalid_settings.
Result<Settings> settings_of(Json caches, const Case& c, const SettingsInput& input);

}  // namespace djcache::conformance
