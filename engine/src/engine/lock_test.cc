// Locks: one owner at a time, checked by token, on redis, on servers without scripts, and on
// memory.
#include <djcache/lock.h>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class Locks : public RawTest, public testing::WithParamInterface<const char*> {
 protected:
  // "redis", "valkey", each also "_without_eval"; "memory"
  bool on_redis() const { return GetParam() != std::string("memory"); }
  Cache locking() {
    const std::string_view on = GetParam();
    CacheSettings settings;
    if (!on_redis()) settings.backend = "django.core.cache.backends.locmem.LocMemCache";
    if (on.ends_with("_without_eval")) {
      const bool valkey = on.starts_with("valkey");
      settings.location = {own_server({.binary = valkey ? server_binary("valkey_server") : "",
                                       .extra_config = {"rename-command EVAL \"\""}})
                               .url()};
    }
    return cache(std::move(settings));
  }
  template <class Verb>
  Result<bool> ask(Verb verb) {
    Answer<bool> answer;
    verb(answer.callback());
    return wait(answer);
  }
  Result<bool> acquire(Lock& lock, const AcquireOptions& options = {.blocking = false}) {
    return ask([&](auto done) { lock.acquire(options, std::move(done)); });
  }
  Result<bool> release(Lock& lock) {
    return ask([&](auto done) { lock.release(std::move(done)); });
  }
  Result<bool> extend(Lock& lock, std::chrono::milliseconds more) {
    return ask([&](auto done) { lock.extend(more, std::move(done)); });
  }
  Result<bool> reacquire(Lock& lock) {
    return ask([&](auto done) { lock.reacquire(std::move(done)); });
  }
  Result<bool> owned(Lock& lock) {
    return ask([&](auto done) { lock.owned(std::move(done)); });
  }
  Result<bool> locked(Lock& lock) {
    return ask([&](auto done) { lock.locked(std::move(done)); });
  }
  std::int64_t life(Cache cached) {
    Answer<std::optional<std::chrono::milliseconds>> answer;
    cached.pttl("l", answer.callback());
    const auto left = wait(answer);
    return left.ok() && left->has_value() ? (*left)->count() : -1;
  }
};

TEST_P(Locks, AssigningToAHandleLetsGoOfTheFormerLock) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("m", {});
  EXPECT_EQ(acquire(mine), true);
  EXPECT_EQ(acquire(other), true);
  mine = std::move(other);
  EXPECT_TRUE(mine.held());
  EXPECT_EQ(owned(mine), true);
  Lock& same = mine;
  mine = std::move(same);
  EXPECT_TRUE(mine.held());
  EXPECT_EQ(release(mine), true);
}

TEST_P(Locks, OneOwnerAtATime) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("l", {});
  EXPECT_EQ(locked(mine), false);
  EXPECT_EQ(acquire(mine), true);
  EXPECT_TRUE(mine.held());
  EXPECT_EQ(acquire(other), false);
  EXPECT_FALSE(other.held());
  EXPECT_EQ(owned(mine), true);
  EXPECT_EQ(owned(other), false);
  EXPECT_EQ(locked(other), true);
  EXPECT_EQ(release(mine), true);
  EXPECT_FALSE(mine.held());
  EXPECT_EQ(acquire(other), true);
}

TEST_P(Locks, ABlockingAcquireGetsWhatIsReleased) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  Answer<bool> waiting;
  other.acquire({.blocking_limit = 60s, .retry = 1ms}, waiting.callback());
  ASSERT_EQ(locked(mine), true);
  EXPECT_FALSE(waiting.come());
  ASSERT_EQ(release(mine), true);
  EXPECT_EQ(wait(waiting), true);
  EXPECT_TRUE(other.held());
}

TEST_P(Locks, ABlockingAcquireEndsWithItsLimit) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  EXPECT_EQ(acquire(other, {.blocking_limit = 20ms, .retry = 5ms}), false);
}

TEST_P(Locks, ATtlFreesItAndTheFormerOwnerIsTold) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {.ttl = 20ms});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  ASSERT_EQ(acquire(other, {.blocking_limit = 60s, .retry = 1ms}), true);
  EXPECT_EQ(owned(mine), false);
  EXPECT_EQ(extend(mine, 1s), false);
  EXPECT_FALSE(mine.held());
  EXPECT_EQ(release(mine), Errc::invalid_argument);
  EXPECT_EQ(owned(other), true);
}

TEST_P(Locks, ReleasingWhatHasPassedToSomebodyElseLeavesItToThem) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {.ttl = 20ms});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  ASSERT_EQ(acquire(other, {.blocking_limit = 60s, .retry = 1ms}), true);
  EXPECT_EQ(release(mine), false);
  EXPECT_EQ(owned(other), true);
}

