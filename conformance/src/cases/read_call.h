// A call in Django's notation: {"call": "set", "args": [...], "kwargs": {...}, "on": alias}.
#pragma once

#include "src/cases/call.h"
#include "src/cases/node.h"
#include "src/cases/read_value.h"

namespace djcache::conformance {

// Reads call, args, kwargs, on, fresh and limit_ms of a step; the caller checks the other fields.
// Throws FileError.
Call read_call(const Node& step, const Scope& scope);

// The names of all methods, for messages.
std::string method_names();

}  // namespace djcache::conformance
