// Parses JSON more strictly than usual: no repeated keys, no integers that a double would change.
#pragma once

#include <string>
#include <string_view>

#include "src/cases/node.h"

namespace djcache::conformance {

// Throws FileError.
Json parse_json(std::string_view text);

}  // namespace djcache::conformance
