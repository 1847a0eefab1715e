// One alias of CACHES from JSON.
#pragma once

#include <djcache/result.h>
#include <djcache/settings.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

Result<CacheSettings> read_cache(const Json& json, const Where& where);

}  // namespace djcache::settings
