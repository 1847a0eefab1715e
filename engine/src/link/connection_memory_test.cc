// Memory ran out in the middle of something: a connection forgets its operations, untold, in every state.
#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

TEST(OutOfMemory, AReadyConnectionForgetsWhatItSentAndCloses) {
  Lane lane;
  lane.issue(1, "a;");
  lane.open();
  lane.take();
  lane.issue(2, "b;");
  lane.say("+1");  // half a reply
  lane.connection.start_over(lane.now);
  lane.look();
  EXPECT_EQ(lane.ended, Lines{});
  EXPECT_EQ(lane.actions, (std::vector{Action::close}));
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_TRUE(lane.connection.pipeline().empty());
  EXPECT_EQ(lane.totals.statistics.disconnects, 1u);
  lane.totals.operations = lane.totals.bytes = 0;  // the pool's part
  lane.issue(3, "c;");
  lane.turn();
  lane.reopen();
  EXPECT_EQ(lane.take(), "c;");
  lane.say("+3\r\n");
  EXPECT_EQ(lane.ended, Lines{"3 +3"}) << "and not the half reply of the old connection";
  lane.expect_nothing_left();
}

TEST(OutOfMemory, WhatWasToFailIsNotToldAfterIt) {
  Lane lane;
  lane.issue(1, "a;");
  lane.connection.on_turn(lane.now);
  (void)lane.connection.take_action();
  lane.connection.on_connect_failed(lane.now, "refused");  // told by next() alone
  lane.connection.start_over(lane.now);
  lane.look();
  EXPECT_EQ(lane.ended, Lines{});
}

TEST(OutOfMemory, AnAttemptIsGivenUpAndMadeAgainLater) {
  Lane lane;
  lane.issue(1, "a;");
  lane.turn();
  ASSERT_EQ(lane.connection.state(), State::connecting);
  lane.actions.clear();
  lane.connection.start_over(lane.now);
  lane.look();
  EXPECT_EQ(lane.actions, (std::vector{Action::close}));
  EXPECT_EQ(lane.connection.state(), State::backing_off);
  lane.issue(2, "b;");
  lane.turn();
  lane.tick(lane.connection.next_tick() - lane.now);
  EXPECT_EQ(lane.connection.state(), State::connecting);
}

TEST(OutOfMemory, ARetiredConnectionEndsAndCountsWhatItForgot) {
  Lane lane;
  lane.issue(1, "a;");
  lane.open();
  lane.issue(2, "b;");
  lane.retire(500);
  lane.connection.start_over(lane.now);
  lane.look();
  EXPECT_EQ(lane.connection.aborted(), 2u);
  lane.closed();
  EXPECT_TRUE(lane.connection.finished());
  EXPECT_EQ(lane.ended, Lines{});

  Lane unused;
  unused.retire(500);
  unused.connection.start_over(unused.now);
  EXPECT_TRUE(unused.connection.finished());

  Lane attempt;
  attempt.issue(1, "a;");
  attempt.turn();
  attempt.retire(500);
  attempt.connection.start_over(attempt.now);
  EXPECT_TRUE(attempt.connection.finished());
  EXPECT_EQ(attempt.connection.take_action(), Action::close);
}

TEST(OutOfMemory, ATenantThatListensIsToldOfTheLoss) {
  Lane lane;
  lane.connection.lease_to(reinterpret_cast<Tenant*>(64));
  lane.connection.listen(true);
  lane.issue(1, "a;");
  lane.open();
  lane.connection.start_over(lane.now);
  lane.look();
  EXPECT_EQ(lane.ended, Lines{"0 : no memory left"});
  EXPECT_TRUE(lane.connection.lost());
}

TEST(OutOfMemory, AnAttemptThatWasNotYetMadeIsNotMade) {
  Lane lane;
  lane.issue(1, "a;");
  lane.connection.on_turn(lane.now);
  lane.connection.start_over(lane.now);
  EXPECT_EQ(lane.connection.take_action(), Action::close) << "of nothing, and not a connect";
}

TEST(OutOfMemory, OnlyATenantThatHadAConnectionHasLostIt) {
  Lane lane;
  lane.connection.lease_to(reinterpret_cast<Tenant*>(64));
  lane.issue(1, "a;");
  lane.turn();
  lane.connection.start_over(lane.now);
  EXPECT_FALSE(lane.connection.lost());
  lane.tick(lane.connection.next_tick() - lane.now);
  lane.totals.operations = lane.totals.bytes = 0;
  lane.issue(2, "b;");
  lane.open();
  lane.connection.start_over(lane.now);
  EXPECT_TRUE(lane.connection.lost());
  lane.connection.start_over(lane.now);
  EXPECT_TRUE(lane.connection.lost()) << "and not found again by the next time";
}

}  // namespace
}  // namespace djcache::link::test