TEST_P(Locks, ExtendAddsToWhatIsLeftAndReacquireBeginsAnew) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {.ttl = 100s});
  ASSERT_EQ(acquire(mine), true);
  EXPECT_EQ(extend(mine, 50s), true);
  EXPECT_GT(life(cached), 120'000);
  EXPECT_LE(life(cached), 150'000);
  EXPECT_EQ(reacquire(mine), true);
  EXPECT_GT(life(cached), 70'000);
  EXPECT_LE(life(cached), 100'000);
}

TEST_P(Locks, WithoutATtlThereIsNoneToExtend) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  EXPECT_EQ(extend(mine, 50s), false);
  EXPECT_TRUE(mine.held());
  EXPECT_EQ(reacquire(mine), Errc::invalid_argument);
  EXPECT_EQ(extend(mine, 0ms), Errc::invalid_argument);
}

TEST_P(Locks, MisuseIsRefused) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  EXPECT_EQ(release(mine), Errc::invalid_argument);
  ASSERT_EQ(acquire(mine), true);
  EXPECT_EQ(acquire(mine), Errc::invalid_argument);
  Lock hopeless = cached.lock("m", {.ttl = 0s});
  EXPECT_EQ(acquire(hopeless), Errc::invalid_argument);
}

TEST_P(Locks, DestroyedWhileHeldItIsReleased) {
  Cache cached = locking();
  Lock other = cached.lock("l", {});
  {
    Lock mine = cached.lock("l", {});
    ASSERT_EQ(acquire(mine), true);
    Lock moved = std::move(mine);
    ASSERT_EQ(owned(moved), true);
  }
  EXPECT_EQ(acquire(other), true);
}

TEST_P(Locks, ACancelledAcquireOwnsNothing) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Answer<bool> answer;
  const Ticket ticket = mine.acquire(answer.callback());
  EXPECT_TRUE(cached.cancel(ticket));
  EXPECT_EQ(wait(answer), Errc::cancelled);
  EXPECT_FALSE(mine.held());
  Lock other = cached.lock("l", {});
  EXPECT_EQ(acquire(other, {.blocking_limit = 60s, .retry = 1ms}), true);
}

TEST_P(Locks, DestroyedWhileItIsBeingAcquiredItOwnsNothing) {
  Cache cached = locking();
  Answer<bool> answer;
  cached.lock("l", {}).acquire(answer.callback());
  EXPECT_EQ(wait(answer), Errc::cancelled);
  Lock other = cached.lock("l", {});
  EXPECT_EQ(acquire(other, {.blocking_limit = 60s, .retry = 1ms}), true);
}

TEST_P(Locks, AWaitingAcquireCanBeCancelledAndDestroyed) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  Answer<bool> answer;
  const Ticket ticket = other.acquire({.blocking_limit = 60s, .retry = 30s}, answer.callback());
  ASSERT_EQ(locked(mine), true);
  EXPECT_TRUE(cached.cancel(ticket));
  EXPECT_EQ(wait(answer), Errc::cancelled);
  Answer<bool> never_told;
  other.acquire({.blocking_limit = 60s, .retry = 30s}, never_told.callback());
  ASSERT_EQ(locked(mine), true);
  destroy();
  EXPECT_EQ(never_told.calls, 0);
}

TEST_P(Locks, ADisconnectEndsAWaitingAcquireWithItsLimit) {
  Cache cached = locking();
  Lock mine = cached.lock("l", {});
  Lock other = cached.lock("l", {});
  ASSERT_EQ(acquire(mine), true);
  Answer<bool> answer;
  other.acquire({.blocking_limit = 600s, .retry = 300s}, answer.callback());
  ASSERT_EQ(locked(mine), true);
  disconnect(engine(), {.limit = 10ms});
  EXPECT_EQ(wait(answer), Errc::disconnected);
}

INSTANTIATE_TEST_SUITE_P(On, Locks,
                         testing::Values("redis", "memory", "redis_without_eval",
                                         "valkey_without_eval"),
                         [](const auto& which) { return std::string(which.param); });

class LocksOnRedis : public EngineTest {};

TEST_F(LocksOnRedis, TheEntryIsATokenUnderTheMadeKeyAsRedisPyHasIt) {
  Cache cached = cache();
  Lock mine = cached.lock("l", {.ttl = 90s});
  Answer<bool> answer;
  mine.acquire(answer.callback());
  ASSERT_EQ(wait(answer), true);
  EXPECT_EQ(mine.key(), ":1:l");
  EXPECT_EQ(inspector().raw(":1:l").value_or("").size(), 32u);
  EXPECT_GT(inspector().pttl(":1:l").value_or(0), 60'000);
}

TEST_F(LocksOnRedis, AnEntryOfAnotherTypeIsNobodysLock) {
  Cache cached = cache();
  Lock mine = cached.lock("l", {});
  Answer<bool> acquired, owned, released;
  mine.acquire(acquired.callback());
  ASSERT_EQ(wait(acquired), true);
  inspector().command({"DEL", ":1:l"});
  inspector().command({"RPUSH", ":1:l", "x"});
  mine.owned(owned.callback());
  EXPECT_EQ(wait(owned), false);
  mine.release(released.callback());
  EXPECT_EQ(wait(released), false);
}

TEST_F(LocksOnRedis, ADummyCacheCannotLock) {
  Cache cached = cache({.backend = "django.core.cache.backends.dummy.DummyCache"});
  Lock mine = cached.lock("l", {});
  Answer<bool> answer;
  mine.acquire(answer.callback());
  EXPECT_EQ(wait(answer), Errc::not_supported);
}

}  // namespace
}  // namespace djcache
