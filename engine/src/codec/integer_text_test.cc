// Integers as decimal text: what Python's int(bytes) accepts, and nothing else.
#include "codec/integer_text.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

TEST(IntegerText, IsReadExactlyAsPythonReadsIt) {
  std::ifstream file(DJCACHE_FIXTURES "/values/integers.json");
  ASSERT_TRUE(file) << DJCACHE_FIXTURES;
  const auto cases = nlohmann::json::parse(file)["cases"];
  ASSERT_GT(cases.size(), 300u);
  for (const auto& one : cases) {
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    Value value = "untouched";
    ASSERT_EQ(read_integer(bytes, value), !one["int"].is_null()) << to_hex(bytes);
    if (one["int"].is_null()) {
      EXPECT_EQ(value, "untouched");
    } else {
      EXPECT_EQ(to_string(value, 5000), one["int"].get<std::string>()) << to_hex(bytes);
    }
  }
}

TEST(IntegerText, IsWhatIntegersAreStoredAs) {
  EXPECT_EQ(stored(0), "0");
  EXPECT_EQ(stored(-1), "-1");
  EXPECT_EQ(stored(INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(stored(INT64_MAX), "9223372036854775807");
  EXPECT_EQ(stored(UINT64_MAX), "18446744073709551615");
  const std::string longest(4300, '9');
  EXPECT_EQ(stored(*Value::integer(longest)), longest);
  EXPECT_EQ(stored(*Value::integer("-" + longest)), "-" + longest);
}

TEST(IntegerText, BooleansAndOtherKindsAreNot) {
  EXPECT_EQ(to_hex(stored(true)), "c3");
  EXPECT_EQ(to_hex(stored(1.0)), "cb3ff0000000000000");
  EXPECT_EQ(to_hex(stored("42")), "a23432");
  EXPECT_EQ(to_hex(stored(Value::bytes("42"))), "c4023432");
}

TEST(IntegerText, LongerThanPythonReadsIsRefused) {
  EXPECT_EQ(stored(*Value::integer(std::string(4301, '9'))),
            "encode_failed: an integer of 4301 digits: Python reads at most 4300");
  EXPECT_EQ(stored(Value::list({*Value::integer(std::string(5000, '1'))})),
            "encode_failed: an integer of 5000 digits: Python reads at most 4300");
}

// Why the two stored forms cannot be confused: integer text starts below 0x40, and everything that
// is written as msgpack starts at 0x80 or above.
TEST(IntegerText, NoMsgpackHeadStartsOne) {
  for (int head = 0x80; head < 0x100; ++head) {
    for (const char* rest : {"", "1", "12", " 5 "}) {
      Value value;
      EXPECT_FALSE(read_integer(static_cast<char>(head) + std::string(rest), value)) << head;
    }
  }
}

}  // namespace
}  // namespace djcache::codec
