// Value: construction, copies and moves, accessors, the dict functions.
#include <djcache/value.h>

#include <gmock/gmock.h>

namespace djcache {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

static_assert(sizeof(Value) == 48);
static_assert(std::is_nothrow_move_constructible_v<Value>);
static_assert(!std::is_constructible_v<Value, void*>);
static_assert(!std::is_constructible_v<Value, int*>, "a pointer must not pass for True");

bool lies_inside(const Value& value) {
  const char* at = value.text().data();
  const char* self = reinterpret_cast<const char*>(&value);
  return at >= self && at < self + sizeof(Value);
}

// One value of each kind; text kinds both in place and on the heap.
std::vector<Value> one_of_each() {
  return {Value(),
          true,
          -7,
          *Value::integer("123456789012345678901234567890"),
          *Value::integer("-" + std::string(60, '7')),
          2.5,
          "short",
          std::string(1000, 'x'),
          Value::bytes("\xff"),
          Value::bytes(std::string(41, '\0')),
          Value::list({1, "two", Value::list({3})}),
          Value::tuple({1}),
          Value::dict({{"a", 1}, {Value::tuple({1}), Value::list({})}}),
          Value::set({1, 2}),
          Value::frozenset({Value::frozenset({})}),
          DateTime{{2024, 2, 29}, {.hour = 1, .zone = {.offset_us = 0}}},
          Date{2024, 2, 29},
          Time{.hour = 1, .zone = {.offset_us = {}, .name = "Europe/Paris"}},
          TimeDelta{1, 2, 3},
          *Value::decimal("1.50"),
          Uuid{{1, 2, 3}},
          Value::opaque("shops.Shop" + std::string(1, '\0') + std::string(50, 'x'))};
}

TEST(Value, IsNilByDefault) {
  EXPECT_TRUE(Value().is_nil());
  EXPECT_TRUE(Value(nullptr).is_nil());
  EXPECT_EQ(Value(), Value(nullptr));
}

TEST(Value, TakesTheKindOfTheCppType) {
  EXPECT_EQ(Value(true).kind(), Kind::boolean);
  EXPECT_EQ(Value(1).kind(), Kind::integer);
  EXPECT_EQ(Value(std::int8_t{1}).kind(), Kind::integer);
  EXPECT_EQ(Value(1ull).kind(), Kind::integer);
  EXPECT_EQ(Value(1.0f).kind(), Kind::real);
  EXPECT_EQ(Value("text").kind(), Kind::string);
  EXPECT_EQ(Value(std::string("text")).kind(), Kind::string);
  EXPECT_EQ(Value(std::string_view("text")).kind(), Kind::string);
  EXPECT_EQ(Value(Date{}).kind(), Kind::date);
  EXPECT_EQ(Value(Time{}).kind(), Kind::time);
  EXPECT_EQ(Value(DateTime{}).kind(), Kind::datetime);
  EXPECT_EQ(Value(TimeDelta{}).kind(), Kind::timedelta);
  EXPECT_EQ(Value(Uuid{}).kind(), Kind::uuid);
}

TEST(Value, IsMadeOfContainersAndOptionals) {
  EXPECT_EQ(Value(std::vector<int>{1, 2}), Value::list({1, 2}));
  EXPECT_EQ(Value(std::vector<bool>{true, false}), Value::list({true, false}));
  EXPECT_EQ(Value(std::vector<std::vector<std::string>>{{"a"}, {}}),
            Value::list({Value::list({"a"}), Value::list()}));
  EXPECT_EQ(Value(std::vector<Value>{1, "a"}), Value::list({1, "a"}));
  EXPECT_EQ(Value(std::optional<int>()), Value());
  EXPECT_EQ(Value(std::optional<std::string>("a")), Value("a"));
  const std::map<std::string, int> map{{"a", 1}, {"b", 2}};
  EXPECT_EQ(Value(map), Value::dict({{"a", 1}, {"b", 2}}));
  EXPECT_EQ(Value(std::map<std::string, std::vector<int>>{{"a", {1}}}),
            Value::dict({{"a", Value::list({1})}}));
  EXPECT_EQ(Value(static_cast<const char*>(nullptr)), Value());
  EXPECT_FALSE((std::constructible_from<Value, char>)) << "a text or a number?";
  EXPECT_FALSE((std::constructible_from<Value, std::vector<char>>));
  EXPECT_FALSE((std::constructible_from<Value, std::vector<void*>>));
}

TEST(Value, UnsignedBeyondInt64IsABigInteger) {
  EXPECT_EQ(Value(std::uint64_t{INT64_MAX}).as_int(), INT64_MAX);
  for (const Value& big : {Value(std::uint64_t{1} << 63), Value(1ull << 63)}) {
    EXPECT_EQ(big.kind(), Kind::big_integer);
    EXPECT_EQ(big.text(), "9223372036854775808");
  }
}

TEST(Value, KindsHavePythonsNames) {
  const std::vector<std::string_view> names = {
      "NoneType", "bool",  "int",       "int",     "int",  "float", "str",       "str",
      "bytes",    "bytes", "list",      "tuple",   "dict", "set",   "frozenset", "datetime",
      "date",     "time",  "timedelta", "Decimal", "UUID", "object"};
  const auto values = one_of_each();
  ASSERT_EQ(values.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(to_string(values[i].kind()), names[i]);
}

TEST(Value, TextOfUpToFortyBytesLivesInside) {
  for (std::size_t size = 0; size <= 60; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    const Value from_view{std::string_view(text)}, from_string{std::string(text)};
    for (const Value& value : {std::cref(from_view), std::cref(from_string)}) {
      EXPECT_EQ(value.as_string(), text);
      EXPECT_EQ(lies_inside(value), size <= Value::inline_text) << size;
    }
  }
}

TEST(Value, ALongStringIsAdopted) {
  std::string text(1000, 'x');
  const char* const at = text.data();
  Value value(std::move(text));
  EXPECT_EQ(value.text().data(), at);
  Value moved(std::move(value));
  EXPECT_EQ(moved.text().data(), at);
  EXPECT_EQ(std::move(moved).take_text().data(), at);
  EXPECT_TRUE(moved.is_nil());
}

TEST(Value, TakeTextGivesShortTextToo) {
  Value value("short");
  EXPECT_EQ(std::move(value).take_text(), "short");
  EXPECT_TRUE(value.is_nil());
  EXPECT_EQ(Value(1).take_text(), "");
}

TEST(Value, CopiesAreDeepAndEqual) {
  for (const Value& original : one_of_each()) {
    const Value copy = original;
    EXPECT_EQ(copy, original);
    Value assigned("something else that is long enough for the heap, so that it must be freed");
    assigned = original;
    EXPECT_EQ(assigned, original);
  }
  Value list = Value::list({Value::list({1})});
  const Value copy = list;
  (*list.mutable_sequence())[0].mutable_sequence()->push_back(2);
  EXPECT_EQ(copy, Value::list({Value::list({1})}));
}

TEST(Value, AMovedFromOwnerIsNil) {
  for (const Value& original : one_of_each()) {
    Value source = original;
    const Value moved = std::move(source);
    EXPECT_EQ(moved, original);
    EXPECT_TRUE(source.is_nil() || source == original);
    if (original.as_sequence() || original.as_dict()) {
      EXPECT_TRUE(source.is_nil());
    }
  }
}

TEST(Value, AssigningAValueToItselfChangesNothing) {
  for (const Value& original : one_of_each()) {
    Value value = original;
    Value& same = value;
    value = same;
    EXPECT_EQ(value, original);
    value = std::move(same);
    EXPECT_EQ(value, original);
  }
}

TEST(Value, CanBeAssignedOneOfItsOwnChildren) {
  const std::string text(100, 'x');
  Value moved = Value::list({Value::list({text})});
  moved = std::move((*moved.mutable_sequence())[0]);
  EXPECT_EQ(moved, Value::list({text}));
  moved = (*moved.as_list())[0];
  EXPECT_EQ(moved, text);
}

TEST(Value, LooksInsideAreNullForOtherKinds) {
  for (const Value& value : one_of_each()) {
    EXPECT_EQ(value.as_bool().has_value(), value.is(Kind::boolean));
    EXPECT_EQ(value.as_int().has_value(), value.is(Kind::integer));
    EXPECT_EQ(value.as_double().has_value(), value.is(Kind::real));
    EXPECT_EQ(value.as_string().has_value(), value.is(Kind::string));
    EXPECT_EQ(value.as_bytes().has_value(), value.is(Kind::bytes));
    EXPECT_EQ(value.as_list() != nullptr, value.is(Kind::list));
    EXPECT_EQ(value.as_sequence() != nullptr, value.is(Kind::list) || value.is(Kind::tuple) ||
                                                  value.is(Kind::set) || value.is(Kind::frozenset));
    EXPECT_EQ(value.as_dict() != nullptr, value.is(Kind::dict));
    EXPECT_EQ(value.as_date() != nullptr, value.is(Kind::date));
    EXPECT_EQ(value.as_time() != nullptr, value.is(Kind::time));
    EXPECT_EQ(value.as_datetime() != nullptr, value.is(Kind::datetime));
    EXPECT_EQ(value.as_timedelta() != nullptr, value.is(Kind::timedelta));
    EXPECT_EQ(value.as_uuid() != nullptr, value.is(Kind::uuid));
  }
}

TEST(Value, IntegerTextIsMadeCanonical) {
  struct Case {
    const char *text, *canonical;
    Kind kind;
  };
  const Case cases[] = {
      {"0", "0", Kind::integer},
      {"-0", "0", Kind::integer},
      {"-000", "0", Kind::integer},
      {"007", "7", Kind::integer},
      {"-007", "-7", Kind::integer},
      {"9223372036854775807", "9223372036854775807", Kind::integer},
      {"-9223372036854775808", "-9223372036854775808", Kind::integer},
      {"9223372036854775808", "9223372036854775808", Kind::big_integer},
      {"-9223372036854775809", "-9223372036854775809", Kind::big_integer},
      {"000123456789012345678901234567890", "123456789012345678901234567890", Kind::big_integer},
      {"-00012345678901234567890", "-12345678901234567890", Kind::big_integer},
  };
  for (const Case& c : cases) {
    const auto value = Value::integer(c.text);
    ASSERT_TRUE(value) << c.text;
    EXPECT_EQ(value->kind(), c.kind) << c.text;
    EXPECT_EQ(to_string(*value), c.canonical);
  }
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1_0", "--1", "1.0", "x", "0x1"}) {
    EXPECT_FALSE(Value::integer(text)) << text;
  }
}

TEST(Value, DecimalTextIsCheckedAndKept) {
  for (const char* text : {"0", "-0", "1.50", ".5", "5.", "+1e5", "1E-30", "Infinity", "-inf",
                           "NaN", "sNaN12", "nan0"}) {
    const auto value = Value::decimal(text);
    ASSERT_TRUE(value) << text;
    EXPECT_EQ(value->text(), text);
  }
  for (const char* text : {"", ".", "-", "e5", "1e", "1e+", "1.2.3", " 1", "1 ", "1_0", "infin",
                           "nanx", "0x1", "1,5"}) {
    EXPECT_FALSE(Value::decimal(text)) << text;
  }
}

TEST(Dict, KeepsInsertionOrderAndTheLastOfEqualKeys) {
  const Value dict =
      Value::dict({{"b", 1}, {"a", 2}, {"b", 3}, {1, "int"}, {true, "bool"}, {1.0, "float"}});
  EXPECT_THAT(*dict.as_dict(), ElementsAre(Pair("b", 3), Pair("a", 2), Pair(1, "int"),
                                           Pair(true, "bool"), Pair(1.0, "float")));
}

TEST(Dict, KeepsTheLastOfEqualKeysAmongMany) {
  Value::Items items;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i)
      items.emplace_back(i % 2 ? Value(i) : Value(std::to_string(i)), round);
  }
  const Value dict = Value::dict(std::move(items));
  ASSERT_EQ(dict.as_dict()->size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ((*dict.as_dict())[i], DictItem(i % 2 ? Value(i) : Value(std::to_string(i)), 2));
  }
}

