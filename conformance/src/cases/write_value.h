// Value to JSON with $-tags: the few forms of PROTOCOL.md, which any language can tell apart.
#pragma once

#include <djcache/value.h>

#include "src/cases/node.h"

namespace djcache::conformance {

// Integers beyond 53 bits and all floats are texts: JSON readers round the one and lose the other's
// type.
Json write_value(const Value& value);

std::string hexadecimal(std::string_view bytes);

}  // namespace djcache::conformance
