// MsgpackCodec::encode: bytes, refusals, and allocations.
#include <cmath>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

TEST(MsgpackEncode, WritesTheShortestHeads) {
  const std::pair<std::size_t, const char*> strings[] = {
      {0, "a0"},       {31, "bf"},        {32, "d920"},         {255, "d9ff"},
      {256, "da0100"}, {65535, "daffff"}, {65536, "db00010000"}};
  for (const auto& [size, head] : strings) {
    const std::string text(size, 'x');
    EXPECT_EQ(stored(text), from_hex(head) + text) << size;
    EXPECT_EQ(stored(Value::list({text})), from_hex("91") + from_hex(head) + text) << size;
  }
  const std::pair<std::size_t, const char*> counts[] = {
      {0, "90"}, {15, "9f"}, {16, "dc0010"}, {65535, "dcffff"}, {65536, "dd00010000"}};
  for (const auto& [count, head] : counts) {
    EXPECT_EQ(stored(Value::list(Value::List(count))), from_hex(head) + std::string(count, '\xc0'));
  }
  EXPECT_EQ(to_hex(stored(Value::dict({{"a", 1}}))), "81a16101");
  EXPECT_EQ(to_hex(stored(Value::list({0, 127, 128, -1, -32, -33, 256, -129, 65536, INT64_MIN}))),
            "9a007fcc80ffe0d0dfcd0100d1ff7fce00010000d38000000000000000");
}

TEST(MsgpackEncode, ExtensionsHaveTheShortestHeads) {
  EXPECT_EQ(to_hex(stored(Value::tuple())), "d40190");
  EXPECT_EQ(to_hex(stored(Value::tuple({1}))), "d5019101");
  EXPECT_EQ(to_hex(stored(Value::tuple({1, 2}))), "c70301920102");
  EXPECT_EQ(to_hex(stored(Value::tuple({1, 2, 3}))), "d60193010203");
  for (const std::size_t size : {252, 253, 65530, 65531, 65532, 65533, 70000}) {
    const std::string data = stored(Value::tuple({std::string(size, 'x')}));
    const std::size_t inner = 1 + (size < 256 ? 2 : size < 65536 ? 3 : 5) + size;
    EXPECT_EQ(data.size() - inner, inner < 256 ? 3u : inner < 65536 ? 4u : 6u) << size;
  }
}

TEST(MsgpackEncode, NestedIntegersBeyond64BitsAreText) {
  EXPECT_EQ(to_hex(stored(Value::list({UINT64_MAX}))), "91cfffffffffffffffff");
  EXPECT_EQ(stored(Value::list({*Value::integer("18446744073709551616")})),
            from_hex("91c71404") + "18446744073709551616");
}

