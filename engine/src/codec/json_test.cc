// The json serializer against what Python's wrote, read and refused (fixtures/values).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "codec/codec_fixture.h"
#include "codec/golden_fixture.h"

namespace djcache::codec {
namespace {

std::string stored_json(const Value& value, const Limits& limits = {}) {
  return stored(value, Serializer::json, limits);
}
std::string read_json(std::string_view bytes, const Limits& limits = {}) {
  return read(bytes, Serializer::json, limits);
}

TEST(Json, WritesTheBytesThatPythonWrites) {
  std::size_t written = 0;
  for (const TypedJson& one : golden_cases("json.json")) {
    if (one.contains("refused")) continue;
    EXPECT_EQ(to_hex(stored_json(value_of(one["value"]))), one["bytes"].get<std::string>())
        << one["name"];
    ++written;
  }
  EXPECT_GT(written, 80u);
}

TEST(Json, ReadsWhatPythonReads) {
  const auto codec = make_codec(Serializer::json, {});
  for (const TypedJson& one : golden_cases("json.json")) {
    if (one.contains("refused")) continue;
    Value value;
    Error error;
    ASSERT_TRUE(codec->decode(from_hex(one["bytes"].get<std::string>()), value, error))
        << one["name"] << ": " << error.detail;
    EXPECT_EQ(value, value_of(one["reads"])) << one["name"];
  }
}

TEST(Json, RefusesTheValuesThatPythonRefusesWithItsReason) {
  std::size_t refused = 0;
  for (const TypedJson& one : golden_cases("json.json")) {
    if (!one.contains("refused")) continue;
    const std::string said = stored_json(value_of(one["value"]));
    EXPECT_TRUE(said.starts_with("encode_failed: json: ")) << one["name"] << said;
    // Which of several offending items comes first depends on the order of a set.
    const auto reason = one["refused"].get<std::string>();
    if (!reason.starts_with("Object of type")) {
      EXPECT_NE((said + ".").find(reason), std::string::npos) << said << reason;
    }
    ++refused;
  }
  EXPECT_GT(refused, 20u);
}

TEST(Json, TextsAreReadAsPythonReadsThemOrRefused) {
  const auto codec = make_codec(Serializer::json, {});
  std::size_t refused = 0;
  for (const TypedJson& one : golden_cases("json_texts.json")) {
    const auto text = one["text"].get<std::string>();
    Value value = "untouched";
    Error error;
    const bool worked = codec->decode(text, value, error);
    if (one["reads"] == "refused") {
      EXPECT_FALSE(worked) << text.substr(0, 80) << to_string(value);
      EXPECT_EQ(error.code, Errc::decode_failed) << text.substr(0, 80);
      EXPECT_EQ(value, "untouched");
      ++refused;
    } else {
      ASSERT_TRUE(worked) << text.substr(0, 80) << error.detail;
      EXPECT_EQ(value, value_of(one["reads"])) << text.substr(0, 80);
    }
  }
  EXPECT_GT(refused, 40u);
}

TEST(Json, IntegersThatAreWholeValuesAreDecimalText) {
  EXPECT_EQ(stored_json(42), "42");
  EXPECT_EQ(stored_json(*Value::integer("-123456789012345678901234567890")),
            "-123456789012345678901234567890");
  EXPECT_EQ(read_json(" +4_2 "), "42");
  EXPECT_EQ(stored_json("42"), "\"42\"");
  EXPECT_EQ(stored_json(true), "true");
}

TEST(Json, SaysWhereTheFaultIs) {
  EXPECT_EQ(read_json("[1, 2, x]"), "decode_failed: json: no value starts at byte 7");
  EXPECT_EQ(read_json("[1, 2"), "decode_failed: json: neither ',' nor ']' at byte 5");
  EXPECT_EQ(read_json("[1, "), "decode_failed: json: ends where a value is expected at byte 4");
  EXPECT_EQ(read_json("[1] 2"), "decode_failed: json: bytes left over after the value at byte 4");
  EXPECT_EQ(read_json("\"\xff\""), "decode_failed: json: not UTF-8 at byte 1");
  EXPECT_EQ(read_json("[\"\\ud800\"]"), "decode_failed: json: a lone surrogate at byte 2");
  EXPECT_EQ(read_json("[\"\\udc00\\ud800\"]"), "decode_failed: json: a lone surrogate at byte 2");
  EXPECT_EQ(read_json("[\"\\ud800\\n\"]"), "decode_failed: json: a lone surrogate at byte 2");
  EXPECT_EQ(read_json(std::string_view("[\0]", 3)),
            "decode_failed: json: no value starts at byte 1");
  EXPECT_EQ(stored_json(Value::list({"a\xff"})),
            "encode_failed: json: a str that is not UTF-8 at its byte 1, and JSON has no bytes");
}

TEST(Json, NamedZoneWithoutAKnownOffsetIsRefused) {
  DateTime at{{2024, 7, 1}, {}};
  at.time.zone.name = "Europe/Paris";
  EXPECT_EQ(stored_json(at),
            "encode_failed: json: a datetime in a named zone whose offset is not known; set "
            "offset_us");
  at.time.zone.offset_us = 7'200'000'000;
  EXPECT_EQ(stored_json(at), "\"2024-07-01T00:00:00+02:00\"");
  EXPECT_EQ(stored_json(DateTime{{2024, 13, 1}, {}}),
            "encode_failed: json: a datetime out of Python's range");
}

// Django asks the zone for the offset of a time of day: with daylight saving there is none.
TEST(Json, ATimeThatMayHaveAnOffsetIsRefused) {
  for (const TimeZone& zone :
       {TimeZone{0, {}}, TimeZone{0, "Europe/Paris"}, TimeZone{std::nullopt, "UTC"},
        TimeZone{std::nullopt, "Etc/GMT+5"}, TimeZone{std::nullopt, "posix/Etc/UTC"}}) {
    EXPECT_EQ(stored_json(Time{.hour = 1, .zone = zone}),
              "encode_failed: json: a time with an offset: JSON can't represent timezone-aware "
              "times")
        << zone.name;
  }
  EXPECT_EQ(stored_json(Time{.hour = 1, .zone = {std::nullopt, "Europe/Paris"}}), "\"01:00:00\"");
  EXPECT_EQ(stored_json(Time{.hour = 1}), "\"01:00:00\"");
}

TEST(Json, DepthIsLimitedInBothDirections) {
  const Limits limits{.max_bytes = 1000, .max_depth = 3};
  EXPECT_EQ(read_json("[[[1]]]", limits), "[[[1]]]");
  EXPECT_EQ(read_json("[[[[1]]]]", limits),
            "decode_failed: json: nested deeper than 3 levels at byte 3");
  EXPECT_EQ(read_json("[{\"a\":[[", limits),
            "decode_failed: json: nested deeper than 3 levels at byte 7");
  Value nested = 1;
  for (int i = 0; i < 3; ++i) nested = Value::list({nested});
  EXPECT_EQ(stored_json(nested, limits), "[[[1]]]");
  EXPECT_EQ(stored_json(Value::dict({{"a", nested}}), limits),
            "encode_failed: json: nested deeper than 3 levels");
  const std::string deep(1'000'000, '[');
  EXPECT_TRUE(read_json(deep).starts_with("decode_failed: json: nested deeper than 64"));
}

TEST(Json, SizeIsLimitedInBothDirections) {
  const Limits limits{.max_bytes = 10, .max_depth = 64};
  EXPECT_EQ(stored_json("12345678", limits), "\"12345678\"");
  for (const Value& value : {Value("123456789"), Value("\x01\x01"), Value::list({1, 2, 3, 4}),
                             Value(Uuid{}), Value::dict({{"abcde", 1.5}})}) {
    EXPECT_TRUE(stored_json(value, limits).starts_with("value_too_large: ")) << to_string(value);
  }
  EXPECT_EQ(read_json("\"12345678\"", limits), "'12345678'");
  EXPECT_EQ(read_json("\"123456789\"", limits),
            "value_too_large: a value of 11 bytes is over the limit of 10");
}

// Any text is either refused or read; a value that was read is written as a text that reads as the
// same value.
TEST(Json, TextsDamagedAnywhereAreRefusedOrReadAsSomethingThatCanBeStored) {
  const std::string text =
      R"({"a": [1, -2.5e3, true, null, "x\u00e9\ud83d\ude00"], "b": {"c": NaN, "d": ""}})";
  const auto codec = make_codec(Serializer::json, {});
  for (std::size_t at = 0; at < text.size(); ++at) {
    EXPECT_TRUE(read_json(text.substr(0, at)).starts_with("decode_failed: ")) << at;
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      Value value, again;
      Error error;
      if (!codec->decode(changed, value, error)) continue;
      ASSERT_TRUE(codec->decode(stored_json(value), again, error)) << changed;
      ASSERT_EQ(again, value) << changed;
    }
  }
}

}  // namespace
}  // namespace djcache::codec
