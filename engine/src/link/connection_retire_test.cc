// The connection: its end, by draining and by abort, from every state.
#include <gtest/gtest.h>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

constexpr const char* aborted = " disconnected: there:6379/0: ended by disconnect";

// Brings a new connection with one pending operation into a state.
void bring_to(Lane& lane, State state) {
  lane.issue(1, "one;", {.limit_ms = 60'000, .idempotent = true});
  if (state == State::idle) return;
  lane.turn();
  if (state == State::connecting) return;
  if (state == State::backing_off) {
    lane.config.backoff_min = lane.config.backoff_max = 1'000'000;
    lane.refuse();
    lane.take_ended();
    lane.issue(1, "one;", {.limit_ms = 60'000'000});
    return lane.turn();
  }
  if (state == State::handshaking) return lane.connected();
  lane.open();
  lane.take();
  if (state == State::closing) lane.lose();
}

constexpr State all_states[] = {State::idle,        State::connecting, State::backing_off,
                                State::handshaking, State::ready,      State::closing};

TEST(Retire, ADrainFinishesWhatIsPendingThenCloses) {
  Lane lane;
  lane.issue(1, "one;");
  lane.issue(2, "two;");
  lane.open();
  EXPECT_EQ(lane.take(4), "one;");
  lane.retire(500);
  EXPECT_TRUE(lane.connection.retired());
  EXPECT_EQ(lane.connection.state(), State::ready);
  EXPECT_EQ(lane.take(), "two;");
  lane.say("+1\r\n");
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended(), (Lines{"1 +1", "2 +2"}));
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.actions, std::vector{Action::close});
  EXPECT_EQ(lane.connection.next_tick(), never);
  EXPECT_FALSE(lane.connection.finished());
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::closed);
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_EQ(lane.connection.completed_draining(), 2u);
  EXPECT_EQ(lane.connection.aborted(), 0u);
  EXPECT_FALSE(lane.connection.limit_reached());
  EXPECT_TRUE(lane.connection.had_socket());
  EXPECT_EQ(lane.totals.events.back().reason, "disconnect");
  lane.expect_nothing_left();
}

TEST(Retire, AnIdleReadyConnectionClosesAtOnce) {
  for (const Millis limit : {Millis{0}, Millis{500}}) {
    Lane lane;
    lane.issue(1, "one;");
    lane.open();
    lane.take();
    lane.say("+1\r\n");
    lane.retire(limit);
    EXPECT_EQ(lane.connection.state(), State::closing);
    EXPECT_EQ(lane.totals.statistics.disconnects, 1u);
    lane.closed();
    EXPECT_TRUE(lane.connection.finished());
  }
}

TEST(Retire, AConnectionThatNeverWasIsClosedWithoutASocket) {
  Lane lane;
  lane.retire(500);
  EXPECT_EQ(lane.connection.state(), State::closed);
  EXPECT_TRUE(lane.actions.empty());
  EXPECT_FALSE(lane.connection.had_socket());
}

TEST(Retire, AnAbortFailsEveryOperationFromEveryState) {
  for (const State state : all_states) {
    SCOPED_TRACE(static_cast<int>(state));
    Lane lane;
    bring_to(lane, state);
    ASSERT_EQ(lane.connection.state(), state);
    const bool socket = lane.connection.has_socket();
    lane.actions.clear();
    lane.issue(2, "two;");
    lane.retire(0);
    EXPECT_EQ(lane.take_ended(),
              (Lines{std::string("1") + aborted +
                         (state == State::closing ? " (when connecting "
                                                    "again after the connection was lost)"
                                                  : ""),
                     std::string("2") + aborted}));
    EXPECT_EQ(lane.connection.aborted(), 2u);
    EXPECT_EQ(lane.connection.had_socket(), socket);
    EXPECT_EQ(lane.connection.state(), socket ? State::closing : State::closed);
    const bool close = state == State::connecting || state == State::handshaking ||
                       state == State::ready;  // closing: requested before
    EXPECT_EQ(lane.actions, close ? std::vector{Action::close} : std::vector<Action>{});
    lane.closed();
    EXPECT_TRUE(lane.connection.finished());
    EXPECT_EQ(lane.connection.next_tick(), never);
    lane.expect_nothing_left();
  }
}

TEST(Retire, ADrainStillGetsAConnectionFromEveryState) {
  for (const State state : all_states) {
    SCOPED_TRACE(static_cast<int>(state));
    Lane lane;
    bring_to(lane, state);
    lane.retire(50'000'000);
    EXPECT_EQ(lane.connection.state(), state);
    if (state == State::closing) lane.closed();
    if (lane.connection.state() == State::backing_off) {
      lane.tick(lane.connection.next_tick() - lane.now);
    }
    lane.turn();
    if (lane.connection.state() == State::connecting) lane.connected();
    if (lane.connection.state() == State::handshaking) {
      lane.take();
      lane.say("+PONG\r\n");
    }
    EXPECT_EQ(lane.take(), state == State::ready ? "" : "one;");
    lane.say("+1\r\n");
    EXPECT_EQ(lane.take_ended(), Lines{"1 +1"});
    EXPECT_EQ(lane.connection.state(), State::closing);
    EXPECT_TRUE(lane.connection.had_socket());
    lane.closed();
    EXPECT_TRUE(lane.connection.finished());
    lane.expect_nothing_left();
  }
}

