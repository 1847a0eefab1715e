// Value to JSON with $-tags: the few forms of PROTOCOL.md, which are unambiguous in any language.
#pragma once

#include <djcache/value.h>

#include "src/cases/node.h"

namespace djcache::conformance {

// Integers beyond 53 bits and all floats are written as text: JSON readers round the former and
// lose the type of the latter.
Json write_value(const Value& value);

std::string hexadecimal(std::string_view bytes);

}  // namespace djcache::conformance
