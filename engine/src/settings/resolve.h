// From settings to a plan: parsed once, for an engine to build from. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <djcache/result.h>
#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/server_url.h"
#include "settings/store_settings.h"

namespace djcache::settings {

inline constexpr std::chrono::milliseconds connect_limit_default{5000}, command_limit_default{500};

// A service that Sentinels watch.
struct ServicePlan {
  std::string name;
  SentinelOptions sentinels;
  bool primary = true;
};

struct ServerPlan : ServerUrl {
  std::chrono::milliseconds connect_limit = connect_limit_default;
  // of the alias; wins over user and password
  std::shared_ptr<const CredentialsSource> credentials{};
  std::optional<ServicePlan> service{};  // its name is the host
};

struct AliasPlan {
  // every operation of the alias reports this; the fields below are unused
  std::optional<Error> broken{};
  BackendKind kind = BackendKind::memory;
  std::vector<ServerPlan> servers{};  // redis only, at least one
  StoreSettings store{};              // memory only
  bool moves_keep_ttl = false;        // incr_version: stock Django writes with TIMEOUT
  std::chrono::milliseconds command_limit = command_limit_default;
};

struct Plan {
  std::map<std::string, AliasPlan, std::less<>> aliases{};  // at least `default`
  std::vector<SettingsFinding> findings{};                  // of all aliases
};

Plan resolve(const Settings& settings);

// The command limit that the plan of this alias has, or would have if its settings were valid.
std::chrono::milliseconds command_limit(const CacheSettings& cache);

// The errors among the findings, joined into one; ok if there are none.
Result<void> verdict(const std::vector<SettingsFinding>& findings);

}  // namespace djcache::settings
