// Django's contract: the table of timeouts, asserted as PTTL on the server.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Timeouts : public EngineTest {
 protected:
  // The remaining life of a key in whole seconds, rounded up; -1: forever, -2: no such key.
  std::int64_t life(const std::string& made) {
    const std::int64_t ms = inspector().pttl(made).value_or(-3);
    return ms < 0 ? ms : (ms + 999) / 1000;
  }
  // For a key just written: up to 20 seconds less, for slow machines.
  void expect_life(const std::string& made, std::int64_t seconds) {
    EXPECT_LE(life(made), seconds) << made;
    EXPECT_GT(life(made), seconds - 20) << made;
  }
};

TEST_F(Timeouts, AnOmittedTtlIsTIMEOUT) {
  Verbs standard = verbs();
  ASSERT_EQ(standard.set("a", 1), worked);
  expect_life(":1:a", 300);
  ASSERT_EQ(standard.add("b", 1), true);
  expect_life(":1:b", 300);
  ASSERT_EQ(standard.set_many({{"c", 1}}), std::vector<std::string>());
  expect_life(":1:c", 300);
  Verbs own = verbs({.timeout = 1000s});
  ASSERT_EQ(own.set("a", 1), worked);
  expect_life(":1:a", 1000);
  ASSERT_EQ(own.touch("b"), true);  // not "leave as is"
  expect_life(":1:b", 1000);
  ASSERT_EQ(own.get_or_set("d", 1), Value(1));
  expect_life(":1:d", 1000);
}

TEST_F(Timeouts, ATIMEOUTOfNoneIsForEver) {
  Verbs cached = verbs({.timeout = forever});
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(life(":1:a"), -1);
  ASSERT_EQ(cached.add("b", 1), true);
  EXPECT_EQ(life(":1:b"), -1);
  ASSERT_EQ(cached.set_many({{"c", 1}}), std::vector<std::string>());
  EXPECT_EQ(life(":1:c"), -1);
  ASSERT_EQ(cached.set("d", 1, {.ttl = 60s}), worked);
  expect_life(":1:d", 60);
  EXPECT_EQ(cached.touch("d"), true);
  EXPECT_EQ(life(":1:d"), -1);
}

TEST_F(Timeouts, ATIMEOUTOfZeroStoresNothing) {
  Verbs cached = verbs({.timeout = 0s});
  EXPECT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(cached.add("a", 1), true);
  EXPECT_EQ(cached.set_many({{"a", 1}}), std::vector<std::string>());
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Timeouts, SetWithATtlExpires) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 2h}), worked);
  expect_life(":1:a", 7200);
}

TEST_F(Timeouts, SetForEverRemovesAnOldExpiry) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 50s}), worked);
  ASSERT_EQ(cached.set("a", 1, {.ttl = forever}), worked);
  EXPECT_EQ(life(":1:a"), -1);
}

TEST_F(Timeouts, SetWithZeroTtlOrLessDeletesTheKey) {
  Verbs cached = verbs();
  for (const Ttl ttl : {Ttl(0s), Ttl(-1s), Ttl(-100'000h)}) {
    ASSERT_EQ(cached.set("a", 1), worked);
    EXPECT_EQ(cached.set("a", 2, {.ttl = ttl}), worked);
    EXPECT_EQ(life(":1:a"), -2);
    EXPECT_EQ(cached.set("never there", 2, {.ttl = ttl}), worked);
  }
}

TEST_F(Timeouts, AreTruncatedToWholeSeconds) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 1999ms}), worked);
  EXPECT_LE(inspector().pttl(":1:a"), 1000);
  ASSERT_EQ(cached.set("b", 1, {.ttl = 999ms}), worked);  // as 0
  EXPECT_EQ(life(":1:b"), -2);
  ASSERT_EQ(cached.set("c", 1, {.ttl = -500ms}), worked);
  EXPECT_EQ(life(":1:c"), -2);
  ASSERT_EQ(cached.set("d", 1, {.ttl = 1000ms}), worked);
  EXPECT_LE(inspector().pttl(":1:d"), 1000);
  ASSERT_EQ(cached.set("e", 1), worked);
  EXPECT_EQ(cached.touch("e", {.ttl = 500ms}), true);
  EXPECT_EQ(life(":1:e"), -2);
  ASSERT_EQ(cached.set("f", 1, {.ttl = std::chrono::duration<double>(100.9)}), worked);
  expect_life(":1:f", 100);
}

