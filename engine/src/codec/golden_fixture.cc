#include "codec/golden_fixture.h"

#include <gtest/gtest.h>

#include <fstream>

namespace djcache::codec {

TypedJson golden_cases(const std::string& file) {
  std::ifstream opened(DJCACHE_FIXTURES "/values/" + file);
  EXPECT_TRUE(opened) << file;
  return opened ? TypedJson::parse(opened)["cases"] : TypedJson::array();
}

}  // namespace djcache::codec
