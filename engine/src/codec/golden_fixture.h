// The values in fixtures/values, written by Python.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "codec/typed_fixture.h"

namespace djcache::codec {

// "cases" of fixtures/values/<file>; the test fails when there are none.
inline TypedJson golden_cases(const std::string& file) {
  std::ifstream opened(DJCACHE_FIXTURES_DIR "/values/" + file);
  EXPECT_TRUE(opened) << file;
  return opened ? TypedJson::parse(opened)["cases"] : TypedJson::array();
}

}  // namespace djcache::codec
