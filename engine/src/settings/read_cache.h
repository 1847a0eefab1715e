// One alias of CACHES from JSON.
#pragma once

#include <string_view>

#include <djcache/settings.h>

#include "settings/json_tree.h"

namespace djcache::settings {

// Settings that cannot be read are reported among the findings of the result.
CacheSettings read_cache(const Json& json, std::string_view alias, const NamedCode& code);

}  // namespace djcache::settings