TEST(MsgpackEncode, DoesNotCopyTextAtTheTop) {
  for (const Value& value : {Value(std::string(100'000, 'x')), Value::bytes("short")}) {
    Scratch scratch;
    Encoded encoded;
    Error error;
    ASSERT_TRUE(make_codec(Serializer::msgpack, {})->encode(value, scratch, encoded, error));
    EXPECT_EQ(encoded.body.data(), value.text().data());
    EXPECT_TRUE(scratch.body.empty());
  }
}

TEST(MsgpackEncode, AllocatesNothingForScalarsAndTextNorForContainersInTheLongRun) {
  const auto codec = make_codec(Serializer::msgpack, {});
  const Value values[] = {Value(),
                          true,
                          12345,
                          1.5,
                          "short",
                          std::string(1000, 'x'),
                          Uuid{},
                          Date{2024, 1, 1},
                          *Value::decimal("1.50"),
                          Value::dict({{"a", Value::tuple({1, std::string(100, 'y')})}})};
  Scratch scratch;
  Encoded encoded;
  Error error;
  for (int round = 0; round < 2; ++round) {
    reset_allocations();
    for (const Value& value : values) {
      ASSERT_TRUE(codec->encode(value, scratch, encoded, error));
    }
  }
  EXPECT_EQ(allocations().count, 0u);
}

TEST(MsgpackEncode, GivesTheMemoryOfAHugeValueBack) {
  const auto codec = make_codec(Serializer::msgpack, {});
  Scratch scratch;
  Encoded encoded;
  Error error;
  ASSERT_TRUE(codec->encode(Value::list({std::string(8 << 20, 'x')}), scratch, encoded, error));
  ASSERT_TRUE(codec->encode(Value::list({1}), scratch, encoded, error));
  EXPECT_LT(scratch.body.capacity(), 2u << 20);
}

TEST(MsgpackEncode, RefusesWhatPythonCannotRead) {
  const Value deep_key = Value::tuple({Value::list()});
  const std::pair<Value, const char*> cases[] = {
      {"ab\xff", "msgpack: a str that is not UTF-8 at its byte 2; store it as bytes"},
      {Value::list({"\xed\xa0\x80"}),
       "msgpack: a str that is not UTF-8 at its byte 0; store it as bytes"},
      {Date{2023, 2, 29}, "msgpack: a date that Python cannot hold"},
      {Time{.hour = 24}, "msgpack: a time that Python cannot hold"},
      {DateTime{{0, 1, 1}, {}}, "msgpack: a datetime that Python cannot hold"},
      {TimeDelta{0, 86400, 0}, "msgpack: a timedelta that Python cannot hold"},
      {Value::set({Value::list()}),
       "msgpack: a list cannot be a member of a set: Python cannot hash it"},
      {Value::frozenset({Value::set()}),
       "msgpack: a set cannot be a member of a set: Python cannot hash it"},
      {Value::dict({{Value::dict(), 1}}),
       "msgpack: a dict cannot be a key of a dict: Python cannot hash it"},
      {Value::dict({{deep_key, 1}}),
       "msgpack: a list cannot be a key of a dict: Python cannot hash it"},
      {Value::set({Value::tuple({deep_key})}),
       "msgpack: a list cannot be a member of a set: Python cannot hash it"},
      {Value::dict({{*Value::decimal("sNaN"), 1}}),
       "msgpack: a Decimal cannot be a key of a dict: Python cannot hash it"},
      {Value::set({Value::tuple({*Value::decimal("-sNaN12")})}),
       "msgpack: a Decimal cannot be a member of a set: Python cannot hash it"},
  };
  for (const auto& [value, reason] : cases) {
    EXPECT_EQ(stored(value), std::string("encode_failed: ") + reason);
  }
  EXPECT_FALSE(stored(Value::list({Value::tuple({Value::list()})})).starts_with("encode"));
  EXPECT_FALSE(stored(Value::dict({{*Value::decimal("NaN"), *Value::decimal("sNaN")}}))
                   .starts_with("encode"));
}

TEST(MsgpackEncode, LimitsTheDepth) {
  for (const Kind kind : {Kind::list, Kind::tuple, Kind::dict}) {
    Value value = 1;
    const auto wrap = [&] {
      if (kind == Kind::list) value = Value::list({value});
      if (kind == Kind::tuple) value = Value::tuple({value});
      if (kind == Kind::dict) value = Value::dict({{"a", value}});
    };
    for (int i = 0; i < 64; ++i) wrap();
    const std::string bytes = stored(value);
    EXPECT_EQ(read(bytes), to_string(value));
    wrap();
    EXPECT_EQ(stored(value), "encode_failed: msgpack: nested deeper than 64 levels");
  }
}

TEST(MsgpackEncode, LimitsTheDepthOfValuesThatWouldOverflowTheStack) {
  Value value = 1;
  for (int i = 0; i < 1'000'000; ++i) {
    Value::List one;
    one.push_back(std::move(value));
    value = Value::list(std::move(one));
  }
  const Limits limits{.max_bytes = 32u << 20, .max_depth = SIZE_MAX};
  EXPECT_EQ(stored(value, Serializer::msgpack, limits),
            "encode_failed: msgpack: nested deeper than 1000 levels");
}

TEST(MsgpackEncode, LimitsTheSizeToTheByte) {
  const Limits limits{.max_bytes = 10, .max_depth = 64};
  const Value fitting[] = {"012345678", Value::list(Value::List(9)), Value::tuple(Value::List(6)),
                           *Value::integer("1234567890")};
  for (const Value& value : fitting) {
    EXPECT_EQ(stored(value, Serializer::msgpack, limits).size(), 10u) << to_string(value);
  }
  const Value over[] = {"0123456789", Value::list(Value::List(10)), *Value::integer("12345678901")};
  for (const Value& value : over) {
    EXPECT_EQ(stored(value, Serializer::msgpack, limits),
              "value_too_large: a value of 11 bytes is over the limit of 10")
        << to_string(value);
  }
  EXPECT_EQ(stored(Value::tuple(Value::List(8)), Serializer::msgpack, limits),
            "value_too_large: a value of 12 bytes is over the limit of 10");
}

TEST(MsgpackEncode, StopsBuildingAValueThatIsFarTooLarge) {
  const auto codec = make_codec(Serializer::msgpack, {.max_bytes = 100, .max_depth = 1});
  const Value value = Value::list({std::string(50, 'x'), std::string(100'000, 'y')});
  Scratch scratch;
  Encoded encoded;
  Error error;
  EXPECT_FALSE(codec->encode(value, scratch, encoded, error));
  EXPECT_EQ(to_string(error), "value_too_large: a value over the limit of 100 bytes");
  EXPECT_LT(scratch.body.capacity(), 1000u);
}

TEST(MsgpackEncode, KeepsEveryFloatBitForBit) {
  EXPECT_EQ(to_hex(stored(-0.0)), "cb8000000000000000");
  EXPECT_EQ(to_hex(stored(HUGE_VAL)), "cb7ff0000000000000");
  EXPECT_EQ(to_hex(stored(5e-324)), "cb0000000000000001");
}

}  // namespace
}  // namespace djcache::codec
