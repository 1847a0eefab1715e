// Values in JSON, as the Python scripts beside this write and read them: null, booleans and strings
// as they are, the rest as {"type": ...}. golden_values.py has the same in Python.
#pragma once

#include <nlohmann/json.hpp>

#include <djcache/value.h>

namespace djcache::codec {

using TypedJson = nlohmann::ordered_json;

Value value_of(const TypedJson& json);
TypedJson typed(const Value& value);

}  // namespace djcache::codec
