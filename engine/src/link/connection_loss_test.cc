// The connection: operations when it is lost, and how the next one begins.
#include <gtest/gtest.h>

#include <algorithm>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

constexpr const char* reset = ": there:6379/0: connection reset by peer";

TEST(Loss, WhatWasSentFailsUnlessItMayBeSentAgain) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;", {.idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  EXPECT_EQ(lane.take_ended(), Lines{std::string("1 connection_lost") + reset});
  EXPECT_EQ(lane.actions, std::vector{Action::close});
  EXPECT_EQ(lane.totals.statistics.disconnects, 1u);
  EXPECT_EQ(lane.totals.statistics.retries, 1u);
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 +2"});
  lane.expect_nothing_left();
}

// Some of its bytes were not sent, so it was not executed. All the same its bytes are sent at most
// twice.
TEST(Loss, APartlySentCommandIsSentAgainOnce) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 60'000});
  lane.issue(2, "two;", {.limit_ms = 60'000});
  lane.open();
  EXPECT_EQ(lane.take(6), "one;tw");
  lane.lose();
  EXPECT_EQ(lane.take_ended(), Lines{std::string("1 connection_lost") + reset});
  EXPECT_EQ(lane.totals.statistics.retries, 1u);
  lane.reopen();
  EXPECT_EQ(lane.take(2), "tw") << "from its beginning";
  lane.lose();
  EXPECT_EQ(lane.take_ended(), Lines{std::string("2 connection_lost") + reset});
  lane.expect_nothing_left();
}

// Its first commands may have been executed.
TEST(Loss, PartlySentCommandsOfOneOperationAreSentAgainIfThatDoesNoHarm) {
  for (const bool idempotent : {false, true}) {
    Lane lane;
    lane.issue(1, "multi;exec;", {.limit_ms = 60'000, .idempotent = idempotent, .replies = 2});
    lane.open();
    EXPECT_EQ(lane.take(7), "multi;e");
    lane.say("+OK\r\n");
    lane.lose();
    if (!idempotent) {
      EXPECT_EQ(lane.take_ended(), Lines{std::string("1 connection_lost") + reset});
      lane.expect_nothing_left();
      continue;
    }
    lane.reopen();
    EXPECT_EQ(lane.take(), "multi;exec;");
    lane.say("+OK\r\n*0\r\n");
    EXPECT_EQ(lane.take_ended(), Lines{"1 []"});
    lane.expect_nothing_left();
  }
}

TEST(Loss, PartsOfAPartlySentOperationAreItsAnswers) {
  Lane lane;
  lane.issue(1, "multi;set;exec;", {.replies = 3});
  lane.issue(2, "after;");
  lane.open();
  EXPECT_EQ(lane.take(8), "multi;se");
  lane.say("+OK\r\n");
  EXPECT_EQ(lane.take(4), "t;ex");
  lane.say("-OOM no\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  EXPECT_EQ(lane.take(), "ec;after;");
  lane.say("-EXECABORT\r\n+2\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 server_error: OOM no", "2 +2"}));
  EXPECT_EQ(lane.totals.statistics.protocol_errors, 0u);
  lane.expect_nothing_left();
}

TEST(Loss, TheLastReplyOfAnOperationNeedsAllOfItsBytesSent) {
  Lane lane;
  lane.issue(1, "multi;exec;", {.replies = 2});
  lane.open();
  EXPECT_EQ(lane.take(10), "multi;exec");
  lane.say("+OK\r\n*0\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 protocol_error: there:6379/0: a reply nobody asked for"});
}

TEST(Loss, AnOperationIsRetriedOnceOnly) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 60'000, .idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.reopen();
  lane.lose();  // not sent again yet: one attempt left
  lane.reopen();
  EXPECT_EQ(lane.take(), "one;");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.lose();
  EXPECT_EQ(lane.take_ended(), Lines{std::string("1 connection_lost") + reset});
  EXPECT_EQ(lane.totals.statistics.retries, 1u);
  lane.expect_nothing_left();
}

