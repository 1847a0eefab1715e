// Whether settings can be worked with: what a type cannot say. Pure: nothing is connected to.
#pragma once

#include <string_view>

#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// One alias: its options are in range. Reports everything that is wrong, and never a value.
void check_cache(const Where& where, BackendKind kind, const CacheSettings& cache, Report& report);

// What CLIENT SETNAME takes.
Problem check_client_name(std::string_view name);

}  // namespace djcache::settings