TEST_F(Timeouts, LongOnesAreRelative) {  // no rule of thirty days, unlike memcached
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 24h * 31}), worked);
  expect_life(":1:a", 31 * 86400);
  ASSERT_EQ(cached.touch("a", {.ttl = 24h * 400}), true);
  expect_life(":1:a", 400 * 86400);
  ASSERT_EQ(cached.set("b", 1, {.ttl = std::chrono::seconds(1'000'000'000'000)}), worked);
  expect_life(":1:b", 1'000'000'000'000);
}

TEST_F(Timeouts, OnesThatTheServerRefusesAreItsError) {
  Verbs cached = verbs();
  const auto refused = cached.set("a", 1, {.ttl = std::chrono::milliseconds(INT64_MAX)});
  EXPECT_EQ(refused, Errc::server_error);
  EXPECT_THAT(detail_of(refused), HasSubstr("invalid expire time"));
  EXPECT_EQ(life(":1:a"), -2);
}

TEST_F(Timeouts, AddWithATtlExpires) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.add("a", 1, {.ttl = 50s}), true);
  expect_life(":1:a", 50);
  ASSERT_EQ(cached.add("b", 1, {.ttl = forever}), true);
  EXPECT_EQ(life(":1:b"), -1);
}

TEST_F(Timeouts, AddWithZeroTtlTellsWhetherTheKeyWasAbsentAndStoresNothing) {
  Verbs cached = verbs();
  for (const Ttl ttl : {Ttl(0s), Ttl(-1s), Ttl(999ms)}) {
    EXPECT_EQ(cached.add("absent", 1, {.ttl = ttl}), true);
    EXPECT_EQ(life(":1:absent"), -2);
  }
  ASSERT_EQ(cached.set("a", "old", {.ttl = 50s}), worked);
  EXPECT_EQ(cached.add("a", 1, {.ttl = 0s}), false);
  EXPECT_EQ(cached.get("a"), "old");
  expect_life(":1:a", 50);
}

TEST_F(Timeouts, TouchSetsANewOneAndTellsWhetherTheKeyExists) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", "v", {.ttl = forever}), worked);
  EXPECT_EQ(cached.touch("a", {.ttl = 50s}), true);
  expect_life(":1:a", 50);
  EXPECT_EQ(cached.touch("missing", {.ttl = 50s}), false);
  EXPECT_EQ(cached.touch("missing"), false);
  EXPECT_EQ(cached.get("a"), "v");
}

TEST_F(Timeouts, TouchForEverIsFalseWhenThereWasNoExpiryToRemove) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 50s}), worked);
  EXPECT_EQ(cached.touch("a", {.ttl = forever}), true);
  EXPECT_EQ(life(":1:a"), -1);
  EXPECT_EQ(cached.touch("a", {.ttl = forever}), false);
  EXPECT_EQ(cached.touch("missing", {.ttl = forever}), false);
}

TEST_F(Timeouts, TouchWithZeroTtlDeletesAndTellsWhetherTheKeyExisted) {
  Verbs cached = verbs();
  for (const Ttl ttl : {Ttl(0s), Ttl(-3s)}) {
    ASSERT_EQ(cached.set("a", 1), worked);
    EXPECT_EQ(cached.touch("a", {.ttl = ttl}), true);
    EXPECT_EQ(life(":1:a"), -2);
    EXPECT_EQ(cached.touch("a", {.ttl = ttl}), false);
  }
}

TEST_F(Timeouts, SetManyGivesEachKeyTheTtl) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", 2}}, {.ttl = 50s}), std::vector<std::string>());
  expect_life(":1:a", 50);
  expect_life(":1:b", 50);
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", 2}}, {.ttl = forever}), std::vector<std::string>());
  EXPECT_EQ(life(":1:a"), -1);
  EXPECT_EQ(life(":1:b"), -1);
  ASSERT_EQ(cached.set_many({{"a", 1}, {"c", 2}}, {.ttl = 0s}), std::vector<std::string>());
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":1:b"});
}

TEST_F(Timeouts, AnExpiredKeyIsAMiss) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 50s}), worked);
  ASSERT_EQ(inspector().command({"PEXPIREAT", ":1:a", "1"}).integer, 1);
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(cached.has_key("a"), false);
  EXPECT_EQ(cached.incr("a"), Errc::key_not_found);
  EXPECT_EQ(cached.add("a", 2), true);
}

}  // namespace
}  // namespace djcache
