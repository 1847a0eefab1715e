// The values in fixtures/values, written by Python.
#pragma once

#include <string>

#include "codec/typed_fixture.h"

namespace djcache::codec {

// "cases" of fixtures/values/<file>; the test fails when there are none.
TypedJson golden_cases(const std::string& file);

}  // namespace djcache::codec
