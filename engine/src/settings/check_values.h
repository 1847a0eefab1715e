// Whether the options that say how values become bytes can be worked with. Pure.
#pragma once

#include <djcache/settings.h>

#include "settings/report.h"
#include "settings/where.h"

namespace djcache::settings {

// Serializers, compressors, signatures: known, built, in range. Reports no byte and no size of a
// signing key.
void check_values(const Where& where, const Options& options, Report& report);

}  // namespace djcache::settings
