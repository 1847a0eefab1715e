// From settings to a plan: parsed once, for an engine to build from. Pure.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <djcache/result.h>
#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/server_url.h"
#include "settings/store_settings.h"

namespace djcache::settings {

struct AliasPlan {
  std::optional<Error> broken{};  // the alias answers with this, and the rest counts for nothing
  BackendKind kind = BackendKind::memory;
  std::vector<ServerUrl> servers{};  // redis: one at least
  StoreSettings store{};             // memory
  std::chrono::milliseconds command_limit{500};
};

struct Plan {
  std::map<std::string, AliasPlan, std::less<>> aliases{};  // `default` at least
  std::vector<SettingsFinding> findings{};                  // of all aliases
};

Plan resolve(const Settings& settings);

// The errors among the findings as one; ok when there is none.
Result<void> verdict(const std::vector<SettingsFinding>& findings);

}  // namespace djcache::settings
