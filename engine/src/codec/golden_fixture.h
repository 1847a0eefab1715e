// The values that Python wrote, in fixtures/values, and the notation they are written in.
#pragma once

#include <djcache/value.h>
#include <nlohmann/json.hpp>

namespace djcache::codec {

using Json = nlohmann::ordered_json;

// The notation of golden_values.py.
Value value_of(const Json& json);

// "cases" of fixtures/values/<file>; the test fails when there are none.
Json golden_cases(const char* file);

}  // namespace djcache::codec