// Texts of every length; some differ only in bytes that a quick comparison skips.
std::string key_of_length(std::size_t number, std::size_t size) {
  std::string key(size, 'k');
  const std::string digits = std::to_string(1000 + number);
  return key.replace(size / 2, 0, digits);
}

TEST(Dict, FindsTheOneEqualKeyAmongAnyNumberOfOthers) {
  for (const std::size_t count : {2, 8, 9, 16, 17, 64, 65, 200}) {
    for (const std::size_t size : {0, 2, 6, 30, 60}) {
      Value::Items items;
      for (std::size_t i = 0; i < count; ++i) items.emplace_back(key_of_length(i, size), i);
      EXPECT_EQ(Value::dict(items).as_dict()->size(), count) << size;
      for (const std::size_t which : {std::size_t{0}, count / 2, count - 1}) {
        Value::Items twice = items;
        twice.emplace_back(key_of_length(which, size), "last");
        const Value dict = Value::dict(std::move(twice));
        ASSERT_EQ(dict.as_dict()->size(), count) << size;
        EXPECT_EQ((*dict.as_dict())[which].second, Value("last"));
      }
    }
  }
}

TEST(Dict, KeysOfOtherKindsThanStringsAreComparedAsWell) {
  const Value dict = Value::dict({{1, "a"}, {"1", "b"}, {Value::bytes("1"), "c"}, {1, "d"}});
  EXPECT_EQ(dict, Value::dict({{1, "d"}, {"1", "b"}, {Value::bytes("1"), "c"}}));
}

