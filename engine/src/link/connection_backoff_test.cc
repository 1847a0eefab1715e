// The connection: pauses between attempts to connect.
#include <gtest/gtest.h>

#include <algorithm>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

TEST(Backoff, StaysWithinItsBoundsAndDoubles) {
  ConnectionConfig config = plain();
  config.backoff_min = 10;
  config.backoff_max = 1000;
  Lane lane(config);
  bool low = false, high = false;
  Millis bound = 10;
  for (unsigned attempt = 1; attempt <= 40; ++attempt) {
    lane.issue(attempt, "x;", {.limit_ms = 60'000});
    lane.turn();
    if (lane.connection.state() == State::backing_off) {
      EXPECT_EQ(lane.take(), "");
      lane.tick(lane.connection.next_tick() - lane.now);
    }
    ASSERT_EQ(lane.connection.state(), State::connecting);
    lane.refuse();
    ASSERT_EQ(lane.totals.events.size(), attempt);
    const PoolEvent& event = lane.totals.events.back();
    EXPECT_EQ(event.attempt, attempt);
    const auto delay = static_cast<Millis>(event.delay.count());
    EXPECT_LE(delay, bound) << "attempt " << attempt;
    if (delay < bound / 3) low = true;
    if (delay > bound / 3 * 2) high = true;
    bound = std::min<Millis>(bound * 2, 1000);
  }
  EXPECT_TRUE(low) << "full jitter begins at nothing";
  EXPECT_TRUE(high);
}

std::vector<std::int64_t> delays(std::uint64_t seed) {
  Lane lane;
  lane.totals.random = seed;
  std::vector<std::int64_t> found;
  for (unsigned attempt = 1; attempt <= 12; ++attempt) {
    lane.issue(attempt, "x;");
    lane.turn();
    if (lane.connection.state() == State::backing_off) lane.tick(1000);
    lane.refuse();
    found.push_back(lane.totals.events.back().delay.count());
  }
  return found;
}

TEST(Backoff, IsDeterminedByTheSeed) {
  EXPECT_EQ(delays(1), delays(1));
  EXPECT_NE(delays(1), delays(2));
}

// Marsaglia's xorshift with 13, 7, 17, whose period is all numbers but 0.
TEST(Backoff, DrawsTheNextNumberOfAFullPeriod) {
  Lane lane;
  lane.totals.random = 1;
  lane.issue(1, "x;");
  lane.turn();
  lane.refuse();
  EXPECT_EQ(lane.totals.random, 0x40822041u);
}

ConnectionConfig with_long_backoff() {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1'000'000;
  return config;
}

TEST(Backoff, EndsAtOnceWhenTheServerIsElsewhere) {
  Lane lane(with_long_backoff());
  lane.issue(1, "one;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.refuse();
  lane.issue(2, "two;", {.limit_ms = 10'000'000});
  lane.turn();
  ASSERT_EQ(lane.connection.state(), State::backing_off);
  lane.connection.end_backoff(lane.now);
  lane.turn();
  EXPECT_EQ(lane.connection.state(), State::connecting);
}

TEST(Backoff, ThatEndsEarlyWithNothingPendingLeavesTheConnectionIdle) {
  Lane lane(with_long_backoff());
  lane.issue(1, "one;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.refuse();
  ASSERT_EQ(lane.connection.state(), State::backing_off);
  lane.connection.end_backoff(lane.now);
  lane.turn();
  EXPECT_EQ(lane.connection.state(), State::idle);
  EXPECT_EQ(lane.connection.next_tick(), never);
}

TEST(Backoff, TheNextAttemptHasAllOfItsTime) {
  ConnectionConfig config = with_long_backoff();
  config.connect_limit = 300;
  Lane lane(config);
  lane.issue(1, "one;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.refuse();
  lane.issue(2, "two;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.tick(lane.connection.next_tick() - lane.now);
  ASSERT_EQ(lane.connection.state(), State::connecting);
  EXPECT_EQ(lane.connection.next_tick(), lane.now + 300);
}

TEST(Backoff, ComesBeforeTheConnectionThatReplacesALostOne) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1'000'000;
  Lane lane(config);
  lane.issue(1, "one;", {.limit_ms = 10'000'000, .idempotent = true});
  lane.open();
  lane.take();
  lane.lose();
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::backing_off);
}

TEST(Backoff, MayBeTheWholeBound) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1;
  Lane lane(config);
  Lines delays;
  for (unsigned attempt = 1; attempt <= 40; ++attempt) {
    lane.issue(attempt, "x;");
    lane.turn();
    if (lane.connection.state() == State::backing_off) lane.tick(1);
    lane.refuse();
    delays.push_back(std::to_string(lane.totals.events.back().delay.count()));
  }
  EXPECT_NE(std::find(delays.begin(), delays.end(), "0"), delays.end());
  EXPECT_NE(std::find(delays.begin(), delays.end(), "1"), delays.end());
}

TEST(Backoff, RunsFromTheMomentOfTheFailure) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1'000'000;
  Lane lane(config);
  lane.issue(1, "one;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.now += 200;
  lane.connected();
  lane.lose();
  lane.closed();
  ASSERT_EQ(lane.connection.state(), State::backing_off);
  const auto delay = static_cast<Millis>(lane.totals.events.back().delay.count());
  EXPECT_EQ(lane.connection.next_tick(), lane.now + delay);
}

TEST(Backoff, StartsOverAfterAnOperationHasSucceeded) {
  ConnectionConfig config = plain();
  config.backoff_min = 10;
  config.backoff_max = 1'000'000;
  Lane lane(config);
  for (unsigned attempt = 1; attempt <= 10; ++attempt) {
    lane.issue(attempt, "x;", {.limit_ms = 10'000'000});
    lane.turn();
    if (lane.connection.state() == State::backing_off) lane.tick(1'000'000);
    lane.refuse();
  }
  lane.issue(11, "x;", {.limit_ms = 10'000'000});
  lane.turn();
  lane.tick(1'000'000);
  lane.open();
  EXPECT_EQ(lane.connection.last_reason(), "");
  lane.take();
  lane.say("+x\r\n");
  lane.lose();
  lane.issue(12, "x;", {.limit_ms = 10'000'000});
  lane.closed();
  if (lane.connection.state() == State::backing_off) lane.tick(10);
  ASSERT_EQ(lane.connection.state(), State::connecting);
  lane.refuse();
  EXPECT_EQ(lane.totals.events.back().attempt, 1u);
  EXPECT_LE(lane.totals.events.back().delay.count(), 10);
}

// A server that completes every handshake and then breaks the protocol is not contacted more and
// more often.
TEST(Backoff, GrowsWhileNoOperationSucceeds) {
  ConnectionConfig config = plain();
  config.backoff_min = 10;
  config.backoff_max = 1'000'000;
  Lane lane(config);
  std::uint64_t longest = 0;
  for (std::uintptr_t attempt = 1; attempt <= 12; ++attempt) {
    lane.issue(attempt, "x;", {.limit_ms = 10'000'000});
    lane.turn();
    if (lane.connection.state() == State::backing_off) lane.tick(1'000'000);
    lane.open();
    lane.take();
    lane.say(attempt == 1 ? "-ERR no\r\n?" : "?");
    lane.closed();
    if (lane.connection.state() != State::backing_off) continue;
    longest = std::max(longest, lane.connection.next_tick() - lane.now);
  }
  EXPECT_GT(longest, 1000u) << "an error is no success";
}

TEST(Backoff, OfNothingIsNothing) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 0;
  Lane lane(config);
  lane.issue(1, "one;");
  lane.open();
  lane.lose();
  lane.closed();
  EXPECT_EQ(lane.connection.state(), State::connecting);
}

TEST(Backoff, ALostConnectionThatNobodyNeedsIsNotRenewed) {
  Lane lane;
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.say("+OK\r\n");
  lane.lose("end of stream");
  lane.closed();
  lane.tick(10);
  EXPECT_EQ(lane.connection.state(), State::idle);
  EXPECT_EQ(lane.actions, std::vector{Action::close});
  lane.issue(2, "two;");
  lane.open();
  EXPECT_EQ(lane.take(), "two;");
}

TEST(Backoff, WhoComesWhileBackingOffWaitsForTheNextAttempt) {
  ConnectionConfig config = plain();
  config.backoff_min = config.backoff_max = 1'000'000;
  Lane lane(config);
  lane.issue(1, "one;");
  lane.turn();
  lane.refuse();
  lane.take_ended();
  ASSERT_EQ(lane.connection.state(), State::backing_off);
  lane.issue(2, "two;", {.limit_ms = 10'000'000});
  lane.turn();
  EXPECT_EQ(lane.connection.state(), State::backing_off);
  lane.tick(lane.connection.next_tick() - lane.now - 1);
  EXPECT_EQ(lane.connection.state(), State::backing_off);
  lane.tick(1);
  EXPECT_EQ(lane.connection.state(), State::connecting);
  lane.open();
  EXPECT_EQ(lane.take(), "two;");
}

TEST(Backoff, FailedAttemptsDoNotPileUpMemory) {
  Lane lane;
  const std::string command(100'000, 'x');
  for (unsigned attempt = 1; attempt <= 1000; ++attempt) {
    lane.issue(attempt, command);
    lane.turn();
    if (lane.connection.state() == State::backing_off) lane.tick(1000);
    lane.refuse();
    lane.totals.events.clear();
  }
  EXPECT_EQ(lane.take_ended().size(), 1000u);
  lane.expect_nothing_left();
}

}  // namespace
}  // namespace djcache::link::test
