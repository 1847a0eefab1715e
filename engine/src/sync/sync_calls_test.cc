// The verbs, from one thread and from many.
#include "sync/sync_fixture.h"

namespace djcache {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SyncCalls : public SyncTest {};

TEST_F(SyncCalls, EveryVerbGivesWhatCacheGives) {
  const SyncCache cache = this->cache();
  EXPECT_TRUE(cache.set("a", 1).ok());
  EXPECT_EQ(cache.get("a").value(), Value(1));
  EXPECT_EQ(cache.get<std::int64_t>("a").value(), 1);
  EXPECT_EQ(cache.get("nothing").value(), std::nullopt);
  EXPECT_FALSE(cache.add("a", 2).value());
  EXPECT_TRUE(cache.touch("a", {.ttl = 60s}).value());
  EXPECT_TRUE(cache.has_key("a").value());
  EXPECT_EQ(cache.incr("a", {.delta = 4}).value(), 5);
  EXPECT_EQ(cache.decr("a").value(), 4);
  EXPECT_EQ(cache.incr_version("a").value(), 2);
  EXPECT_EQ(cache.decr_version("a", {.version = 2}).value(), 1);
  EXPECT_THAT(cache.set_many({{"b", "x"}, {"c", nullptr}}).value(), ElementsAre());
  const Found found = cache.get_many({"a", "b", "c", "d"}).value();
  EXPECT_EQ(found, (Found{{"a", Value(4)}, {"b", Value("x")}, {"c", Value(nullptr)}}));
  EXPECT_TRUE(cache.delete_("a").value());
  EXPECT_TRUE(cache.delete_many({"b", "c"}).ok());
  EXPECT_EQ(cache.get_or_set("d", "fallback").value(), Value("fallback"));
  EXPECT_EQ(cache.make_key("d", 7).value(), ":7:d");
  EXPECT_TRUE(cache.clear().value());
  EXPECT_FALSE(cache.has_key("d").value());
}

TEST_F(SyncCalls, GetManyHasTheReadableInOrderAndTheErrorsOfTheOthers) {
  const SyncCache cache = this->cache();
  ASSERT_TRUE(cache.set_many({{"a", 1}, {"z", 2}}).ok());
  ASSERT_TRUE(cache.command({"SET", ":1:m", "no pickle"}).ok());
  const Found found = cache.get_many({"z", "m", "none", "a"}).value();
  EXPECT_EQ(found.begin()->first, "z");
  EXPECT_EQ(found, Found({{"z", 2}, {"a", 1}}, found.errors()));
  ASSERT_EQ(found.errors().size(), 1u);
  EXPECT_EQ(found.errors()[0].first, "m");
  EXPECT_EQ(found.errors()[0].second.code, Errc::decode_failed);
}

TEST_F(SyncCalls, AnErrorIsTheResultAndNamesTheKey) {
  const auto missing = cache().incr("nothing");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Errc::key_not_found);
  EXPECT_THAT(missing.error().detail, HasSubstr(":1:nothing"));
}

TEST_F(SyncCalls, AnUnknownAliasAnswersSo) {
  EXPECT_EQ(engine().cache("elsewhere").get("a").error().code, Errc::unknown_alias);
}

TEST_F(SyncCalls, TheProducerRunsOnTheCallingThreadAndOnlyOnAMiss) {
  const auto caller = std::this_thread::get_id();
  int made = 0;
  const auto produce = [&] {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    ++made;
    return Value("made");
  };
  EXPECT_EQ(cache().get_or_set("k", produce).value(), Value("made"));
  EXPECT_EQ(cache().get_or_set("k", produce).value(), Value("made"));
  EXPECT_EQ(made, 1);
}

TEST_F(SyncCalls, TheProducerMayCallTheCache) {
  ASSERT_TRUE(cache().set("source", 20).ok());
  const auto made = cache().get_or_set("copy", [&]() -> Result<Value> {
    auto found = cache().get("source");
    if (!found.ok()) return found.error();
    return Value(**found);
  });
  EXPECT_EQ(made.value(), Value(20));
}

TEST_F(SyncCalls, AProducersErrorIsTheResultAndNothingIsStored) {
  const auto failed = cache().get_or_set("k", []() -> Result<Value> {
    return {Errc::cancelled, "the source is away"};
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().detail, "the source is away");
  EXPECT_FALSE(cache().has_key("k").value());
}

TEST_F(SyncCalls, AProducersExceptionPassesThroughAndNothingIsStored) {
  EXPECT_THROW((void)cache().get_or_set("k", []() -> Value { throw std::runtime_error("away"); }),
               std::runtime_error);
  EXPECT_FALSE(cache().has_key("k").value());
  EXPECT_EQ(engine().calls(), 0u);
}

TEST_F(SyncCalls, AProducerWhoseOperationWasDisconnectedStoresNothing) {
  const auto late = cache().get_or_set("k", [&] {
    EXPECT_TRUE(engine().disconnect({.limit = 0ms}).ok());
    return Value(1);
  });
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Errc::disconnected);
  EXPECT_FALSE(cache().has_key("k").value());
}

TEST_F(SyncCalls, ThreadsGetTheirOwnAnswersOverOneConnection) {
  constexpr int threads = 16, rounds = 200;
  std::atomic<int> wrong = 0;
  auto crew = SyncTest::crew(threads, [&, cache = cache()](int id) {
    const std::string key = "key" + std::to_string(id);
    for (int i = 0; i < rounds; ++i) {
      const Value value(id * rounds + i);
      if (!cache.set(key, value).ok()) ++wrong;
      const auto found = cache.get(key);
      if (!found.ok() || *found != value) ++wrong;
      if (!cache.incr("all").ok() && !cache.add("all", 0).ok()) ++wrong;
    }
  });
  join(crew);
  EXPECT_EQ(wrong, 0);
  const auto pools = engine().pools();
  ASSERT_EQ(pools->size(), 1u);
  const PoolInfo info = pools->front().info().value();
  EXPECT_EQ(info.connections, 1u);
  EXPECT_EQ(info.statistics.connects, 1u);
}

TEST_F(SyncCalls, DisconnectReportsAndTheNextCallConnectsAnew) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  EXPECT_EQ(engine().disconnect()->connections, 1u);
  EXPECT_EQ(engine().pools()->front().info()->connections, 0u);
  EXPECT_EQ(cache().get("k").value(), Value(1));
  EXPECT_EQ(cache().disconnect()->connections, 1u);
  EXPECT_EQ(cache().get("k").value(), Value(1));
  EXPECT_EQ(engine().pools()->front().disconnect()->connections, 1u);
}

// Calls that need no round trip are answered before the loop sleeps; the next one must wake it.
TEST_F(SyncCalls, CallsThatNeedNoRoundTripLeaveNobodyWaiting) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  auto crew = SyncTest::crew(3, [this](int) {
    for (int i = 0; i < 2000; ++i) {
      const auto pools = engine().pools();
      ASSERT_TRUE(pools.ok()) << to_string(pools.error());
      ASSERT_TRUE(pools->front().info().ok());
    }
  });
  join(crew);
}

}  // namespace
}  // namespace djcache
