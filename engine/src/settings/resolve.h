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
  std::shared_ptr<const CredentialsSource> credentials{};  // of the alias; wins over user, password
  std::optional<ServicePlan> service{};                    // the host is its name
};

struct AliasPlan {
  std::optional<Error> broken{};  // the alias answers with this, and the rest counts for nothing
  BackendKind kind = BackendKind::memory;
  std::vector<ServerPlan> servers{};  // redis: one at least
  StoreSettings store{};              // memory
  bool moves_keep_ttl = false;        // incr_version: stock Django writes with TIMEOUT
  std::chrono::milliseconds command_limit = command_limit_default;
};

struct Plan {
  std::map<std::string, AliasPlan, std::less<>> aliases{};  // `default` at least
  std::vector<SettingsFinding> findings{};                  // of all aliases
};

Plan resolve(const Settings& settings);

// Of an alias that need not be sound, as its plan has it.
std::chrono::milliseconds command_limit(const CacheSettings& cache);

// The errors among the findings as one; ok when there is none.
Result<void> verdict(const std::vector<SettingsFinding>& findings);

}  // namespace djcache::settings
