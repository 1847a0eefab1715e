// Value::as<T>(): conversions that succeed, values that do not fit, and kinds that are refused.
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

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

TEST(ValueAs, DurationsOfWholeTicksGoBothWays) {
  using namespace std::chrono;
  using namespace std::chrono_literals;
  const struct {
    Value value;
    TimeDelta delta;
  } rows[] = {
      {90min, {0, 5400, 0}},
      {-1us, {-1, 86'399, 999'999}},
      {1999ns, {0, 0, 1}},
      {-1ns, {-1, 86'399, 999'999}},
      {days(-3), {-3, 0, 0}},
      {years(1), {365, 20'952, 0}},
      {nanoseconds::max(), {106'751, 85'636, 854'775}},
      {microseconds::min(), {-106'751'992, 71'945, 224'192}},
      {hours(std::int64_t{24} * 999'999'999), {999'999'999, 0, 0}},
      {duration<std::int64_t, days::period>(INT64_MAX), {999'999'999, 86'399, 999'999}},
      {duration<std::int64_t, years::period>(INT64_MIN), {-999'999'999, 0, 0}},
  };
  for (const auto& [value, delta] : rows)
    EXPECT_EQ(*value.as_timedelta(), delta) << to_string(value);
  EXPECT_EQ(Value(90min).as<minutes>(), 90min);
  EXPECT_EQ(Value(90min).as<hours>(), std::nullopt);
  EXPECT_EQ(Value(1500us).as<milliseconds>(), std::nullopt);
  EXPECT_EQ(Value(-1500us).as<microseconds>(), -1500us);
  EXPECT_EQ(Value(-1500us).as<nanoseconds>(), -1500us);
  EXPECT_EQ(Value(microseconds::max()).as<microseconds>(), std::nullopt);  // the last second of all
  EXPECT_EQ(Value(TimeDelta{-999'999'999, 0, 0}).as<days>(), days(-999'999'999));
  EXPECT_EQ(Value(TimeDelta{-999'999'999, 0, 0}).as<nanoseconds>(), std::nullopt);
  EXPECT_EQ((Value(256s).as<duration<std::int8_t>>()), std::nullopt);
  EXPECT_EQ(Value(3600).as<seconds>(), std::nullopt);
}

TEST(ValueAs, PointsInTimeAreDatetimesInUtc) {
  using namespace std::chrono;
  using namespace std::chrono_literals;
  const sys_days day(February / 29 / 2024);
  EXPECT_EQ(to_string(Value(day + 13h + 250us)),
            "datetime.datetime(2024, 2, 29, 13, 0, 0, 250, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(Value(day + 13h + 250us).as<sys_time<microseconds>>(), day + 13h + 250us);
  EXPECT_EQ(Value(day + 13h + 250us).as<sys_seconds>(), std::nullopt);
  EXPECT_EQ(Value(sys_time<microseconds>(-1us)).as<sys_time<microseconds>>(),
            sys_time<microseconds>(-1us));
  DateTime elsewhere{{2024, 2, 29}, {.hour = 1, .zone = {.offset_us = 7'200'000'000}}};
  EXPECT_EQ(Value(elsewhere).as<sys_seconds>(), day - 1h);
  elsewhere.time.zone = {};
  EXPECT_EQ(Value(elsewhere).as<sys_seconds>(), std::nullopt);
  EXPECT_EQ(Value(sys_days(days(2'932'897))).as_datetime()->date, (Date{9999, 12, 31}));
  EXPECT_EQ(Value(sys_days(days(2'932'897))).as_datetime()->time.microsecond, 999'999u);
  EXPECT_EQ(Value(sys_days(days(-719'163)) + 5h).as_datetime()->date, (Date{1, 1, 1}));
  EXPECT_EQ(Value(sys_days(days(-719'163)) + 5h).as_datetime()->time.hour, 0);
}

TEST(ValueAs, MapsComeFromDictsOfText) {
  using Map = std::map<std::string, int>;
  EXPECT_EQ(Value(Map{{"a", 1}, {"b", 2}}).as<Map>(), (Map{{"a", 1}, {"b", 2}}));
  EXPECT_EQ((Value(Map{{"a", 1}}).as<std::unordered_map<std::string, int>>()->at("a")), 1);
  EXPECT_EQ(Value::dict({{1, 1}}).as<Map>(), std::nullopt);
  EXPECT_EQ(Value::dict({{"a", "b"}}).as<Map>(), std::nullopt);
  EXPECT_EQ(Value::list({1}).as<Map>(), std::nullopt);
}

}  // namespace
}  // namespace djcache

// What a program writes for types of its own.
namespace program {

struct Point {
  int x = 0, y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
enum class Color { red, green };

djcache::Value djcache_value(const Point& point) {
  return djcache::Value::tuple({point.x, point.y});
}
bool djcache_read(const djcache::Value& value, Point& point) {
  const auto both = value.as<std::vector<int>>();
  if (!both || both->size() != 2) return false;
  point = {both->at(0), both->at(1)};
  return true;
}
djcache::Value djcache_value(Color color) { return color == Color::red ? "red" : "green"; }

}  // namespace program

namespace djcache {
namespace {

TEST(ValueAs, TypesOfAProgramsOwnGoBothWays) {
  using program::Color;
  using program::Point;
  using Points = std::vector<Point>;
  EXPECT_EQ(to_string(Value(Point{1, 2})), "(1, 2)");
  EXPECT_EQ(Value(Point{1, 2}).as<Point>(), (Point{1, 2}));
  EXPECT_EQ(Value("1, 2").as<Point>(), std::nullopt);
  EXPECT_EQ(Value(Points{{1, 2}, {3, 4}}).as<Points>(), (Points{{1, 2}, {3, 4}}));
  EXPECT_EQ(to_string(Value(std::map<std::string, Color>{{"a", Color::green}})), "{'a': 'green'}");
  EXPECT_EQ(*Value(std::optional<Point>()).as<std::optional<Point>>(), std::nullopt);
  EXPECT_FALSE((std::convertible_to<std::vector<std::thread::id>, Value>));
}

}  // namespace
}  // namespace djcache
