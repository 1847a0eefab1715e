// Whether the options that say how values become bytes can be worked with. Pure.
#pragma once

#include <djcache/result.h>
#include <djcache/settings.h>

#include "settings/where.h"

namespace djcache::settings {

// Serializers, compressors, signatures: known, built, in range. Errors: invalid_settings, without a
// byte or the size of a signing key.
Result<void> check_values(const Where& where, const Options& options);

}  // namespace djcache::settings
