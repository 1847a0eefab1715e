// Early refreshes, the memory of keys without a value, and statistics.
#include <cmath>

#include "stampede/stampede_fixture.h"

namespace djcache {
namespace {

using namespace std::chrono_literals;

struct EarlyRefresh : StampedeTest {
  const GetOrSetOptions options{.ttl = 10s, .early_refresh_beta = 1};

  // Produces the entry within this many milliseconds.
  void produce_in(std::uint64_t milliseconds) {
    Caller& caller = call("k", options);
    pass(milliseconds);
    (*caller.resolve)(Value("old"));
    run();
  }
};

TEST_F(EarlyRefresh, TheCallerGetsTheOldValueWhileTheProducerWorks) {
  produce_in(2000);
  pass(9000);
  chance_ = std::exp(-1.0);  // a gap of two seconds, with one left
  Caller& caller = call("k", options);
  EXPECT_EQ(*caller.answer, Value("old"));
  ASSERT_EQ(caller.produced, 1);
  EXPECT_EQ(call("k", options).produced, 0);  // one is enough
  (*caller.resolve)(Value("new"));
  run();
  EXPECT_EQ(caller.told, 1);
  pass(9000);
  chance_ = 1;
  EXPECT_EQ(*call("k", options).answer, Value("new"));
  EXPECT_EQ(counted().early_refreshes, 1u);
  EXPECT_EQ(counted().misses, 1u);
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(EarlyRefresh, ChanceDecides) {
  produce_in(2000);
  pass(9000);
  chance_ = 1;  // the logarithm is 0
  EXPECT_EQ(call("k", options).produced, 0);
  chance_ = std::exp(-0.4);
  EXPECT_EQ(call("k", options).produced, 0);
  chance_ = std::exp(-0.6);
  EXPECT_EQ(call("k", options).produced, 1);
}

TEST_F(EarlyRefresh, IsOffByDefault) {
  produce_in(2000);
  pass(9999);
  chance_ = 1e-9;
  EXPECT_EQ(call("k").produced, 0);
}

TEST_F(EarlyRefresh, NeedsADurationAndAnExpiry) {
  chance_ = 1e-9;
  cache().set("k", "set by others", {.ttl = 1s}, nullptr);
  EXPECT_EQ(call("k", options).produced, 0);
  GetOrSetOptions endless = options;
  endless.ttl = forever;
  Caller& first = call("l", endless);
  pass(2000);
  (*first.resolve)(Value(1));
  run();
  EXPECT_EQ(call("l", endless).produced, 0);
}

TEST_F(EarlyRefresh, AFailureLeavesTheEntryAndIsCounted) {
  produce_in(2000);
  chance_ = 1e-9;
  Caller& caller = call("k", options);
  (*caller.resolve)(Error{Errc::server_error, "no"});
  run();
  EXPECT_EQ(**cache().peek("k"), Value("old"));
  EXPECT_EQ(counted().errors_of(Errc::server_error), 1u);
  EXPECT_EQ(calls_.waiting(), 0u);
}

TEST_F(EarlyRefresh, ALimitEndsItAndALaterMissIsServed) {
  produce_in(2000);
  chance_ = 1e-9;
  GetOrSetOptions limited = options;
  limited.producer_limit = 20s;
  call("k", limited);
  pass(11'000);  // expired meanwhile
  Caller& late = call("k", limited);
  EXPECT_EQ(late.told + late.produced, 0);  // waits for the refresh
  pass(9000);
  ASSERT_EQ(late.produced, 1);
  (*late.resolve)(Value("new"));
  run();
  EXPECT_EQ(*late.answer, Value("new"));
}

TEST_F(EarlyRefresh, DestructionEndsIt) {
  produce_in(2000);
  chance_ = 1e-9;
  Caller& caller = call("k", options);
  destroy();
  (*caller.resolve)(Value("new"));
  EXPECT_EQ(calls_.waiting(), 0u);
}

struct NoValue : StampedeTest {
  static Error nothing() { return {Errc::no_value, "no such user"}; }
};

TEST_F(NoValue, IsRememberedForItsOwnTime) {
  const GetOrSetOptions options{.negative_ttl = 500ms};
  Caller& first = call("k", options);
  (*first.resolve)(nothing());
  run();
  EXPECT_EQ(first.answer.error().detail, "no such user");
  EXPECT_EQ(store_->entries(), 0u);
  Caller& second = call("k", options);
  EXPECT_EQ(second.produced, 0);
  EXPECT_EQ(second.answer.error().code, Errc::no_value);
  EXPECT_EQ(counted().negative_hits, 1u);
  pass(500);
  EXPECT_EQ(call("k", options).produced, 1);
}

TEST_F(NoValue, IsNotRememberedByDefaultNorForThoseWhoDoNotAsk) {
  (*call("k").resolve)(nothing());
  run();
  Caller& again = call("k", {.negative_ttl = 500ms});
  EXPECT_EQ(again.produced, 1);
  (*again.resolve)(nothing());
  run();
  EXPECT_EQ(call("k").produced, 1);
}

TEST_F(NoValue, AnEntryCountsMoreAndClearForgets) {
  const GetOrSetOptions options{.negative_ttl = 500ms};
  (*call("k", options).resolve)(nothing());
  run();
  cache().set("k", 1, nullptr);
  EXPECT_EQ(*call("k", options).answer, Value(1));
  cache().clear(nullptr);
  EXPECT_EQ(call("k", options).produced, 1);
}

TEST_F(NoValue, TheMemoryIsBounded) {
  cache::Stampede& memory = alias_->stampede;
  for (int i = 0; i < 20'000; ++i) memory.remember_missing(std::to_string(i), 1000);
  EXPECT_TRUE(memory.known_missing("19999"));
  std::size_t known = 0;
  for (int i = 0; i < 20'000; ++i) known += memory.known_missing(std::to_string(i)) ? 1 : 0;
  EXPECT_LE(known, cache::Stampede::slots);
  const std::string large(cache::Stampede::remembered_key_max + 1, 'k');
  memory.remember_missing(large, 1000);
  EXPECT_FALSE(memory.known_missing(large));
}

TEST_F(StampedeTest, EveryVerbIsCounted) {
  Cache c = cache();
  c.set("a", 1, nullptr);
  c.set("gone", 1, {.ttl = 0s}, nullptr);
  c.add("a", 2, nullptr);
  c.add("b", 2, nullptr);
  c.set_many({{"c", 1}, {"d", 2}}, nullptr);
  c.get("a", nullptr);
  c.get("missing", nullptr);
  c.get_many({"a", "b", "missing"}, nullptr);
  c.incr("missing", nullptr);
  c.get_or_set("e", Value(5), nullptr);
  run();
  EXPECT_TRUE(c.peek("a")->has_value());
  const CacheStatistics all = c.statistics();
  EXPECT_EQ(all.alias, "default");
  EXPECT_EQ(all.operations, 10u);
  EXPECT_EQ(all.latency.count(), 10u);
  EXPECT_EQ(all.sets, 5u);
  EXPECT_EQ(all.hits, 4u);
  EXPECT_EQ(all.misses, 3u);
  EXPECT_EQ(all.errors_of(Errc::key_not_found), 1u);
  ASSERT_TRUE(all.store);
  EXPECT_EQ(all.store->entries, 5u);
}

TEST_F(StampedeTest, LatencyIsThatOfTurns) {
  cache().get("a", nullptr);
  now_ms += 3;
  run();
  const LatencyHistogram& latency = counted().latency;
  EXPECT_EQ(latency.sum_us, 3000u);
  EXPECT_EQ(latency.counts[9], 1u);
  EXPECT_EQ(LatencyHistogram::upper_bound_us(9), 4096u);
}

}  // namespace
}  // namespace djcache
