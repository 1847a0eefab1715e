// Calls: memory that a burst needed is freed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "calls_fixture.h"

namespace djcache {
namespace {

struct CallsMemory : CallsTest {
  // This many calls at once; returns them.
  std::vector<Probe*> burst(std::size_t size) {
    std::vector<Probe*> all;
    for (std::size_t i = 0; i < size; ++i) all.push_back(make("x"));
    turn();
    return all;
  }
  void finish(const std::vector<Probe*>& all) {
    for (Probe* each : all) each->finish({});
    ended.clear();
    calls.let_time_pass();
  }
  void turn() {
    calls.let_time_pass();
    calls.stamp(now);
  }
  void pass(std::uint64_t ms) {
    now += ms;
    if (calls.next_deadline() <= now) calls.fall_back(now);
  }
  static constexpr std::size_t many = 50'000;
  std::uint64_t now = 1000;
};

TEST_F(CallsMemory, OfABurstIsGivenBackAfterTwoLooksAndNoSooner) {
  finish(burst(many));
  EXPECT_GE(calls.room(), many);
  EXPECT_EQ(calls.next_deadline(), now + Calls::fall_back_ms);
  pass(Calls::fall_back_ms);
  EXPECT_GE(calls.room(), many) << "so many were needed since";
  pass(Calls::fall_back_ms);
  EXPECT_LE(calls.room(), 2 * Calls::kept_blocks);
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX) << "there is nothing more to give back";
}

TEST_F(CallsMemory, IsKeptWhileItIsNeeded) {
  for (int i = 0; i < 10; ++i) {
    finish(burst(many));
    const std::size_t room = calls.room();
    pass(Calls::fall_back_ms);
    EXPECT_EQ(calls.room(), room);
  }
}

TEST_F(CallsMemory, OfAFewIsNeverLookedAt) {
  finish(burst(2 * Calls::kept_blocks));
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX);
}

TEST_F(CallsMemory, OfAnEngineAtRestIsGivenBackAtOnce) {
  finish(burst(many));
  calls.rest();
  EXPECT_LE(calls.room(), 2 * Calls::kept_blocks);
  EXPECT_EQ(calls.next_deadline(), UINT64_MAX);
}

TEST_F(CallsMemory, WhatIsInUseStaysAndKeepsItsTicket) {
  std::vector<Probe*> all = burst(many);
  std::vector<Probe*> kept;
  for (std::size_t i = 0; i < all.size(); i += 5000) kept.push_back(std::exchange(all[i], nullptr));
  std::erase(all, nullptr);
  std::vector<Ticket> tickets;
  for (const Probe* each : kept) tickets.push_back(each->ticket());
  finish(all);
  calls.rest();
  EXPECT_LE(calls.room(), 2 * Calls::kept_blocks);
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(calls.find(tickets[i]), kept[i]);
  finish(kept);
  EXPECT_EQ(living, 0);
}

TEST_F(CallsMemory, ATicketOfMemoryGivenBackIsNeverAnothers) {
  std::vector<Ticket> old;
  for (int round = 0; round < 3; ++round) {
    const std::vector<Probe*> all = burst(many);
    for (const Ticket ticket : old) ASSERT_EQ(calls.find(ticket), nullptr);
    for (const Probe* each : all) old.push_back(each->ticket());
    finish(all);
    calls.rest();
    for (const Ticket ticket : old) ASSERT_FALSE(calls.cancel(ticket));
  }
}

TEST_F(CallsMemory, ACancelledCallCountsUntilItHasEnded) {
  const std::vector<Probe*> all = burst(many);
  for (const Probe* each : all) calls.cancel(each->ticket());
  run();
  EXPECT_EQ(calls.waiting(), 0u);
  pass(Calls::fall_back_ms);
  pass(Calls::fall_back_ms);
  EXPECT_GE(calls.room(), many);
  finish(all);
  EXPECT_EQ(living, 0);
}

// Every walk over all calls must skip freed slabs.
TEST_F(CallsMemory, WhatWasGivenBackIsPassedOver) {
  std::vector<Probe*> all = burst(many);
  Probe* const last = all.back();
  all.pop_back();
  finish(all);
  calls.rest();
  make("first");
  calls.end_all();
  EXPECT_EQ(std::exchange(ended, {}), (Lines{"first: no memory left", "x: no memory left"}));
  (void)last;
  burst(many);
  calls.rest();
  calls.drop_all();
  EXPECT_EQ(living, 0);
}

}  // namespace
}  // namespace djcache
