// The bound on the items of all containers together, against hostile values of tiny items. A value
// at the bound is read and written, one more item is refused, by every serializer.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

constexpr Limits limits{.max_bytes = 64'000};
constexpr std::size_t fitting = 2000;

std::string list_in_msgpack(std::size_t count) {
  return "\xdc" + std::string{static_cast<char>(count >> 8), static_cast<char>(count)} +
         std::string(count, '\xc0');
}
std::string list_in_json(std::size_t count) {
  std::string text = "[1";
  while (--count > 0) text += ",1";
  return text + ']';
}
// Simple enough for the quick reader.
std::string list_in_pickle(std::size_t count) {
  return "\x80\x05](" + std::string(count, 'N') + "e.";
}
// Only the machine reads this.
std::string list_in_old_pickle(std::size_t count) { return "(" + std::string(count, 'N') + "l."; }

std::string over(const std::string& what) {
  return "decode_failed: " + what + ": over the limit of 2000 items in all containers together";
}
bool is_read(const std::string& bytes, Serializer serializer) {
  return read(bytes, serializer, limits).starts_with('[');
}

TEST(Elements, TakeOneAndAHalfTimesTheLimit) {
  EXPECT_EQ(limits.max_elements(), fitting);
  EXPECT_EQ(2 * Limits{}.max_elements() * sizeof(Value), 3 * Limits{}.max_bytes);
  // a small limit does not restrict small values
  EXPECT_EQ(Limits{.max_bytes = 10}.max_elements(), 1024u);
}

TEST(Elements, MsgpackReadsAsManyAsTheLimitAndNotOneMore) {
  EXPECT_TRUE(is_read(list_in_msgpack(fitting), Serializer::msgpack));
  EXPECT_EQ(read(list_in_msgpack(fitting + 1), Serializer::msgpack, limits),
            over("msgpack: list of 2001 items at byte 0"));
}

TEST(Elements, JsonReadsAsManyAsTheLimitAndNotOneMore) {
  EXPECT_TRUE(is_read(list_in_json(fitting), Serializer::json));
  EXPECT_EQ(read(list_in_json(fitting + 1), Serializer::json, limits),
            over("json: an item at byte 4001"));
}

TEST(Elements, PickleReadsAsManyAsTheLimitAndNotOneMore) {
  EXPECT_TRUE(is_read(list_in_pickle(fitting), Serializer::pickle));
  EXPECT_EQ(read(list_in_pickle(fitting + 1), Serializer::pickle, limits),
            over("pickle: a list of 2001 items at byte 2"));
  EXPECT_TRUE(is_read(list_in_old_pickle(fitting), Serializer::pickle));
  EXPECT_EQ(read(list_in_old_pickle(fitting + 1), Serializer::pickle, limits),
            over("pickle: a list of 2001 items at byte 2002"));
}

TEST(Elements, OfAllContainersCountTogetherAndADictsItemsTwice) {
  for (const auto serializer : {Serializer::msgpack, Serializer::json, Serializer::pickle}) {
    // 3 + 2 * 10 + 976 + 1001 = 2000, the bound
    Value::Items items;
    for (int i = 0; i < 10; ++i) items.emplace_back(std::to_string(i), true);
    const Value just = Value::list(
        {Value::dict(items), Value::list(Value::List(976)), Value::list(Value::List(1001))});
    const std::string bytes = stored(just, serializer);
    EXPECT_TRUE(is_read(bytes, serializer));
    items.emplace_back("10", true);
    const Value one_more = Value::list({Value::dict(items), Value::list(Value::List(976)),
                                        Value::list(Value::List(1000))});  // 2001
    EXPECT_TRUE(
        read(stored(one_more, serializer), serializer, limits).starts_with("decode_failed"));
  }
}

TEST(Elements, AreNotWrittenWhereTheyCouldNotBeRead) {
  for (const auto serializer : {Serializer::msgpack, Serializer::json, Serializer::pickle}) {
    const std::string bytes = stored(Value::list(Value::List(fitting)), serializer, limits);
    EXPECT_TRUE(is_read(bytes, serializer)) << bytes;
    EXPECT_EQ(stored(Value::list(Value::List(fitting + 1)), serializer, limits),
              "value_too_large: a value over the limit of 2000 items in all containers together");
    EXPECT_EQ(
        stored(Value::dict({{"k", Value::list(Value::List(fitting - 1))}}), serializer, limits),
        "value_too_large: a value over the limit of 2000 items in all containers together");
  }
}

}  // namespace
}  // namespace djcache::codec
