// The part of the demo that encrypts. In a build without TLS it says that, and fails.
#pragma once

#include "stage.h"

namespace demo {

bool over_tls(bool (*play_all)(Stage&));

}  // namespace demo