TEST(Retire, ADrainPastItsLimitAbortsFromEveryState) {
  for (const State state : all_states) {
    SCOPED_TRACE(static_cast<int>(state));
    Lane lane;
    bring_to(lane, state);
    lane.retire(300);
    lane.tick(299);
    EXPECT_EQ(lane.take_ended(), Lines{});
    lane.tick(1);
    ASSERT_EQ(lane.ended.size(), 1u);
    EXPECT_TRUE(lane.ended[0].starts_with(
        "1 disconnected: there:6379/0: ended by the drain reached its limit"));
    EXPECT_TRUE(lane.connection.limit_reached());
    EXPECT_EQ(lane.connection.aborted(), 1u);
    lane.closed();
    EXPECT_TRUE(lane.connection.finished());
    lane.expect_nothing_left();
  }
}

TEST(Retire, ASecondOneWithAnEarlierDeadlineCutsShort) {
  Lane lane;
  bring_to(lane, State::ready);
  lane.retire(1000);
  lane.retire(100);
  lane.retire(5000);
  lane.tick(100);
  EXPECT_EQ(lane.take_ended().size(), 1u);
  EXPECT_TRUE(lane.connection.limit_reached());
}

TEST(Retire, AnAbortCutsADrainShort) {
  Lane lane;
  bring_to(lane, State::ready);
  lane.retire(1000);
  lane.retire(0);
  EXPECT_EQ(lane.take_ended(), Lines{std::string("1") + aborted});
  EXPECT_FALSE(lane.connection.limit_reached());
  lane.retire(100);
  lane.tick(1000);
  EXPECT_FALSE(lane.connection.limit_reached()) << "there was nothing left to cut short";
}

TEST(Retire, AFailedAttemptEndsADrain) {
  Lane lane;
  bring_to(lane, State::connecting);
  lane.retire(1000);
  lane.refuse();
  EXPECT_EQ(lane.take_ended(), Lines{"1 connect_failed: there:6379/0: connection refused"});
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_EQ(lane.connection.next_tick(), never);
  EXPECT_EQ(lane.connection.aborted(), 0u);
}

TEST(Retire, AnAttemptPastItsLimitEndsADrain) {
  Lane lane;
  lane.config.connect_limit = 200;
  bring_to(lane, State::connecting);
  lane.actions.clear();
  lane.retire(1000);
  lane.tick(200);
  EXPECT_EQ(lane.take_ended().size(), 1u);
  EXPECT_EQ(lane.actions, std::vector{Action::close});
  EXPECT_TRUE(lane.connection.finished());
}

TEST(Retire, ARefusedHandshakeEndsADrain) {
  Lane lane;
  bring_to(lane, State::handshaking);
  lane.retire(1000);
  lane.take();
  lane.say("-LOADING no\r\n");
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.closed();
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_EQ(lane.connection.next_tick(), never);
}

TEST(Retire, ADrainEndsWhenItsLastOperationTimesOutUnsent) {
  for (const State state : {State::connecting, State::handshaking, State::backing_off}) {
    Lane lane;
    bring_to(lane, state);
    lane.retire(1'000'000'000);
    lane.now += 60'000'000;
    lane.connection.on_tick(lane.now);
    lane.look();
    EXPECT_EQ(lane.take_ended().size(), 1u);
    lane.closed();
    EXPECT_TRUE(lane.connection.finished());
    EXPECT_FALSE(lane.connection.limit_reached());
  }
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.turn();
  lane.retire(1000);
  lane.tick(100);
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_EQ(lane.actions, (std::vector{Action::connect, Action::close}));
  lane.connected();  // it came too late
  EXPECT_EQ(lane.connection.state(), State::closed);
}

TEST(Retire, ADrainWaitsForLateReplies) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.open();
  lane.take();
  lane.tick(100);
  lane.take_ended();
  lane.retire(1000);
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.say("+1\r\n");
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.connection.completed_draining(), 0u);
}

TEST(Retire, AnAbortDoesNotTellThoseWhoHaveGone) {
  Lane lane;
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.issue(2, "two;");
  lane.open();
  lane.take();
  lane.tick(100);
  lane.take_ended();
  lane.retire(0);
  EXPECT_EQ(lane.take_ended(), Lines{std::string("2") + aborted});
  EXPECT_EQ(lane.connection.aborted(), 1u);
  lane.expect_nothing_left();
}

