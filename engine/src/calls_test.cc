// Calls: tickets, deferred results, cancelling, and the end.
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <string>
#include <vector>

#include "calls_fixture.h"

namespace djcache {
namespace {

// A producer may resolve at any time: no event of the loop need be due then.
TEST_F(CallsTest, MemoryThatRanOutOutsideAnEventAsksForATurn) {
  calls.spoil_and_ask_for_turn();
  EXPECT_TRUE(calls.spoiled());
  EXPECT_EQ(turns, 1);
  Calls without([] { throw std::bad_alloc(); });
  without.spoil_and_ask_for_turn();
  EXPECT_TRUE(without.spoiled());
}

TEST_F(CallsTest, ATicketFindsItsCallUntilItHasEnded) {
  Probe* call = make("a");
  const Ticket ticket = call->ticket();
  EXPECT_EQ(calls.find(ticket), call);
  EXPECT_EQ(calls.waiting(), 1u);
  Outcome outcome;
  outcome.flag = true;
  call->finish(outcome);
  EXPECT_EQ(ended, Lines{"a flag"});
  EXPECT_EQ(calls.find(ticket), nullptr);
  EXPECT_EQ(calls.waiting(), 0u);
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, TicketsOfReusedBlocksDoNotMatch) {
  Ticket old = make("a")->ticket();
  for (int i = 0; i < 1000; ++i) {
    calls.find(old)->finish({});
    Probe* next = make("b");
    EXPECT_EQ(next->ticket().index, old.index);
    EXPECT_EQ(calls.find(old), nullptr);
    EXPECT_FALSE(calls.cancel(old));
    old = next->ticket();
  }
}

TEST_F(CallsTest, UnknownTicketsFindNothing) {
  make("a");
  EXPECT_EQ(calls.find({}), nullptr);
  EXPECT_EQ(calls.find({1'000'000, 1}), nullptr);
  EXPECT_EQ(calls.find({1, 1}), nullptr) << "a block that nobody uses";
  EXPECT_FALSE(calls.cancel({}));
}

TEST_F(CallsTest, ManyCallsLiveAtOnce) {
  std::vector<Ticket> tickets;
  for (int i = 0; i < 1000; ++i) tickets.push_back(make(std::to_string(i))->ticket());
  EXPECT_EQ(calls.waiting(), 1000u);
  for (std::size_t i = 0; i < 1000; i += 2) calls.find(tickets[i])->finish({});
  EXPECT_EQ(living, 500);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(calls.find(tickets[i]) != nullptr, i % 2 == 1);
}

TEST_F(CallsTest, WhatIsDeferredIsToldOnTheNextTurnInOrder) {
  Probe *a = make("a"), *b = make("b"), *c = make("c");
  calls.defer(b, {Errc::overloaded, "full"});
  calls.defer_success(a);
  calls.defer(c, {Errc::timeout, "late"});
  EXPECT_EQ(ended, Lines{});
  EXPECT_TRUE(calls.has_deferred());
  EXPECT_EQ(turns, 1) << "one turn tells them all";
  EXPECT_EQ(run(), (Lines{"b: full", "a ok", "c: late"}));
  EXPECT_FALSE(calls.has_deferred());
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, WhatACallbackDefersWaitsForTheNextTurn) {
  Probe* a = make("a");
  a->on_end = [this] { calls.defer_success(make("b")); };
  calls.defer_success(a);
  EXPECT_EQ(run(), Lines{"a ok"});
  EXPECT_TRUE(calls.has_deferred());
  EXPECT_EQ(run(), Lines{"b ok"});
}

TEST_F(CallsTest, ACancelledCallIsToldOnceAndGivesItsMemoryBackLater) {
  Probe* a = make("a");
  const Ticket ticket = a->ticket();
  EXPECT_TRUE(calls.cancel(ticket));
  EXPECT_FALSE(calls.cancel(ticket)) << "the second time";
  EXPECT_EQ(ended, Lines{});
  EXPECT_EQ(run(), Lines{"a gave up: cancelled by the caller"});
  EXPECT_EQ(calls.waiting(), 0u);
  EXPECT_EQ(calls.find(ticket), nullptr);
  EXPECT_EQ(calls.find_also_given_up(ticket), a);
  EXPECT_FALSE(calls.cancel(ticket));
  EXPECT_EQ(living, 1);
  a->finish({});
  EXPECT_EQ(ended, Lines{});
  EXPECT_EQ(living, 0);
  EXPECT_EQ(calls.waiting(), 0u);
}

TEST_F(CallsTest, AReplyWinsOverACancelOfTheSameTurn) {
  Probe* a = make("a");
  EXPECT_TRUE(calls.cancel(a->ticket()));
  a->finish({});
  EXPECT_EQ(run(), Lines{"a ok"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, ACallGivenUpForItsCallerEndsWithThatErrorUnlessAReplyComesFirst) {
  Probe *a = make("a"), *b = make("b");
  const Ticket of_b = b->ticket();
  EXPECT_TRUE(calls.give_up(a->ticket(), {Errc::disconnected, "gone"}));
  EXPECT_TRUE(calls.give_up(of_b, {Errc::disconnected, "gone"}));
  b->finish({});
  EXPECT_EQ(run(), (Lines{"b ok", "a gave up: gone"}));
  EXPECT_FALSE(calls.give_up(of_b, {Errc::disconnected, "gone"}));
  a->finish({});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, ARefusalWinsOverACancelAfterIt) {
  Probe* a = make("a");
  calls.defer(a, {Errc::overloaded, "full"});
  EXPECT_TRUE(calls.cancel(a->ticket()));
  EXPECT_EQ(run(), Lines{"a: full"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, AParkedCallEndsAfterItsLimit) {
  Probe *a = make("a"), *b = make("b");
  calls.park(a, 100);
  calls.park(b, 50);
  EXPECT_TRUE(calls.is_parked(a->ticket()));
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX) << "the turn has not ended yet";
  calls.stamp(1000);
  calls.stamp(5000);
  EXPECT_EQ(calls.next_deadline(), 1050u);
  calls.expire_parked(1049);
  EXPECT_EQ(run(), Lines{});
  calls.expire_parked(1050);
  EXPECT_EQ(ended, Lines{}) << "never inside";
  EXPECT_EQ(run(), Lines{"b: the producer did not resolve within 50 ms"});
  EXPECT_EQ(calls.next_deadline(), 1100u);
  calls.expire_parked(2000);
  EXPECT_EQ(run(), Lines{"a: the producer did not resolve within 100 ms"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, OfManyParkedCallsEachEndsAtItsOwnLimit) {
  std::vector<Probe*> all;
  for (std::size_t i = 0; i < 100; ++i) {
    all.push_back(make(std::to_string(i)));
    calls.park(all[i], 1000 + i * 37 % 100);
  }
  calls.stamp(0);
  for (std::size_t i = 0; i < 100; i += 3) EXPECT_TRUE(calls.unpark(all[i]));
  for (std::size_t now = 1000; now < 1100; ++now) {
    calls.expire_parked(now);
    const std::size_t i = (now - 1000) * 73 % 100;
    const std::string told =
        std::to_string(i) + ": the producer did not resolve within " + std::to_string(now) + " ms";
    EXPECT_EQ(run(), i % 3 == 0 ? Lines{} : Lines{told});
  }
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX);
}

TEST_F(CallsTest, AnUnparkedCallGoesOn) {
  Probe* a = make("a");
  EXPECT_FALSE(calls.unpark(a));
  calls.park(a, 100);
  EXPECT_TRUE(calls.unpark(a));
  EXPECT_FALSE(calls.is_parked(a->ticket()));
  calls.stamp(1000);
  calls.expire_parked(9999);
  EXPECT_EQ(run(), Lines{});
  EXPECT_EQ(calls.waiting(), 1u);
}

TEST_F(CallsTest, ACancelledParkedCallIsGoneForGood) {
  Probe* a = make("a");
  calls.park(a, 100);
  calls.cancel(a->ticket());
  EXPECT_EQ(run(), Lines{"a: cancelled by the caller"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, ParkedCallsCanBeEndedFromOutside) {
  Probe *a = make("a"), *b = make("b");
  const Ticket of_a = a->ticket(), of_b = b->ticket();
  calls.park(a, 100);
  calls.end_parked(of_a, {Errc::disconnected, "gone"});
  calls.end_parked(of_b, {Errc::disconnected, "gone"});
  calls.end_parked({}, {Errc::disconnected, "gone"});
  EXPECT_EQ(ended, Lines{});
  EXPECT_EQ(run(), Lines{"a: gone"});
  EXPECT_EQ(calls.find(of_b), b);
}

TEST_F(CallsTest, AParkedCallThatHasEndedIsForgotten) {
  Probe* a = make("a");
  calls.park(a, 100);
  calls.stamp(0);
  a->finish({});
  ended.clear();
  calls.expire_parked(1000);
  EXPECT_EQ(run(), Lines{});
}

TEST_F(CallsTest, DropAllDestroysEverythingUncalled) {
  Probe *a = make("a"), *b = make("b"), *c = make("c");
  const Ticket ticket = a->ticket();
  calls.defer_success(a);
  calls.park(b, 100);
  calls.cancel(c->ticket());
  for (int i = 0; i < 200; ++i) make("x");
  calls.drop_all();
  EXPECT_EQ(living, 0);
  EXPECT_EQ(ended, Lines{});
  EXPECT_EQ(calls.waiting(), 0u);
  EXPECT_EQ(calls.find(ticket), nullptr);
  EXPECT_FALSE(calls.has_deferred());
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX);
  calls.drop_all();
}

TEST_F(CallsTest, ACallbackMayDropEverythingWhileOthersAreDue) {
  Probe *a = make("a"), *b = make("b"), *c = make("c");
  a->on_end = [this] { calls.drop_all(); };
  calls.defer_success(a);
  calls.defer_success(b);
  calls.cancel(c->ticket());
  EXPECT_EQ(run(), Lines{"a ok"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, TheirDestructionIsSilent) {
  {
    Calls others([] {});
    others.make<Probe>(*this, "a");
    EXPECT_EQ(living, 1);
  }
  EXPECT_EQ(living, 0);
  EXPECT_EQ(ended, Lines{});
}

// --- Out of memory.

TEST_F(CallsTest, EndAllEndsWhateverWaits) {
  Probe *a = make("a"), *b = make("b"), *c = make("c"), *d = make("d");
  calls.defer_success(a);
  calls.park(b, 10);
  calls.cancel(c->ticket());
  (void)d;
  EXPECT_EQ(run(), (Lines{"a ok", "c gave up: cancelled by the caller"}));
  calls.end_all();
  EXPECT_EQ(std::exchange(ended, {}), (Lines{"b: no memory left", "d: no memory left"}));
  EXPECT_EQ(living, 0) << "also of those that nobody waits for";
  EXPECT_EQ(calls.parked(), 0u);
  EXPECT_EQ(run(), Lines{});
}

TEST_F(CallsTest, EndAllLeavesWhatItsCallbacksIssue) {
  make("a")->on_end = [this] {
    for (int i = 0; i < 100; ++i) make("later");
  };
  calls.end_all();
  EXPECT_EQ(std::exchange(ended, {}), Lines{"a: no memory left"});
  EXPECT_EQ(calls.waiting(), 100u);
}

TEST_F(CallsTest, ACallbackThatFindsNoMemoryDoesNotKeepTheOthersFromTheirEnd) {
  make("a")->on_end = [] { throw std::bad_alloc(); };
  make("b");
  calls.spoil();
  calls.end_all();
  EXPECT_EQ(ended, (Lines{"a: no memory left", "b: no memory left"}));
  EXPECT_FALSE(calls.spoiled());
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, ACallbackMayDropEverythingWhileAllAreEnded) {
  make("a")->on_end = [this] { calls.drop_all(); };
  make("b");
  calls.end_all();
  EXPECT_EQ(ended, Lines{"a: no memory left"});
  EXPECT_EQ(living, 0);
}

TEST_F(CallsTest, ACallThatCannotBeIssuedIsDestroyedUncalled) {
  const auto full = [](Call*) { throw std::bad_alloc(); };
  EXPECT_THROW(calls.issue(make("a"), full), std::bad_alloc);
  EXPECT_EQ(living, 0);
  EXPECT_EQ(calls.waiting(), 0u);
  EXPECT_EQ(run(), Lines{});
}

TEST_F(CallsTest, ATurnThatCannotBeAskedForLeavesNothingBehind) {
  bool refuses = true;
  Calls others([&refuses] {
    if (refuses) throw std::bad_alloc();
  });
  Probe* call = others.make<Probe>(*this, "a");
  EXPECT_THROW(others.defer_success(call), std::bad_alloc);
  EXPECT_FALSE(others.has_deferred());
  EXPECT_THROW(others.park(call, 10), std::bad_alloc);
  EXPECT_FALSE(others.is_parked(call->ticket()));
  EXPECT_TRUE(others.cancel(call->ticket())) << "a promise that needs no memory";
  refuses = false;
  others.run_deferred();
  EXPECT_EQ(ended, Lines{"a gave up: cancelled by the caller"});
}

struct ToFlag {
  Result<bool> operator()(const Outcome& outcome) const { return outcome.flag; }
};

TEST_F(CallsTest, AResultCallConvertsItsOutcome) {
  Lines told;
  const auto call = [&] {
    return calls.make<ResultCall<bool, ToFlag>>(
        [&told](Result<bool> r) {
          told.push_back(r.ok() ? (*r ? "true" : "false") : r.error().detail);
        },
        ToFlag{});
  };
  Outcome outcome;
  outcome.flag = true;
  call()->finish(outcome);
  call()->finish({});
  const Error error{Errc::unavailable, "wait"};
  outcome.error = &error;
  call()->finish(outcome);
  EXPECT_EQ(told, (Lines{"true", "false", "wait"}));
}

TEST_F(CallsTest, AResultWithoutMemoryIsAnErrorOfItsOwn) {
  struct Hungry {
    Result<bool> operator()(const Outcome&) const { throw std::bad_alloc(); }
  };
  Lines told;
  const auto tell = [&told](Result<bool> r) { told.push_back(to_string(r.error())); };
  calls.make<ResultCall<bool, Hungry>>(tell, Hungry{})->finish({});
  calls.settle(calls.make<ResultCall<bool, Hungry>>(tell, Hungry{}), {});
  calls.run_deferred();
  EXPECT_EQ(told, (Lines{"no_memory: no memory left", "no_memory: no memory left"}));
}

TEST_F(CallsTest, AResultCallThatWasGivenUpIsNotToldAgain) {
  Lines told;
  Call* call = calls.make<ResultCall<bool, ToFlag>>(
      [&told](Result<bool> r) { told.push_back(r.error().detail); }, ToFlag{});
  calls.cancel(call->ticket());
  calls.run_deferred();
  call->finish({});
  EXPECT_EQ(told, Lines{"cancelled by the caller"});
  EXPECT_EQ(calls.waiting(), 0u);
}

TEST_F(CallsTest, AResultCallWithoutACallbackIsFine) {
  calls.make<ResultCall<bool, ToFlag>>(Callback<bool>(), ToFlag{})->finish({});
  Call* call = calls.make<ResultCall<bool, ToFlag>>(Callback<bool>(), ToFlag{});
  calls.cancel(call->ticket());
  calls.run_deferred();
  call->finish({});
  EXPECT_EQ(calls.waiting(), 0u);
}

TEST_F(CallsTest, TheBlockIsFreeBeforeTheCallbackRuns) {
  Ticket first, second;
  Call* call = calls.make<ResultCall<bool, ToFlag>>(
      [&](Result<bool>) { second = make("next")->ticket(); }, ToFlag{});
  first = call->ticket();
  call->finish({});
  EXPECT_EQ(first.index, second.index);
  EXPECT_NE(first.generation, second.generation);
}

}  // namespace
}  // namespace djcache
