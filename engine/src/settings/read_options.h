// OPTIONS from JSON: our names, redis-py's and django-redis'. engine/docs/settings.md lists them.
#pragma once

#include <djcache/result.h>
#include <djcache/settings.h>

#include "settings/json_tree.h"
#include "settings/where.h"

namespace djcache::settings {

// Where several names say the same, the more particular one counts: ours, then redis-py's, then
// those in CONNECTION_POOL_KWARGS, then django-redis'. null is as good as not written.
Result<void> read_options(const Json& json, const Where& where, Options& options);

}  // namespace djcache::settings
