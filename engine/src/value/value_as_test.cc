// Value::as<T>(): conversions that succeed, values that do not fit, and kinds that are refused.
#include <cmath>
#include <limits>

#include <djcache/value.h>

#include <gmock/gmock.h>

namespace djcache {
namespace {

using Pairs = std::vector<std::pair<std::string, int>>;

TEST(ValueAs, IntegersAreRangeChecked) {
  EXPECT_EQ(Value(127).as<std::int8_t>(), std::int8_t{127});
  EXPECT_EQ(Value(128).as<std::int8_t>(), std::nullopt);
  EXPECT_EQ(Value(-1).as<unsigned>(), std::nullopt);
  EXPECT_EQ(Value(255).as<std::uint8_t>(), std::uint8_t{255});
  EXPECT_EQ(Value(256).as<std::uint8_t>(), std::nullopt);
  EXPECT_EQ(Value(INT64_MIN).as<long long>(), INT64_MIN);
  EXPECT_EQ(Value(65).as<char>(), 'A');
  EXPECT_EQ(Value(300).as<char>(), std::nullopt);
}

TEST(ValueAs, UnsignedTakesBigIntegersThatFit) {
  EXPECT_EQ(Value(UINT64_MAX).as<std::uint64_t>(), UINT64_MAX);
  EXPECT_EQ(Value(UINT64_MAX).as<std::int64_t>(), std::nullopt);
  EXPECT_EQ(Value::integer("18446744073709551616")->as<std::uint64_t>(), std::nullopt);
  EXPECT_EQ(Value::integer("-9223372036854775809")->as<std::int64_t>(), std::nullopt);
}

TEST(ValueAs, BoolAndIntegersAreNotMixed) {
  EXPECT_EQ(Value(true).as<bool>(), true);
  EXPECT_EQ(Value(1).as<bool>(), std::nullopt);
  EXPECT_EQ(Value(true).as<int>(), std::nullopt);
  EXPECT_EQ(Value(1.0).as<int>(), std::nullopt);
  EXPECT_EQ(Value("1").as<int>(), std::nullopt);
}

TEST(ValueAs, FloatingPointTakesIntegersToo) {
  EXPECT_EQ(Value(2.5).as<double>(), 2.5);
  EXPECT_EQ(Value(2).as<double>(), 2.0);
  EXPECT_EQ(Value(2.5).as<float>(), 2.5f);
  EXPECT_EQ(Value(1e300).as<float>(), std::nullopt);
  EXPECT_EQ(Value(HUGE_VAL).as<float>(), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(*Value(NAN).as<float>()));
  EXPECT_EQ(Value(true).as<double>(), std::nullopt);
}

TEST(ValueAs, StringsComeFromStrAndBytes) {
  EXPECT_EQ(Value("a").as<std::string>(), "a");
  EXPECT_EQ(Value::bytes("b").as<std::string>(), "b");
  EXPECT_EQ(Value::decimal("1")->as<std::string>(), std::nullopt);
}

TEST(ValueAs, VectorsComeFromAnySequence) {
  using Ints = std::vector<int>;
  EXPECT_EQ(Value::list({1, 2}).as<Ints>(), (Ints{1, 2}));
  EXPECT_EQ(Value::tuple({1, 2}).as<Ints>(), (Ints{1, 2}));
  EXPECT_EQ(Value::set({1}).as<Ints>(), (Ints{1}));
  EXPECT_EQ(Value::list({1, "2"}).as<Ints>(), std::nullopt);
  EXPECT_EQ(Value(1).as<Ints>(), std::nullopt);
  EXPECT_EQ(Value::list({Value::list({1}), Value::list({})}).as<std::vector<Ints>>(),
            (std::vector<Ints>{{1}, {}}));
}

TEST(ValueAs, NilIsAnEmptyOptional) {
  EXPECT_EQ(Value().as<std::optional<int>>(), std::optional<std::optional<int>>(std::in_place));
  EXPECT_EQ(Value(1).as<std::optional<int>>(), std::optional<int>(1));
  EXPECT_EQ(Value("x").as<std::optional<int>>(), std::nullopt);
  EXPECT_EQ(Value().as<int>(), std::nullopt);
}

TEST(ValueAs, PairsComeFromADictWithTextKeys) {
  EXPECT_EQ(Value::dict({{"a", 1}, {"b", 2}}).as<Pairs>(), (Pairs{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(Value::dict({{1, 1}}).as<Pairs>(), std::nullopt);
  EXPECT_EQ(Value::dict({{"a", "x"}}).as<Pairs>(), std::nullopt);
}

TEST(ValueAs, StructsAreCopiedOut) {
  EXPECT_EQ(Value(Date{2024, 1, 2}).as<Date>(), (Date{2024, 1, 2}));
  EXPECT_EQ(Value(Time{.hour = 1}).as<Time>(), Time{.hour = 1});
  EXPECT_EQ(Value(DateTime{{2024, 1, 2}, {}}).as<DateTime>(), (DateTime{{2024, 1, 2}, {}}));
  EXPECT_EQ(Value(TimeDelta{1, 2, 3}).as<TimeDelta>(), (TimeDelta{1, 2, 3}));
  EXPECT_EQ(Value(Uuid{{7}}).as<Uuid>(), Uuid{{7}});
  EXPECT_EQ(Value(Date{}).as<DateTime>(), std::nullopt);
  EXPECT_EQ(Value(7).as<Value>(), Value(7));
}

}  // namespace
}  // namespace djcache
