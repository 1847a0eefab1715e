// Checks of the options that choose how values become bytes. Pure.
#pragma once

#include <djcache/settings.h>

#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// Serializers and compressors must be known and built in, signing options in range. Reports neither
// the bytes nor the size of a signing key.
void check_values(const Where& where, const Options& options, Report& report);

}  // namespace djcache::settings
