// Values written by Python (fixtures/values/msgpack.json): djcache reads the stored bytes as the
// same value, prints it as Python does, and would store the same bytes.
#include <fstream>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

using Json = TypedJson;

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(DJCACHE_FIXTURES "/values/msgpack.json");
    ASSERT_TRUE(file) << DJCACHE_FIXTURES;
    cases_ = Json::parse(file)["cases"];
    ASSERT_GT(cases_.size(), 150u);
  }
  Json cases_;
};

TEST_F(Golden, BytesThatPythonStoredAreReadAsTheSameValue) {
  const auto codec = make_codec(Serializer::msgpack, {});
  for (const Json& one : cases_) {
    Value value;
    Error error;
    ASSERT_TRUE(codec->decode(from_hex(one["bytes"].get<std::string>()), value, error))
        << one["name"] << ": " << error.detail;
    EXPECT_EQ(value, value_of(one["value"])) << one["name"];
  }
}

TEST_F(Golden, ValuesAreStoredInTheBytesThatPythonStored) {
  for (const Json& one : cases_) {
    EXPECT_EQ(to_hex(stored(value_of(one["value"]))), one["bytes"].get<std::string>())
        << one["name"];
  }
}

TEST_F(Golden, ValuesPrintAsInPython) {
  for (const Json& one : cases_) {
    if (one["repr"].is_null()) continue;
    EXPECT_EQ(to_string(value_of(one["value"])), one["repr"].get<std::string>()) << one["name"];
  }
}

}  // namespace
}  // namespace djcache::codec