TEST(Loss, APartlyAnsweredTransactionIsSentAgainInFull) {
  Lane lane;
  lane.issue(1, "t;", {.idempotent = true, .replies = 3});
  lane.open();
  lane.take();
  lane.say("+OK\r\n-OOM old\r\n");
  lane.lose();
  lane.reopen();
  EXPECT_EQ(lane.take(), "t;");
  lane.say("+OK\r\n+QUEUED\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.say("*1\r\n+OK\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 [+OK]"});
}

TEST(Loss, ARetriedOperationThatFindsNoConnectionSaysThatItMayHaveBeenExecuted) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 60'000, .idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.closed();
  if (lane.connection.state() == State::backing_off) lane.tick(1000);
  ASSERT_EQ(lane.connection.state(), State::connecting);
  lane.issue(2, "two;");
  lane.refuse();
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 connection_lost: there:6379/0: connection refused (when connecting again "
                   "after the connection was lost)",
                   "2 connect_failed: there:6379/0: connection refused"}));
}

TEST(Loss, TheNextConnectionHasAllOfItsTime) {
  ConnectionConfig config = plain();
  config.connect_limit = 300;
  config.backoff_min = config.backoff_max = 0;
  Lane lane(config);
  lane.issue(1, "one;", {.limit_ms = 60'000, .idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.now += 200;
  lane.closed();
  ASSERT_EQ(lane.connection.state(), State::connecting);
  EXPECT_EQ(lane.connection.next_tick(), lane.now + 300);
}

TEST(Loss, ALossInAnyOtherStateChangesNothing) {
  Lane lane;
  lane.lose();
  EXPECT_EQ(lane.connection.state(), State::idle);
  lane.issue(1, "one;");
  lane.turn();
  lane.lose();
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::connecting);
  EXPECT_EQ(lane.take_ended(), Lines{});
}

TEST(Loss, BytesWrittenInAnotherStateAreOnlyCounted) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.lose();
  lane.connection.wrote(4);
  EXPECT_EQ(lane.connection.pipeline().in_flight(), 0u);
}

// --- A primary that became a replica.

TEST(ReadOnly, TheConnectionIsRenewedWhenWhatIsInFlightHasEnded) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.open();
  lane.take();
  lane.say("-READONLY You can't write against a read only replica.\r\n");
  EXPECT_EQ(lane.take_ended().size(), 1u);
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.issue(3, "three;");
  lane.turn();
  EXPECT_EQ(lane.take(), "") << "writes are held meanwhile";
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 +2"});
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.totals.events.back().reason, "there:6379/0: the server is read-only now");
  lane.reopen();
  EXPECT_EQ(lane.take(), "three;");
  lane.say("+3\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"3 +3"});
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.expect_nothing_left();
}

// Its name may lead to the same server for a long time: reads continue there, and refusals are
// reported at once.
TEST(ReadOnly, RenewalsBecomeRareWhileTheServerStaysReadOnly) {
  Lane lane;
  unsigned connects = 0;
  const auto set = [&](std::uintptr_t id) {
    lane.issue(id, "set;", {.limit_ms = 60'000});
    lane.turn();
    if (lane.connection.state() == State::backing_off) {
      lane.tick(lane.connection.next_tick() - lane.now);
    }
    if (lane.connection.state() == State::connecting) {
      lane.open();
      ++connects;
    }
    ASSERT_EQ(lane.take(), "set;");
    lane.say("-READONLY no\r\n");
    ASSERT_EQ(lane.take_ended().size(), 1u);
  };
  for (std::uintptr_t i = 1; lane.now < 3000; ++i) {  // two seconds
    set(i);
    if (lane.connection.state() == State::closing) lane.closed();
    lane.tick(5);
  }
  EXPECT_LT(connects, 10u);
  EXPECT_GT(connects, 3u);
  lane.tick(10'000);
  set(1000);
  EXPECT_EQ(lane.connection.state(), State::closing) << "long after the last, it is tried at once";
}

TEST(ReadOnly, ACommandThatHasBegunIsSentToItsEnd) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.issue(3, "three;");
  lane.open();
  EXPECT_EQ(lane.take(6), "one;tw");
  lane.say("-READONLY no\r\n");
  EXPECT_EQ(lane.connection.state(), State::ready);
  EXPECT_EQ(lane.take(), "o;");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended().back(), "2 +2");
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.reopen();
  EXPECT_EQ(lane.take(), "three;");
}

TEST(ReadOnly, IsNoticedInsideATransaction) {
  Lane lane;
  lane.issue(1, "t;", {.replies = 3});
  lane.open();
  lane.take();
  lane.say("+OK\r\n-READONLY no\r\n-EXECABORT\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 server_error: READONLY no"});
  EXPECT_EQ(lane.connection.state(), State::closing);
}

