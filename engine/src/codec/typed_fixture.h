// Values in JSON, as the Python scripts in this folder write and read them: null, booleans and
// strings as such, everything else as {"type": ...}. golden_values.py has the same in Python.
#pragma once

#include <nlohmann/json.hpp>

#include <djcache/value.h>

namespace djcache::codec {

using TypedJson = nlohmann::ordered_json;

Value value_of(const TypedJson& json);
TypedJson typed(const Value& value);

}  // namespace djcache::codec
