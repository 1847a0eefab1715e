// Locks, command by command: ownership after a lost reply, a cancel or a late reply.
#include "cache/operation.h"
#include "cache/production.h"
#include "cache/rig_fixture.h"

namespace djcache::cache::test {
namespace {

using namespace std::chrono_literals;

struct LockSteps : Rig {
  Lock lock = cache().lock("l", {.ttl = 9s, .limit = 80ms});
  Told<bool> told;

  Ticket acquire(const AcquireOptions& options = {.blocking = false}) {
    return lock.acquire(options, told.callback());
  }
  void own() {
    acquire();
    flag(next("lock :1:l"), true);
    ASSERT_TRUE(lock.held());
    told = {};
  }
};

TEST_F(LockSteps, EachTryIsOfTheSameOwnerOnThePrimary) {
  acquire({.blocking_limit = 100ms, .retry = 30ms});
  const Asked first = next("lock :1:l");
  EXPECT_EQ(first.affinity, "l");
  EXPECT_EQ(first.detail.size(), 32u);
  EXPECT_EQ(first.detail.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(first.expiry.milliseconds, 9000);
  EXPECT_FALSE(first.expiry.forever);
  EXPECT_EQ(first.options.limit_ms, 80u);
  EXPECT_TRUE(first.options.primary);
  flag(first, false);
  pass(30);
  const Asked second = next("lock :1:l");
  EXPECT_EQ(second.detail, first.detail);
  flag(second, true);
  EXPECT_EQ(**told.result, true);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, TriesComeApartAndTheLastOneWithTheLimit) {
  acquire({.blocking_limit = 100ms, .retry = 60ms});
  flag(next("lock :1:l"), false);
  pass(59);
  EXPECT_TRUE(nothing_asked());
  pass(1);
  flag(next("lock :1:l"), false);
  pass(39);
  EXPECT_TRUE(nothing_asked());
  pass(1);
  EXPECT_EQ(told.calls, 0);
  flag(next("lock :1:l"), false);
  EXPECT_EQ(**told.result, false);
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(counted().operations, 1u);
  EXPECT_TRUE(places_are_free());
}

TEST_F(LockSteps, WithoutBlockingThereIsOneTry) {
  acquire();
  flag(next("lock :1:l"), false);
  EXPECT_EQ(**told.result, false);
  pass(60'000);
  EXPECT_TRUE(nothing_asked());
}

TEST_F(LockSteps, WhatMayHaveBeenTakenIsGivenBack) {
  const std::pair<Errc, bool> cases[] = {
      {Errc::timeout, true},        {Errc::connection_lost, true}, {Errc::protocol_error, true},
      {Errc::disconnected, true},   {Errc::server_error, false},   {Errc::wrong_type, false},
      {Errc::connect_failed, false}};
  for (const auto& [code, given_back] : cases) {
    SCOPED_TRACE(static_cast<int>(code));
    acquire();
    const Asked asked = next("lock :1:l");
    fail(asked, code);
    EXPECT_EQ(told.error(), code);
    EXPECT_FALSE(lock.held());
    EXPECT_EQ(nothing_asked(), !given_back);
    if (!given_back) continue;
    const Asked unlock = next("unlock :1:l");
    EXPECT_EQ(unlock.detail, asked.detail);
    EXPECT_TRUE(unlock.options.continuation);
    flag(unlock, true);
  }
}

TEST_F(LockSteps, CancelledBeforeTheAnswerItGivesBackWhatItGot) {
  for (const bool taken : {true, false}) {
    told = {};
    cache().cancel(acquire());
    run();
    EXPECT_EQ(told.error(), Errc::cancelled);
    flag(next("lock :1:l"), taken);
    EXPECT_EQ(nothing_asked(), !taken);
    if (taken) flag(next("unlock :1:l"), true);
    EXPECT_FALSE(lock.held());
    EXPECT_EQ(told.calls, 1);
  }
  EXPECT_EQ(counted().errors_of(Errc::cancelled), 2u);
}

TEST_F(LockSteps, GivenUpByTheEngineItGivesBackWhatItGot) {
  const Ticket ticket = acquire();
  EXPECT_TRUE(calls_.give_up(ticket, Error{Errc::disconnected, "the engine says so"}));
  run();
  EXPECT_EQ(told.error(), Errc::disconnected);
  flag(next("lock :1:l"), true);
  EXPECT_FALSE(lock.held());
  next("unlock :1:l");
}

TEST_F(LockSteps, CancelledWithTheAnswerItGivesBackWhatItGot) {
  const Ticket ticket = acquire();
  const Asked asked = next("lock :1:l");
  cache().cancel(ticket);
  flag(asked, true);
  EXPECT_EQ(told.error(), Errc::cancelled);
  EXPECT_FALSE(lock.held());
  next("unlock :1:l");
}

TEST_F(LockSteps, DestroyedBeforeTheAnswerItGivesBackWhatItGot) {
  for (const bool taken : {true, false}) {
    Told<bool> gone;
    cache().lock("m", {}).acquire({.blocking_limit = 60s}, gone.callback());
    flag(next("lock :1:m"), taken);
    EXPECT_EQ(gone.error(), Errc::cancelled);
    EXPECT_EQ(nothing_asked(), !taken);
    if (taken) flag(next("unlock :1:m"), true);
  }
}

TEST_F(LockSteps, CancelledInAnyStepItLeavesItsPlace) {
  for (int i = 0; i < 100; ++i) {
    cache().cancel(acquire());
    run();
    flag(next("lock :1:l"), false);
    const Ticket pausing = acquire({.blocking_limit = 60s});
    flag(next("lock :1:l"), false);
    cache().cancel(pausing);
    run();
    const Ticket answered = acquire();
    cache().cancel(answered);
    flag(next("lock :1:l"), false);
  }
  EXPECT_EQ(told.calls, 300);
  EXPECT_TRUE(nothing_asked());
  EXPECT_TRUE(places_are_free());
}

TEST_F(LockSteps, OneAcquireAtATimeUntilItHasEnded) {
  const Ticket first = acquire();
  Told<bool> second;
  lock.acquire(second.callback());
  run();
  EXPECT_EQ(second.error(), Errc::invalid_argument);
  cache().cancel(first);
  run();
  Told<bool> third;
  lock.acquire(third.callback());
  run();
  EXPECT_EQ(third.error(), Errc::invalid_argument) << "its answer has yet to come";
  flag(next("lock :1:l"), false);
  acquire();
  flag(next("lock :1:l"), true);
  EXPECT_TRUE(lock.held());
  lock.acquire(second.callback());
  run();
  EXPECT_EQ(second.calls, 2);
  EXPECT_EQ(second.error(), Errc::invalid_argument);
}

TEST_F(LockSteps, ItsCallbackMayTryAgain) {
  lock.acquire({.blocking = false}, [this](Result<bool>) { acquire(); });
  flag(next("lock :1:l"), false);
  flag(next("lock :1:l"), true);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, ATtlOfNothingIsRefusedAndOneOfAMillisecondIsNot) {
  Lock hopeless = cache().lock("m", {.ttl = 0ms});
  hopeless.acquire(told.callback());
  run();
  EXPECT_EQ(told.error(), Errc::invalid_argument);
  EXPECT_TRUE(nothing_asked());
  Lock brief = cache().lock("m", {.ttl = 1ms});
  brief.acquire(told.callback());
  flag(next("lock :1:m"), false);
  Lock endless = cache().lock("n", {});
  endless.acquire({.blocking = false}, told.callback());
  EXPECT_TRUE(next("lock :1:n").expiry.forever);
}

TEST_F(LockSteps, ABrokenAliasTellsWhyAndIsAskedNothing) {
  alias_->broken = Error{Errc::invalid_argument, "no such codec"};
  acquire();
  run();
  EXPECT_EQ(told.result->error().detail, "no such codec");
  EXPECT_TRUE(nothing_asked());
}

TEST_F(LockSteps, WhenTooManyWaitItDoesNot) {
  Call* parked = nullptr;
  for (std::size_t i = 0; i < parked_max; ++i) {
    parked = calls_.make<ResultCall<bool, ToFlag>>(Callback<bool>(), ToFlag{});
    calls_.park(parked, 1'000'000);
  }
  acquire({.retry = 5ms});
  flag(next("lock :1:l"), false);
  EXPECT_EQ(told.error(), Errc::overloaded);
  calls_.unpark(parked);
  acquire({.retry = 5ms});
  flag(next("lock :1:l"), false);
  pass(5);
  flag(next("lock :1:l"), true);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, ReleaseEndsItWhateverTheAnswer) {
  for (const bool was_ours : {true, false}) {
    own();
    lock.release(told.callback());
    flag(next("unlock :1:l"), was_ours);
    EXPECT_EQ(**told.result, was_ours);
    EXPECT_FALSE(lock.held());
  }
}

TEST_F(LockSteps, AnErrorOfReleaseLeavesItHeld) {
  own();
  lock.release(told.callback());
  fail(next("unlock :1:l"), Errc::timeout);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, ARenewalThatIsRefusedSaysThatItIsLost) {
  own();
  lock.extend(1ms, told.callback());
  const Asked more = next("extend :1:l");
  EXPECT_EQ(more.number, 1);
  flag(more, true);
  EXPECT_TRUE(lock.held());
  lock.reacquire(told.callback());
  const Asked anew = next("renew :1:l");
  EXPECT_EQ(anew.number, 9000);
  flag(anew, true);
  EXPECT_TRUE(lock.held());
  lock.reacquire(told.callback());
  flag(next("renew :1:l"), false);
  EXPECT_FALSE(lock.held());
  own();
  lock.extend(5s, told.callback());
  flag(next("extend :1:l"), false);
  EXPECT_FALSE(lock.held());
}

TEST_F(LockSteps, ALateRefusalSaysNothingOfTheNextOwnership) {
  own();
  lock.extend(5s, told.callback());
  const Asked late = next("extend :1:l");
  lock.release(told.callback());
  flag(next("unlock :1:l"), true);
  own();
  flag(late, false);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, WithoutATtlARefusedExtensionSaysNothing) {
  lock = cache().lock("l", {});
  own();
  lock.extend(5s, told.callback());
  flag(next("extend :1:l"), false);
  EXPECT_TRUE(lock.held());
}

TEST_F(LockSteps, WhatIsNotHeldIsNotAskedFor) {
  lock.owned(told.callback());
  run();
  EXPECT_EQ(**told.result, false);
  lock.release(told.callback());
  run();
  EXPECT_EQ(told.error(), Errc::invalid_argument);
  lock.extend(0ms, told.callback());
  run();
  EXPECT_EQ(told.result->error().detail, "this lock is not held here: acquire it first");
  EXPECT_TRUE(nothing_asked());
}

TEST_F(LockSteps, AssignedOverOrDestroyedItIsReleased) {
  own();
  lock = cache().lock("m", {});
  next("unlock :1:l");
  acquire();
  flag(next("lock :1:m"), true);
  Lock& same = lock;
  lock = std::move(same);
  EXPECT_TRUE(lock.held());
  EXPECT_TRUE(nothing_asked());
  { const Lock last = std::move(lock); }
  next("unlock :1:m");
  EXPECT_TRUE(nothing_asked());
}

TEST_F(LockSteps, OfABrokenAliasNothingIsReleased) {
  own();
  alias_->broken = Error{Errc::invalid_argument, "no such codec"};
  lock = cache().lock("m", {});
  EXPECT_TRUE(nothing_asked());
}

TEST_F(LockSteps, AfterTheEngineNothingIsAsked) {
  own();
  destroy();
  acquire();
  lock.release(told.callback());
  lock = cache().lock("m", {});
  EXPECT_TRUE(nothing_asked());
  EXPECT_EQ(told.calls, 0);
}

}  // namespace
}  // namespace djcache::cache::test
