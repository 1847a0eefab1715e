// OPTIONS from JSON: djcache's names, redis-py's and django-redis'. engine/docs/settings.md lists
// them.
#pragma once

#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/json_tree.h"
#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// Of several names for the same option the more specific one wins: djcache's, then redis-py's, then
// those in CONNECTION_POOL_KWARGS, then django-redis'. null counts as not written. An option that
// the Python side would not read, given `rules`, has no effect and causes a warning.
bool is_option(std::string_view name);  // of any package
void read_options(const Json& json, const Where& where, OptionRules rules, const NamedCode& code,
                  Options& options, Report& report);

}  // namespace djcache::settings
