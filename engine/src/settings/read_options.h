// OPTIONS from JSON: our names, redis-py's and django-redis'. engine/docs/settings.md lists them.
#pragma once

#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/json_tree.h"
#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// Where several names say the same, the more particular one counts: ours, then redis-py's, then
// those in CONNECTION_POOL_KWARGS, then django-redis'. null counts as not written.
// An option has effect where `rules` say that the Python side reads it; elsewhere it is a warning.
bool is_option(std::string_view name);  // of any package
void read_options(const Json& json, const Where& where, OptionRules rules, const NamedCode& code,
                  Options& options, Report& report);

}  // namespace djcache::settings
