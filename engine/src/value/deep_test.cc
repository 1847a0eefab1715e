// Values nested deeper than any stack: no function that walks them may recurse without a bound.
#include <djcache/value.h>

#include <gtest/gtest.h>

#include "value/hash.h"
#include "value/work.h"

namespace djcache {
namespace {

// A recursive function would have 27 bytes per level on a stack of the usual size.
constexpr int depth = 300'000;

Value wrap(Kind kind, Value inner) {
  Value::List one;
  if (kind != Kind::dict) one.push_back(std::move(inner));
  switch (kind) {
    case Kind::list:
      return Value::list(std::move(one));
    case Kind::tuple:
      return Value::tuple(std::move(one));
    case Kind::set:
      return Value::set(std::move(one));
    case Kind::frozenset:
      return Value::frozenset(std::move(one));
    default:
      break;
  }
  Value::Items items;
  items.emplace_back("key", std::move(inner));
  return Value::dict(std::move(items));
}

Value nested(Kind kind, Value innermost) {
  for (int i = 0; i < depth; ++i) innermost = wrap(kind, std::move(innermost));
  return innermost;
}

class Deep : public ::testing::TestWithParam<Kind> {};

TEST_P(Deep, ValuesAreCopiedComparedHashedPrintedAndDestroyed) {
  const Value one = nested(GetParam(), 1);
  const Value copy = one;
  EXPECT_TRUE(copy == one);
  EXPECT_EQ(value::hash(copy), value::hash(one));
  const Value other = nested(GetParam(), 2);
  EXPECT_FALSE(other == one);
  EXPECT_NE(value::hash(other), value::hash(one));
  EXPECT_LE(to_string(one, 100'000).size(), 100'003u);
}

INSTANTIATE_TEST_SUITE_P(, Deep,
                         ::testing::Values(Kind::list, Kind::tuple, Kind::set, Kind::frozenset,
                                           Kind::dict),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(DeepKeys, AreMatchedToo) {
  Value key = 1;
  for (int i = 0; i < 10'000; ++i) key = wrap(Kind::tuple, std::move(key));
  const Value one = Value::dict({{key, 1}, {"x", 2}}), two = Value::dict({{"x", 2}, {key, 1}});
  EXPECT_TRUE(one == two);
}

// The sanitizer reports whatever is not freed.
TEST(DeepKeys, AreDestroyedOnBothSidesOfAnItem) {
  Value tree = 1;
  for (int i = 0; i < 1000; ++i) {
    const Value leaf = Value::tuple({std::string(50, 'x')}), yes = true;
    switch (i % 3) {
      case 0:
        tree = Value::dict({{leaf, std::move(tree)}, {yes, leaf}});
        break;
      case 1:
        tree = Value::dict({{Value(leaf), yes}, {wrap(Kind::tuple, std::move(tree)), leaf}});
        break;
      default:
        tree = Value::list({leaf, std::move(tree), leaf, Value::dict(), yes});
    }
  }
}

// A value with two members at each level, so that they have to be matched.
Value matched(Kind kind, int levels) {
  Value inner = Value::frozenset({1, 2});
  for (int i = 0; i < levels; ++i) {
    inner = kind == Kind::dict ? Value::dict({{std::move(inner), 1}, {Value::tuple({i}), 2}})
                               : Value::set({std::move(inner), Value::tuple({i})});
  }
  return inner;
}

TEST(DeepKeys, AreHashedOnceHoweverDeepTheyLie) {
  for (const Kind kind : {Kind::set, Kind::dict}) {
    std::uint64_t before = 0;
    for (const int levels : {100, 200, 400, 800}) {
      const Value one = matched(kind, levels), two = one;
      const std::uint64_t start = value::work_done;
      EXPECT_TRUE(one == two);
      const std::uint64_t work = value::work_done - start;
      EXPECT_TRUE(before == 0 || work <= 2 * before + before / 5) << work << " for " << levels;
      before = work;
    }
  }
}

TEST(Wide, TreesAreDestroyedAndCopied) {
  Value tree = Value::list({1, "two"});
  for (int i = 0; i < 16; ++i) tree = Value::list({tree, tree, std::string(50, 'x')});
  const Value copy = tree;
  EXPECT_TRUE(copy == tree);
}

}  // namespace
}  // namespace djcache
