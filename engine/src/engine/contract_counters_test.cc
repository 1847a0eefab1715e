// Django's contract: incr and decr, atomic and in one round trip, and the form in which scripts are
// sent.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Counters : public EngineTest {};

TEST_F(Counters, IncrReturnsTheNewValue) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 41), worked);
  EXPECT_EQ(cached.incr("n"), 42);
  EXPECT_EQ(cached.incr("n", {.delta = 8}), 50);
  EXPECT_EQ(cached.incr("n", {.delta = -60}), -10);
  EXPECT_EQ(cached.incr("n", {.delta = 0}), -10);
  EXPECT_EQ(cached.get("n"), -10);
  EXPECT_EQ(inspector().raw(":1:n"), "-10");
}

TEST_F(Counters, AreExactOverAllOf64Bits) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", INT64_MAX - 1), worked);
  EXPECT_EQ(cached.incr("n"), INT64_MAX);
  ASSERT_EQ(cached.set("n", INT64_MIN + 1), worked);
  EXPECT_EQ(cached.decr("n"), INT64_MIN);
  ASSERT_EQ(cached.set("n", (std::int64_t{1} << 53)), worked);
  EXPECT_EQ(cached.incr("n"), (std::int64_t{1} << 53) + 1);
}

TEST_F(Counters, DecrIsIncrOfTheNegatedDelta) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 42), worked);
  EXPECT_EQ(cached.decr("n"), 41);
  EXPECT_EQ(cached.decr("n", {.delta = 5}), 36);
  EXPECT_EQ(cached.decr("n", {.delta = -5}), 41);
}

TEST_F(Counters, OfAMissingKeyIsAnErrorAndCreatesNothing) {
  Verbs cached = verbs();
  const auto missing = cached.incr("n");
  EXPECT_EQ(missing, Errc::key_not_found);
  EXPECT_EQ(detail_of(missing), "Key ':1:n' not found");
  EXPECT_EQ(cached.decr("n"), Errc::key_not_found);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Counters, KeepTheExpiry) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 1, {.ttl = 5000s}), worked);
  ASSERT_EQ(cached.incr("n"), 2);
  EXPECT_GT(inspector().pttl(":1:n"), 4'900'000);
  ASSERT_EQ(cached.set("n", 1, {.ttl = forever}), worked);
  ASSERT_EQ(cached.incr("n"), 2);
  EXPECT_EQ(inspector().pttl(":1:n"), -1);
}

TEST_F(Counters, OfAValueThatIsNoIntegerIsAnErrorAndChangesNothing) {
  Verbs cached = verbs();
  const std::vector<Value> values{
      "42", "x", 1.5, true, Value(), Value::list({1}), *Value::integer("99999999999999999999")};
  for (const Value& value : values) {
    ASSERT_EQ(cached.set("n", value), worked);
    const auto refused = cached.incr("n");
    EXPECT_EQ(refused, Errc::not_an_integer) << to_string(value);
    EXPECT_THAT(detail_of(refused), HasSubstr(":1:n"));
    EXPECT_EQ(cached.get("n"), value);
  }
}

TEST_F(Counters, OfAnotherRedisTypeIsWrongType) {
  Verbs cached = verbs();
  ASSERT_EQ(inspector().command({"RPUSH", ":1:list", "x"}).integer, 1);
  EXPECT_EQ(cached.incr("list"), Errc::wrong_type);
  EXPECT_EQ(inspector().type(":1:list"), "list");
}

TEST_F(Counters, PastTheRangeAreAnErrorAndChangeNothing) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("high", INT64_MAX), worked);
  ASSERT_EQ(cached.set("low", INT64_MIN), worked);
  const auto over = cached.incr("high");
  EXPECT_EQ(over, Errc::integer_overflow);
  EXPECT_THAT(detail_of(over), HasSubstr(":1:high"));
  EXPECT_EQ(cached.decr("low"), Errc::integer_overflow);
  EXPECT_EQ(cached.incr("low", {.delta = INT64_MIN}), Errc::integer_overflow);
  EXPECT_EQ(cached.get("high"), INT64_MAX);
  EXPECT_EQ(cached.get("low"), INT64_MIN);
  EXPECT_EQ(cached.incr("low", {.delta = INT64_MAX}), -1);
  EXPECT_EQ(cached.decr("high", {.delta = INT64_MAX}), 0);
  EXPECT_EQ(cached.decr("high", {.delta = INT64_MIN}), Errc::integer_overflow);
}

TEST_F(Counters, AreOneRoundTrip) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 1), worked);
  const auto record = log();
  ASSERT_EQ(cached.incr("n"), 2);
  ASSERT_EQ(cached.incr("n"), 3);
  ASSERT_EQ(cached.decr("n", {.delta = 2}), 1);
  ASSERT_EQ(cached.incr("missing"), Errc::key_not_found);
  const auto commands = record->take();
  ASSERT_TRUE(commands) << record->problem();
  ASSERT_EQ(commands->size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ((*commands)[i][0], "EVAL");
  EXPECT_EQ((*commands)[2][4], "-2");
}

TEST_F(Counters, SurviveAScriptFlush) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 1), worked);
  ASSERT_EQ(cached.incr("n"), 2);
  ASSERT_TRUE(inspector().command({"SCRIPT", "FLUSH"}).is_status("OK"));
  EXPECT_EQ(cached.incr("n"), 3);
  EXPECT_EQ(cached.incr_version("n"), 2);
  ASSERT_TRUE(inspector().command({"SCRIPT", "FLUSH"}).is_status("OK"));
  EXPECT_EQ(cached.incr_version("n", {.version = 2}), 3);
  const auto record = log();
  EXPECT_EQ(cached.incr("n", {.version = 3}), 4);
  EXPECT_EQ(cached.incr("n", {.version = 3}), 5);
  EXPECT_EQ(record->take()->size(), 2u);  // none had to be sent again
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Counters, SurviveAScriptFlushUnderAPipelineOfThem) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 0), worked);
  ASSERT_EQ(cached.incr("n"), 1);
  ASSERT_TRUE(inspector().command({"SCRIPT", "FLUSH"}).is_status("OK"));
  std::vector<std::int64_t> values;
  for (int i = 0; i < 100; ++i) {
    cached.cache.incr("n", [&](auto r) { values.push_back(r.ok() ? *r : -1); });
  }
  run_until([&] { return values.size() == 100; });
  std::sort(values.begin(), values.end());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(values[i], i + 2);
}

TEST_F(Counters, OfManyClientsLoseNothing) {
  Verbs first = verbs();
  Verbs second = verbs();
  ASSERT_EQ(first.set("n", 0), worked);
  int ended = 0;
  for (int i = 0; i < 500; ++i) {
    for (Verbs* each : {&first, &second}) {
      each->cache.incr("n", [&](auto r) {
        EXPECT_TRUE(r.ok());
        ++ended;
      });
    }
  }
  run_until([&] { return ended == 1000; });
  EXPECT_EQ(first.get("n"), 1000);
}

TEST_F(Counters, DoNotRecreateAKeyThatExpiredBetween) {
  // Django sends EXISTS and then INCRBY; here both are one script.
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("n", 5), worked);
  int found = 0, missing = 0;
  for (int i = 0; i < 50; ++i) {
    cached.cache.incr("n", [&](auto r) { r.ok() ? ++found : ++missing; });
    if (i % 10 == 5) cached.cache.delete_("n", {});
  }
  run_until([&] { return found + missing == 50; });
  EXPECT_EQ(found, 6);
  EXPECT_EQ(inspector().dbsize(), 0);
}

}  // namespace
}  // namespace djcache
