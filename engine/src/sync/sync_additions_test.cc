// What django-redis adds, locks and raw commands, from any thread.
#include "sync/sync_fixture.h"

namespace djcache {
namespace {

using SyncAdditions = SyncTest;

TEST_F(SyncAdditions, LivesOfEntries) {
  const SyncCache cached = cache();
  ASSERT_TRUE(cached.set("a", 1, {.ttl = 100s}).ok());
  EXPECT_GT(cached.ttl("a")->value(), 80s);
  EXPECT_GT(cached.pttl("a")->value(), 80'000ms);
  EXPECT_TRUE(*cached.expire("a", 1000s));
  EXPECT_TRUE(*cached.pexpire("a", 2'000'000ms));
  EXPECT_GT(cached.ttl("a")->value(), 1900s);
  EXPECT_TRUE(*cached.persist("a"));
  EXPECT_FALSE(cached.ttl("a")->has_value());
  EXPECT_TRUE(*cached.expire_at("a", std::chrono::system_clock::now() - 1s));
  EXPECT_FALSE(*cached.replace("a", 2));
}

TEST_F(SyncAdditions, WalksOverKeys) {
  const SyncCache cached = cache();
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(cached.set("k" + std::to_string(i), i).ok());
  EXPECT_EQ(cached.keys("k*")->size(), 30u);
  std::size_t met = 0;
  EXPECT_TRUE(cached
                  .iter_keys("k*", {.page_size = 5},
                             [&](std::vector<std::string>& page) {
                               met += page.size();
                               return true;
                             })
                  .ok());
  EXPECT_GE(met, 30u);
  EXPECT_EQ(*cached.delete_pattern("k1*"), 11);
}

TEST_F(SyncAdditions, RawCommands) {
  const SyncCache cached = cache();
  EXPECT_EQ(cached.command({"INCRBY", "n", "5"})->integer, 5);
  EXPECT_EQ(cached.command({"BLPOP", "n", "0"}).error().code, Errc::not_supported);
  Pipeline pipeline;
  pipeline.add({"INCR", "n"}).add({"GET", "n"});
  EXPECT_EQ(cached.run(pipeline)->at(1).text, "6");
  EXPECT_EQ(cached.transaction(pipeline)->at(1).text, "7");
}

TEST_F(SyncAdditions, ALockKeepsThreadsApart) {
  const SyncCache cached = cache();
  int inside = 0, most = 0;
  auto threads = crew(8, [&](int) {
    for (int round = 0; round < 5; ++round) {
      SyncLock lock = cached.lock("l");
      const Result<bool> taken = lock.acquire({.blocking_limit = 60s, .retry = 1ms});
      ASSERT_TRUE(taken.ok() && *taken);
      most = std::max(most, ++inside);  // a race unless the lock works
      --inside;
      EXPECT_TRUE(*lock.owned());
      EXPECT_TRUE(*lock.release());
    }
  });
  join(threads);
  EXPECT_EQ(most, 1);
}

TEST_F(SyncAdditions, ALockIsReleasedWithItsObject) {
  const SyncCache cached = cache();
  SyncLock other = cached.lock("l", {.ttl = 100s});
  {
    SyncLock mine = cached.lock("l");
    ASSERT_TRUE(*mine.acquire());
    EXPECT_TRUE(*other.locked());
    EXPECT_FALSE(*other.acquire({.blocking = false}));
  }
  EXPECT_TRUE(*other.acquire({.blocking_limit = 60s, .retry = 1ms}));
  EXPECT_TRUE(*other.extend(10s));
  EXPECT_TRUE(*other.reacquire());
}

TEST_F(SyncAdditions, ALockOutlivesItsEngine) {
  SyncLock lock = cache().lock("l");
  ASSERT_TRUE(*lock.acquire());
  ASSERT_TRUE(engine().stop().ok());
  EXPECT_EQ(lock.release().error().code, Errc::closed);
}

TEST_F(SyncAdditions, StoppingWakesWhoWaitsForALock) {
  SyncLock mine = cache().lock("l");
  ASSERT_TRUE(*mine.acquire());
  const std::uint64_t before = engine().calls_begun();
  std::thread waiter([&] {
    SyncLock other = cache().lock("l");
    EXPECT_EQ(other.acquire({.blocking_limit = 600s, .retry = 300s}).error().code, Errc::closed);
  });
  EXPECT_TRUE(eventually([&] { return engine().calls_begun() > before; }));
  ASSERT_TRUE(engine().stop().ok());
  waiter.join();
}

TEST_F(SyncAdditions, TheEngineTellsItsStatistics) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  ASSERT_TRUE(cache().get("k").ok());
  const auto statistics = engine().statistics();
  ASSERT_TRUE(statistics.ok());
  ASSERT_EQ(statistics->size(), 1u);
  EXPECT_EQ((*statistics)[0].alias, "default");
  EXPECT_EQ((*statistics)[0].operations, 2u);
  EXPECT_EQ((*statistics)[0].hits, 1u);
  ASSERT_TRUE(engine().stop().ok());
  EXPECT_EQ(engine().statistics().error().code, Errc::closed);
}

TEST_F(SyncAdditions, HandlesThatWereMovedFromDoNoHarm) {
  SyncCache from = cache();
  const SyncCache to = std::move(from);
  EXPECT_TRUE(from.set("k", 1).ok());
  EXPECT_TRUE(to.get("k").ok());
  SyncLock lock = to.lock("lock", {.ttl = 30s});
  SyncLock taken = std::move(lock);
  for (const auto& answer : {lock.acquire(), lock.release(), lock.extend(1s), lock.reacquire(),
                             lock.owned(), lock.locked()}) {
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, Errc::invalid_argument);
  }
  EXPECT_TRUE(*taken.acquire());
  auto pools = engine().pools();
  ASSERT_TRUE(pools.ok());
  SyncPool pool = pools->at(0);
  const SyncPool same = std::move(pool);
  EXPECT_TRUE(pool.info().ok());
}

}  // namespace
}  // namespace djcache
