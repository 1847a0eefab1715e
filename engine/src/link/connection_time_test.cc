// The connection: limits of operations, and silent peers.
#include <gtest/gtest.h>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

TEST(Limits, RunFromTheEndOfTheTurn) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  EXPECT_EQ(lane.connection.next_tick(), never);
  lane.now += 50;
  lane.open();
  EXPECT_EQ(lane.connection.next_tick(), 1150u);
  lane.take();
  lane.tick(99);
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.tick(1);
  EXPECT_EQ(lane.take_ended(), Lines{"1 timeout: there:6379/0: no reply within 100 ms"});
}

TEST(Limits, EachOperationHasItsOwn) {
  Lane lane;
  lane.issue(1, "a;", {.limit_ms = 300});
  lane.issue(2, "b;", {.limit_ms = 100});
  lane.issue(3, "c;", {.limit_ms = 200});
  lane.open();
  lane.take();
  for (const Lines& expected : {Lines{"2 timeout: there:6379/0: no reply within 100 ms"},
                                Lines{"3 timeout: there:6379/0: no reply within 200 ms"},
                                Lines{"1 timeout: there:6379/0: no reply within 300 ms"}}) {
    lane.tick(lane.connection.next_tick() - lane.now);
    EXPECT_EQ(lane.take_ended(), expected);
  }
  lane.say("+a\r\n+b\r\n+c\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  EXPECT_EQ(lane.totals.statistics.late_replies, 3u);
  lane.expect_nothing_left();
}

TEST(Limits, AnEarlyTickIsHarmless) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;", {.limit_ms = 400});
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.take_ended();
  EXPECT_EQ(lane.connection.next_tick(), 1100u);
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(), Lines{});
  EXPECT_EQ(lane.connection.next_tick(), 1400u);
}

TEST(Limits, AnOperationIssuedSinceTheLastTurnDoesNotExpire) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.open();
  lane.take();
  lane.issue(2, "two;", {.limit_ms = 1});
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(), Lines{"1 timeout: there:6379/0: no reply within 100 ms"});
}

TEST(Limits, WhatFoundNoConnectionInTimeIsNeverSent) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;", {.limit_ms = 400});
  lane.turn();
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(),
            Lines{"1 timeout: there:6379/0: not sent: no connection within 100 ms"});
  EXPECT_EQ(lane.totals.operations, 1u);
  lane.connected();
  lane.take();
  lane.say("+PONG\r\n");
  EXPECT_EQ(lane.take(), "two;");
}

TEST(Limits, WhoWaitsInVainHearsWhyTheLastAttemptFailed) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1'000'000;
  Lane lane(config);
  lane.issue(1, "one;");
  lane.turn();
  lane.refuse("connection refused");
  lane.take_ended();
  lane.issue(2, "two;", {.limit_ms = 20});
  lane.turn();
  lane.tick(20);
  EXPECT_EQ(lane.take_ended(),
            Lines{"2 timeout: there:6379/0: not sent: no connection within 20 ms; last attempt: "
                  "there:6379/0: connection refused"});
  lane.expect_nothing_left();
}

TEST(Limits, ARetriedOperationDoesNotClaimThatItWasNotSent) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100, .idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(), Lines{"1 timeout: there:6379/0: the connection was lost, and no new "
                                     "one within 100 ms"});
  lane.closed();
  lane.tick(100);
  EXPECT_EQ(lane.connection.state(), State::idle);
  lane.expect_nothing_left();
}

// --- Silence.

struct Stall : ::testing::Test {
  static ConnectionConfig config() {
    ConnectionConfig config = plain();
    config.stall_limit = 1000;
    return config;
  }
  Lane lane{config()};
};

TEST_F(Stall, SilenceWhileTheOldestIsOverdueClosesTheConnection) {
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;", {.limit_ms = 60'000, .idempotent = true});
  lane.open();
  lane.take();
  lane.tick(100);
  EXPECT_EQ(lane.take_ended().size(), 1u);
  EXPECT_EQ(lane.connection.next_tick(), 2100u);
  lane.tick(999);
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.tick(1);
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.totals.events.back().reason, "there:6379/0: silent for 1100 ms");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
}

TEST_F(Stall, AnyByteIsASignOfLife) {
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.open();
  lane.take();
  lane.tick(100);
  lane.tick(900);
  lane.say("$");
  lane.tick(100);
  EXPECT_EQ(lane.connection.state(), State::ready);
  EXPECT_EQ(lane.connection.next_tick(), 3000u);
  lane.tick(900);
  EXPECT_EQ(lane.connection.state(), State::closing);
}

TEST_F(Stall, SilenceWhileNothingIsOverdueIsPatience) {
  lane.issue(1, "one;", {.limit_ms = 60'000});
  lane.open();
  lane.take();
  lane.tick(50'000);
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.say("+1\r\n");
  lane.tick(1'000'000);
  EXPECT_EQ(lane.connection.state(), State::ready) << "nothing is expected of an idle connection";
}

TEST_F(Stall, ATickBeforeTheTurnHasEndedSuspectsNobody) {
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.issue(2, "two;");
  lane.tick(100);
  EXPECT_EQ(lane.connection.state(), State::ready);
}

TEST_F(Stall, APeerThatDoesNotEvenTakeTheCommandIsStalledToo) {
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.open();
  EXPECT_EQ(lane.take(2), "on");
  lane.tick(100);
  EXPECT_EQ(lane.take_ended().size(), 1u);
  ASSERT_NE(lane.connection.next_tick(), never);
  lane.tick(1000);
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.expect_nothing_left();
}

TEST_F(Stall, ALateReplyEndsTheSuspicion) {
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;", {.limit_ms = 60'000});
  lane.open();
  lane.take();
  lane.tick(100);
  lane.say("+1\r\n");
  lane.tick(10'000);
  EXPECT_EQ(lane.connection.state(), State::ready);
}

}  // namespace
}  // namespace djcache::link::test