TEST(Retire, WhatIsIssuedOverAClosingConnectionStillGetsItsTurn) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.retire(500);
  ASSERT_EQ(lane.connection.state(), State::closing);
  lane.issue(2, "two;");
  lane.reopen();
  EXPECT_EQ(lane.take(), "two;");
  lane.say("+2\r\n");
  lane.closed();
  EXPECT_TRUE(lane.connection.finished());
  lane.expect_nothing_left();
}

TEST(Retire, ALossWithNothingLeftEndsADrain) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.retire(1000);
  lane.lose();
  EXPECT_EQ(lane.take_ended().size(), 1u);
  EXPECT_EQ(lane.connection.next_tick(), never);
  lane.closed();
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_FALSE(lane.connection.limit_reached());
}

TEST(Retire, AnAbortOfADrainRemembersTheSocketThatTheDrainFound) {
  Lane lane;
  bring_to(lane, State::ready);
  lane.retire(1'000'000);
  lane.lose();
  lane.closed();
  ASSERT_FALSE(lane.connection.has_socket());
  lane.retire(0);
  EXPECT_TRUE(lane.connection.had_socket());
}

TEST(Retire, AnErrorInsideAnAbortedTransactionIsNotTheNextOnes) {
  Lane lane;
  lane.issue(1, "t;", {.replies = 3});
  lane.open();
  lane.take();
  lane.say("-OOM no\r\n");
  lane.retire(0);
  lane.take_ended();
  lane.issue(2, "two;");
  lane.reopen();
  lane.take();
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 +2"});
}

TEST(Retire, SomebodyWaitsWhileAnOperationThatBeganHereHasNotEnded) {
  Lane lane;
  for (std::uintptr_t id = 1; id <= 16; ++id) lane.issue(id, "x;");
  EXPECT_TRUE(lane.connection.awaited());
  lane.open();
  lane.take();
  for (int i = 0; i < 16; ++i) lane.say("+OK\r\n");
  EXPECT_FALSE(lane.connection.awaited());
  Slot later = commit(lane.connection.out(), 17, "x;");
  later.continuation = true;
  lane.connection.push(later);
  EXPECT_FALSE(lane.connection.awaited());
  lane.issue(18, "x;", {.limit_ms = 10});
  EXPECT_TRUE(lane.connection.awaited());
  lane.turn();
  lane.take();
  lane.tick(10);
  EXPECT_FALSE(lane.connection.awaited()) << "nobody waits for a late reply";
}

TEST(Retire, ItIsNotFinishedBeforeEverythingWasHandedOver) {
  Lane lane;
  lane.issue(1, "one;");
  lane.turn();
  lane.connection.retire(lane.now, lane.now);
  EXPECT_EQ(lane.connection.state(), State::closed);
  EXPECT_FALSE(lane.connection.finished());
  lane.look();
  EXPECT_TRUE(lane.connection.finished());
}

TEST(Hold, AHeldConnectionWaitsAndContinuesAfterwards) {
  Lane lane;
  lane.connection.hold(true);
  lane.issue(1, "one;", {.limit_ms = 1000});
  lane.turn();
  lane.turn();
  EXPECT_EQ(lane.connection.state(), State::idle);
  EXPECT_TRUE(lane.actions.empty());
  lane.connection.hold(false);
  lane.open();
  EXPECT_EQ(lane.take(), "one;");
}

TEST(Hold, AnOperationMayTimeOutMeanwhile) {
  Lane lane;
  lane.connection.hold(true);
  lane.issue(1, "one;", {.limit_ms = 100});
  lane.turn();
  lane.tick(100);
  EXPECT_EQ(lane.take_ended(),
            Lines{"1 timeout: there:6379/0: not sent: no connection within 100 ms"});
  lane.expect_nothing_left();
}

TEST(Hold, RetiringDoesNotLetGo) {
  Lane lane;
  lane.connection.hold(true);
  lane.issue(1, "one;");
  lane.turn();
  lane.retire(1000);
  lane.turn();
  EXPECT_EQ(lane.connection.state(), State::idle);
  lane.connection.hold(false);
  lane.open();
  EXPECT_EQ(lane.take(), "one;");
}

TEST(Hold, StopsANewAttemptAfterALossAndAfterBackingOff) {
  for (const Millis backoff : {Millis{0}, Millis{1000}}) {
    Lane lane;
    lane.config.backoff_min = lane.config.backoff_max = backoff;
    bring_to(lane, State::ready);
    lane.connection.hold(true);
    lane.lose();
    lane.actions.clear();
    lane.closed();
    lane.tick(1000);
    EXPECT_EQ(lane.connection.state(), State::idle);
    EXPECT_TRUE(lane.actions.empty());
  }
}

}  // namespace
}  // namespace djcache::link::test
