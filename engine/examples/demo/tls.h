// The TLS part of the demo. In a build without TLS it prints an error and returns false.
#pragma once

#include "stage.h"

namespace demo {

bool over_tls(bool (*play_all)(Stage&));

}  // namespace demo
