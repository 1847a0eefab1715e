// EmbeddedCodec: round trips, and integers where incr finds them.
#include "codec/embedded.h"

#include <gtest/gtest.h>

#include <cstring>

#include "codec/generator_fixture.h"

namespace djcache::codec {
namespace {

struct EmbeddedCodecTest : testing::Test {
  std::string encode(const Value& value) {
    Encoded out;
    EXPECT_TRUE(codec.encode(value, scratch, out, error)) << error.detail;
    return std::string(out.head).append(out.body);
  }
  Value decode(const std::string& bytes) {
    Value out;
    EXPECT_TRUE(codec.decode(bytes, out, error)) << error.detail;
    return out;
  }

  EmbeddedCodec codec{Limits{.max_bytes = 100'000, .max_depth = 20}};
  Scratch scratch;
  Error error;
};

TEST_F(EmbeddedCodecTest, EveryKindComesBackAsItWas) {
  const Value values[] = {nullptr,
                          true,
                          false,
                          0,
                          -1,
                          INT64_MIN,
                          INT64_MAX,
                          1.5,
                          "",
                          "42",
                          "text",
                          std::string(5000, 'x'),
                          Value::bytes(std::string("\0\xff", 2)),
                          *Value::integer("123456789012345678901234567890"),
                          Value::list({1, "a", Value::tuple({nullptr})}),
                          Value::dict({{"a", 1}, {2, Value::set({3})}}),
                          Date{2024, 2, 29},
                          *Value::decimal("1.50"),
                          Uuid{}};
  for (const Value& value : values) EXPECT_EQ(decode(encode(value)), value) << to_string(value);
}

TEST_F(EmbeddedCodecTest, GeneratedValuesComeBackAsTheyWere) {
  ValueGenerator generate(23);
  for (int i = 0; i < 2000; ++i) {
    const Value value = generate.storable(codec);
    EXPECT_EQ(decode(encode(value)), value) << to_string(value);
  }
}

TEST_F(EmbeddedCodecTest, AnIntegerIsFoundInPlaceAndNothingElseIs) {
  std::string bytes = encode(41);
  char* const number = EmbeddedCodec::integer_in(bytes.data(), bytes.size());
  ASSERT_NE(number, nullptr);
  const std::int64_t next = 42;
  std::memcpy(number, &next, sizeof next);
  EXPECT_EQ(decode(bytes), Value(42));
  for (const Value& other : {Value("12345678"), Value(true), Value(1.0), Value(nullptr)}) {
    std::string text = encode(other);
    EXPECT_EQ(EmbeddedCodec::integer_in(text.data(), text.size()), nullptr) << to_string(other);
  }
}

TEST_F(EmbeddedCodecTest, LimitsHold) {
  Encoded out;
  EXPECT_FALSE(codec.encode(std::string(100'001, 'x'), scratch, out, error));
  EXPECT_EQ(error.code, Errc::value_too_large);
  EXPECT_FALSE(codec.encode("\xff", scratch, out, error));
  EXPECT_EQ(error.code, Errc::encode_failed);
  Value deep;
  for (int i = 0; i < 30; ++i) deep = Value::list({deep});
  EXPECT_FALSE(codec.encode(deep, scratch, out, error));
}

TEST(NullCodec, TakesEverythingAndWritesNothing) {
  Scratch scratch;
  Encoded out;
  Error error;
  EXPECT_TRUE(NullCodec().encode(std::string(1000, '\xff'), scratch, out, error));
  EXPECT_EQ(out.size(), 0u);
}

}  // namespace
}  // namespace djcache::codec
