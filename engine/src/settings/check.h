// Checks of settings beyond what their types ensure. Pure: connects to nothing.
#pragma once

#include <string_view>

#include <djcache/settings.h>

#include "settings/backend_kind.h"
#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// Checks that the options of one alias are in range. Reports every problem, and never a value.
void check_cache(const Where& where, BackendKind kind, const CacheSettings& cache, Report& report);

// Checks that CLIENT SETNAME accepts the name.
Problem check_client_name(std::string_view name);

}  // namespace djcache::settings
