// operator== and hash(), which has to agree with it.
#include <cmath>
#include <random>

#include <djcache/value.h>

#include <gtest/gtest.h>

#include "value/distinct.h"
#include "value/hash.h"

namespace djcache {
namespace {

void expect_equal(const Value& a, const Value& b) {
  EXPECT_EQ(a, b) << to_string(a) << " and " << to_string(b);
  EXPECT_EQ(b, a);
  EXPECT_EQ(value::hash(a), value::hash(b)) << to_string(a) << " and " << to_string(b);
}

void expect_different(const Value& a, const Value& b) {
  EXPECT_FALSE(a == b) << to_string(a) << " and " << to_string(b);
  EXPECT_FALSE(b == a);
  EXPECT_NE(value::hash(a), value::hash(b)) << to_string(a) << " and " << to_string(b);
}

TEST(Equality, KindsNeverMix) {
  const std::vector<Value> values = {Value(),
                                     false,
                                     0,
                                     0.0,
                                     "",
                                     Value::bytes(""),
                                     Value::list(),
                                     Value::tuple(),
                                     Value::dict(),
                                     Value::set(),
                                     Value::frozenset(),
                                     *Value::decimal("0"),
                                     Date{},
                                     Time{},
                                     DateTime{},
                                     TimeDelta{},
                                     Uuid{},
                                     *Value::integer(std::string(30, '1'))};
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values.size(); ++j) {
      i == j ? expect_equal(values[i], values[j]) : expect_different(values[i], values[j]);
    }
  }
}

TEST(Equality, ContentCounts) {
  expect_different(1, 2);
  expect_different(1.0, 1.5);
  expect_different("a", "b");
  expect_different("a", std::string("a\0", 2));
  expect_different(std::string(8, '\0'), std::string(9, '\0'));
  expect_different(Date{2024, 1, 2}, Date{2024, 2, 1});
  expect_different(Time{.hour = 1}, Time{.minute = 1});
  expect_different(Time{.zone = {.offset_us = 0}}, Time{});
  expect_different(Time{.zone = {.offset_us = 0}}, Time{.zone = {.offset_us = 0, .name = "UTC"}});
  expect_different(TimeDelta{1, 0, 0}, TimeDelta{0, 1, 0});
  expect_different(Uuid{{1}}, Uuid{{2}});
  expect_different(*Value::decimal("1.0"), *Value::decimal("1.00"));
  expect_different(Value::list({1, 2}), Value::list({2, 1}));
  expect_different(Value::list({1, 2}), Value::list({1}));
  expect_different(Value::list({Value::list({1})}), Value::list({1}));
}

TEST(Equality, NanEqualsNanAndZeroMinusZero) {
  expect_equal(NAN, NAN);
  expect_equal(NAN, -NAN);
  expect_equal(0.0, -0.0);
  expect_equal(Value::list({NAN}), Value::list({NAN}));
}

TEST(Equality, OrderCountsInListsAndTuplesOnly) {
  expect_different(Value::tuple({1, 2}), Value::tuple({2, 1}));
  expect_equal(Value::set({1, 2, "x"}), Value::set({"x", 2, 1}));
  expect_equal(Value::frozenset({1, 2}), Value::frozenset({2, 1}));
  expect_equal(Value::dict({{"a", 1}, {"b", 2}}), Value::dict({{"b", 2}, {"a", 1}}));
  expect_different(Value::dict({{"a", 1}, {"b", 2}}), Value::dict({{"a", 2}, {"b", 1}}));
  expect_different(Value::dict({{"a", 1}, {"b", 2}}), Value::dict({{"a", 1}, {"c", 2}}));
  expect_different(Value::dict({{"a", 1}}), Value::dict({{"a", 1}, {"b", 2}}));
}

TEST(Equality, MembersWithChildrenAreMatchedWithoutOrder) {
  const Value one = Value::frozenset({Value::tuple({1, 2}), Value::frozenset({3, 4})});
  const Value two = Value::frozenset({Value::frozenset({4, 3}), Value::tuple({1, 2})});
  expect_equal(one, two);
  expect_equal(Value::dict({{one, Value::list({1})}, {"x", 1}}),
               Value::dict({{"x", 1}, {two, Value::list({1})}}));
  expect_different(Value::dict({{one, 1}, {"x", 1}}), Value::dict({{"x", 1}, {two, 2}}));
  expect_different(one, Value::frozenset({Value::tuple({2, 1}), Value::frozenset({3, 4})}));
}

TEST(Equality, DuplicatesThatSomebodyPutInAreCounted) {
  EXPECT_EQ(Value::set({1, 1, 2}), Value::set({1, 2, 1}));
  EXPECT_FALSE(Value::set({1, 1, 2}) == Value::set({1, 2, 2}));
  const Value t = Value::tuple({1}), u = Value::tuple({2});
  EXPECT_EQ(Value::set({t, t, u}), Value::set({t, u, t}));
  EXPECT_FALSE(Value::set({t, t, u}) == Value::set({t, u, u}));
  Value a = Value::dict({{t, 1}, {u, 3}}), b = a;
  a.mutable_dict()->push_back({t, 2});
  b.mutable_dict()->insert(b.mutable_dict()->begin(), {t, 2});
  EXPECT_EQ(a, b);
  (*b.mutable_dict())[0].second = 4;
  EXPECT_FALSE(a == b);
}

TEST(Equality, LargeSetsAndDictsInAnyOrder) {
  std::mt19937 random(1);
  Value::List members;
  Value::Items items;
  for (int i = 0; i < 100'000; ++i) {
    members.push_back(i % 3 ? Value(i) : Value(std::to_string(i)));
    items.emplace_back(members.back(), i);
  }
  Value::List shuffled = members;
  Value::Items shuffled_items = items;
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::shuffle(shuffled_items.begin(), shuffled_items.end(), random);
  expect_equal(Value::set(members), Value::set(shuffled));
  expect_equal(Value::dict(items), Value::dict(shuffled_items));
  shuffled[500] = "not there";
  shuffled_items[500].second = "another";
  expect_different(Value::set(members), Value::set(shuffled));
  expect_different(Value::dict(items), Value::dict(shuffled_items));
}

TEST(Distinct, TheFirstOfEqualMembersStays) {
  for (const int count : {3, 10, 100}) {
    Value::List members;
    for (int i = 0; i < 2 * count; ++i) members.push_back(i % count);
    value::keep_first_of_equal(members);
    ASSERT_EQ(members.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) EXPECT_EQ(members[i], i);
  }
}

}  // namespace
}  // namespace djcache