TEST(Value, TheVectorOfAContainerLiesInside) {
  const Value list = Value::list({1, 2, 3});
  const Value copy = list;
  EXPECT_GE(reinterpret_cast<const char*>(copy.as_list()), reinterpret_cast<const char*>(&copy));
  EXPECT_LT(reinterpret_cast<const char*>(copy.as_list()),
            reinterpret_cast<const char*>(&copy + 1));
}

TEST(Dict, PutReplacesInPlaceOrAppends) {
  Value dict = Value::dict({{"a", 1}, {"b", 2}});
  dict.put("a", 3);
  dict.put("c", 4);
  EXPECT_THAT(*dict.as_dict(), ElementsAre(Pair("a", 3), Pair("b", 2), Pair("c", 4)));
}

TEST(Dict, PutMakesADictOfAnythingElse) {
  Value value = Value::list({1});
  value.put("a", 1);
  EXPECT_EQ(value, Value::dict({{"a", 1}}));
}

TEST(Dict, FindLooksAtKindAndContent) {
  Value dict = Value::dict({{"a", 1}, {Value::bytes("a"), 2}, {1, 3}});
  EXPECT_EQ(*dict.find("a"), 1);
  EXPECT_EQ(*dict.find(Value::bytes("a")), 2);
  EXPECT_EQ(*dict.find(Value(1)), 3);
  EXPECT_EQ(dict.find(Value(true)), nullptr);
  EXPECT_EQ(dict.find("b"), nullptr);
  EXPECT_EQ(Value(1).find("a"), nullptr);
  *dict.find(Value("a")) = "changed";
  EXPECT_EQ(*dict.find("a"), "changed");
}

TEST(Dict, FindTakesAnyTextOfConstantAndOtherDicts) {
  Value dict = Value::dict({{"a", 1}});
  const Value& constant = dict;
  const std::string text = "a";
  const char* pointer = "a";
  EXPECT_EQ(constant.find("a"), constant.find(Value("a")));
  for (const Value* found : {constant.find(text), constant.find(pointer),
                             constant.find(std::string_view("a")), constant.find("a")}) {
    EXPECT_EQ(found, constant.find(Value("a")));
  }
  *dict.find(text) = 2;
  *dict.find(std::string_view("a")) = 3;
  *dict.find(pointer) = 4;
  EXPECT_EQ(*dict.find("a"), 4);
  EXPECT_EQ(constant.find("b"), nullptr);
}

TEST(Dict, EraseSaysWhetherTheKeyWasThere) {
  Value dict = Value::dict({{"a", 1}, {"b", 2}});
  EXPECT_TRUE(dict.erase("a"));
  EXPECT_FALSE(dict.erase("a"));
  EXPECT_EQ(dict, Value::dict({{"b", 2}}));
  EXPECT_FALSE(Value(1).erase("a"));
}

}  // namespace
}  // namespace djcache
