// The raw serializer: bytes unchanged, in both directions.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

TEST(Raw, StoresTheBytesOfStrAndBytesUntouched) {
  for (const std::string& data : {std::string(), std::string("42"), std::string("\0\xff\x80", 3),
                                  std::string(100'000, 'x')}) {
    EXPECT_EQ(stored(data, Serializer::raw), data);
    EXPECT_EQ(stored(Value::bytes(data), Serializer::raw), data);
  }
}

TEST(Raw, DoesNotCopyTheText) {
  const Value value = std::string(1000, 'x');
  Scratch scratch;
  Encoded encoded;
  Error error;
  ASSERT_TRUE(make_codec(Serializer::raw, {})->encode(value, scratch, encoded, error));
  EXPECT_EQ(encoded.body.data(), value.text().data());
  EXPECT_EQ(encoded.size(), 1000u);
}

TEST(Raw, AlwaysReadsBytes) {
  EXPECT_EQ(read("42", Serializer::raw), "b'42'");
  EXPECT_EQ(read("", Serializer::raw), "b''");
  EXPECT_EQ(read("\xc0", Serializer::raw), "b'\\xc0'");
}

TEST(Raw, RefusesOtherKindsAndSaysWhatToDo) {
  EXPECT_EQ(stored(42, Serializer::raw),
            "encode_failed: raw: stores str and bytes only, not int; turn it into bytes first, or "
            "choose another serializer");
  for (const Value& value : {Value(), Value(true), Value(1.5), Value::list({"a"}), Value(Uuid{})}) {
    EXPECT_TRUE(stored(value, Serializer::raw).starts_with("encode_failed: raw: "))
        << to_string(value);
  }
}

TEST(Raw, LimitsTheSizeInBothDirections) {
  const Limits limits{.max_bytes = 10, .max_depth = 64};
  EXPECT_EQ(stored("0123456789", Serializer::raw, limits), "0123456789");
  EXPECT_EQ(stored("0123456789x", Serializer::raw, limits),
            "value_too_large: a value of 11 bytes is over the limit of 10");
  EXPECT_EQ(read("0123456789x", Serializer::raw, limits),
            "value_too_large: a value of 11 bytes is over the limit of 10");
}

}  // namespace
}  // namespace djcache::codec
