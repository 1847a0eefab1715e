// Memory runs out in any state: a connection forgets its operations without a report.
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
  lane.connection.on_connect_failed(lane.now, "refused");  // reported by next() alone
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

// --- Memory that a burst needed.

struct Burst : testing::Test {
  Burst() { lane.issue(1, "first;"); }
  void SetUp() override {
    lane.open();
    lane.take();
    lane.say("+1\r\n");
  }
  // Issues this many operations at once, and answers them.
  void come_and_go(std::size_t operations) {
    for (std::size_t i = 0; i < operations; ++i) lane.issue(i + 1, "a command of some length;");
    lane.turn();
    lane.take();
    std::string replies;
    for (std::size_t i = 0; i < operations; ++i) replies += "+1\r\n";
    lane.say(replies);
    EXPECT_TRUE(lane.connection.pipeline().empty());
  }
  const Pipeline& pipeline() { return lane.connection.pipeline(); }
  static constexpr std::size_t many = 20'000;
  Lane lane;
};

TEST_F(Burst, OfAFewOperationsNothingIsToBeGivenBack) {
  come_and_go(100);
  EXPECT_FALSE(pipeline().roomy());
  EXPECT_GE(lane.connection.next_tick(), lane.now + 400) << "the bound of an operation";
  lane.tick(1000);
  EXPECT_EQ(lane.connection.next_tick(), never);
}

TEST_F(Burst, IsGivenBackWhenNothingNeededItForAWhile) {
  come_and_go(many);
  EXPECT_TRUE(pipeline().roomy());
  lane.tick(fall_back_ms);
  EXPECT_TRUE(pipeline().roomy()) << "it was needed since";
  EXPECT_EQ(lane.connection.next_tick(), lane.now + fall_back_ms);
  lane.tick(fall_back_ms);
  EXPECT_FALSE(pipeline().roomy());
  EXPECT_EQ(lane.connection.next_tick(), never) << "an idle connection has no deadline";
  EXPECT_EQ(pipeline().out().held(), 0u);
  come_and_go(3);
  EXPECT_EQ(pipeline().out().held(), OutBuffer::first_chunk_bytes);
}

TEST_F(Burst, IsKeptWhileItIsNeeded) {
  come_and_go(many);
  const std::size_t held = pipeline().out().held();
  for (int i = 0; i < 10; ++i) {
    lane.tick(fall_back_ms);
    EXPECT_EQ(pipeline().out().held(), held);
    come_and_go(many);
    EXPECT_EQ(pipeline().out().held(), held);
  }
}

TEST_F(Burst, WhatWaitsStaysWhereItIs) {
  come_and_go(many);
  lane.issue(7, "seven;", {.limit_ms = 60'000});
  lane.turn();
  EXPECT_EQ(lane.take(), "seven;");
  lane.connection.on_tick(lane.now + fall_back_ms);
  lane.connection.on_tick(lane.now + 2 * fall_back_ms);
  lane.say("+7\r\n");
  lane.ended.erase(lane.ended.begin(), lane.ended.end() - 1);
  EXPECT_EQ(lane.ended, Lines{"7 +7"});
}

TEST_F(Burst, AReplyThatHasBegunIsReadToItsEnd) {
  std::string large = "*2000\r\n";
  for (int i = 0; i < 2000; ++i) large += "$20\r\n01234567890123456789\r\n";
  const auto ask = [&](std::string_view reply) {
    lane.issue(5, "many;", {.limit_ms = 60'000});
    lane.turn();
    lane.take();
    lane.say(reply);
  };
  ask(large);
  ask(std::string_view(large).substr(0, large.size() / 2));
  lane.take_ended();
  lane.tick(fall_back_ms);
  lane.tick(fall_back_ms);
  lane.say(std::string_view(large).substr(large.size() / 2));
  ASSERT_EQ(lane.ended.size(), 1u);
  EXPECT_EQ(lane.ended[0].find("timeout"), std::string::npos);
  EXPECT_GT(lane.ended[0].size(), 2000u * 20);
  lane.tick(fall_back_ms);
  lane.tick(fall_back_ms);
  lane.tick(60'000);
  EXPECT_EQ(lane.connection.next_tick(), never) << "the memory for it is given back, too";
}

}  // namespace
}  // namespace djcache::link::test