TEST(ReadOnly, ALossMeanwhileIsTheRenewal) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.open();
  lane.take();
  lane.say("-READONLY no\r\n");
  lane.lose();
  lane.issue(3, "three;");
  lane.issue(4, "four;", {.limit_ms = 10});
  lane.turn();
  lane.tick(10);
  lane.reopen();
  EXPECT_EQ(lane.take(), "three;");
  EXPECT_EQ(lane.totals.statistics.disconnects, 1u);
}

TEST(ReadOnly, WhatADrainHasNotYetSentGoesOverANewConnection) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.issue(2, "two;");
  lane.turn();
  lane.retire(1000);
  lane.say("-READONLY no\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 -READONLY no"});
  ASSERT_EQ(lane.connection.state(), State::closing);
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
  lane.say("-READONLY no\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 -READONLY no"});
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::closed);
  EXPECT_FALSE(lane.connection.limit_reached());
  lane.expect_nothing_left();
}

TEST(ReadOnly, ADrainThatIsDoneEndsAsADrain) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.retire(1000);
  lane.say("-READONLY no\r\n");
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.totals.events.back().reason, "disconnect");
}

// --- Barriers: commands that are alone in flight.

TEST(Barrier, IsSentBehindTheLastReplyAndAwaitedAlone) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.issue(3, "auth;", {.barrier = true});
  lane.issue(4, "four;");
  lane.issue(5, "auth2;", {.barrier = true});
  lane.issue(6, "six;");
  lane.open();
  EXPECT_EQ(lane.take(), "one;two;");
  lane.say("+1\r\n");
  EXPECT_EQ(lane.take(), "");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take(3), "aut");
  EXPECT_EQ(lane.take(), "h;");
  EXPECT_EQ(lane.take(), "");
  lane.say("-ERR no\r\n");
  EXPECT_EQ(lane.take(), "four;");
  lane.say("+4\r\n");
  EXPECT_EQ(lane.take(), "auth2;");
  lane.say("+OK\r\n");
  EXPECT_EQ(lane.take(), "six;");
  lane.issue(7, "seven;");
  EXPECT_EQ(lane.take(), "seven;");
  lane.say("+6\r\n+7\r\n");
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 +1", "2 +2", "3 -ERR no", "4 +4", "5 +OK", "6 +6", "7 +7"}));
  lane.expect_nothing_left();
}

TEST(LeasedLoss, OnlyWhatWasSentIsBlamedForAReplyThatNobodyAskedFor) {
  Lane lane;
  lane.connection.lease_to(nullptr);
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.issue(2, "two;");
  lane.say("+more\r\n");
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 +1", "2 connection_lost: there:6379/0: a reply nobody asked for"}));
}

TEST(LeasedLoss, AConnectionThatWasToldNothingIsReplaced) {
  Lane lane;
  lane.connection.lease_to(nullptr);
  lane.issue(1, "one;");
  lane.open();
  lane.say("+more\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{});
  lane.reopen();
  EXPECT_EQ(lane.take(), "one;");
}

// A new connection would lack the state that the old one had been given.
TEST(LeasedLoss, CarriesNeitherWhatWasSentNorWhatWasNot) {
  Lane lane;
  lane.connection.lease_to(nullptr);
  lane.issue(1, "*1\r\n$4\r\nPING\r\n", {.idempotent = true});
  lane.open();
  ASSERT_NE(lane.take(), "");
  lane.issue(2, "*1\r\n$4\r\nEXEC\r\n");
  lane.lose();
  EXPECT_EQ(lane.take_ended(),
            (Lines{"1 connection_lost: there:6379/0: connection reset by peer",
                   "2 connection_lost: there:6379/0: connection reset by peer"}));
  EXPECT_TRUE(lane.connection.lost());
  lane.expect_nothing_left();
}

// As if its peer had closed it while it was spare.
TEST(LeasedLoss, BeforeAnythingWasSentANewConnectionWillDo) {
  Lane lane;
  lane.connection.lease_to(nullptr);
  lane.connection.listen(true);
  lane.issue(1, "*1\r\n$4\r\nPING\r\n");
  lane.open();
  lane.lose();
  EXPECT_EQ(lane.take_ended(), Lines{});
  EXPECT_FALSE(lane.connection.lost());
}

}  // namespace
}  // namespace djcache::link::test
