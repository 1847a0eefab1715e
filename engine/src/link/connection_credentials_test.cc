// The connection: credentials that are requested at each connect, and that expire.
#include <gtest/gtest.h>

#include "link/test_lane.h"

namespace djcache::link::test {
namespace {

using namespace std::chrono_literals;

// Returns p1, p2, ... each valid for `valid_for`.
struct Source {
  int asked = 0;
  std::optional<std::chrono::milliseconds> valid_for{};
  std::string problem{};

  ConnectionConfig config() {
    ConnectionConfig config = plain();
    config.credentials = std::make_shared<const CredentialsSource>(
        [this](std::string_view endpoint) -> Result<Credentials> {
          EXPECT_EQ(endpoint, "there:6379/0");
          if (!problem.empty()) return {Errc::auth_failed, problem};
          return Credentials{"u", "p" + std::to_string(++asked), valid_for};
        });
    return config;
  }
};

TEST(Credentials, AreAskedForAtEachConnect) {
  Source source;
  Lane lane(source.config());
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  EXPECT_EQ(lane.take(), "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\np1\r\n");
  lane.lose();
  lane.closed();
  lane.tick(lane.connection.next_tick() - lane.now);
  lane.issue(2, "two;");
  lane.turn();
  lane.connected();
  EXPECT_EQ(lane.take(), "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$2\r\np2\r\n");
  EXPECT_EQ(lane.totals.credentials.password, "p2");
}

TEST(Credentials, ThatCannotBeHadAreAFailedAttempt) {
  Source source;
  source.problem = "the token service is down";
  Lane lane(source.config());
  lane.issue(1, "one;");
  lane.turn();
  lane.connected();
  EXPECT_EQ(lane.take(), "");
  EXPECT_EQ(lane.take_ended(),
            Lines{"1 auth_failed: there:6379/0: no credentials: the token service is down"});
  EXPECT_EQ(lane.connection.state(), State::closing);
}

TEST(Credentials, ThatEndRenewTheConnectionBeforeThatAndSendNothingTwice) {
  Source source;
  source.valid_for = 10s;
  Lane lane(source.config());
  lane.issue(1, "one;", {.limit_ms = 60'000});
  lane.open();
  EXPECT_EQ(lane.take(), "one;");
  const Millis due = lane.connection.next_tick() - lane.now;
  EXPECT_GT(due, 6'900u);
  EXPECT_LE(due, 8'000u);
  lane.tick(due);
  lane.issue(2, "two;", {.limit_ms = 60'000});
  lane.turn();
  EXPECT_EQ(lane.take(), "") << "what comes now goes over the new connection";
  lane.say("+1\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"1 +1"});
  EXPECT_EQ(lane.connection.state(), State::closing);
  EXPECT_EQ(lane.totals.events.back().reason, "there:6379/0: its credentials end");
  lane.reopen();
  EXPECT_EQ(source.asked, 2);
  EXPECT_EQ(lane.take(), "two;");
  lane.say("+2\r\n");
  EXPECT_EQ(lane.take_ended(), Lines{"2 +2"});
  EXPECT_EQ(lane.totals.statistics.retries, 0u);
  lane.expect_nothing_left();
}

TEST(Credentials, ThatEndCloseAnIdleConnection) {
  Source source;
  source.valid_for = 0s;  // counts as a second
  Lane lane(source.config());
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.tick(500);
  EXPECT_EQ(lane.connection.state(), State::ready);
  EXPECT_LE(lane.connection.next_tick() - lane.now, 300u);
  lane.tick(300);
  EXPECT_EQ(lane.connection.state(), State::closing);
  lane.closed();
  lane.tick(1000);
  EXPECT_EQ(lane.connection.state(), State::idle);
  EXPECT_EQ(lane.connection.next_tick(), never);
}

TEST(Credentials, ThatEndLeaveALeaseItsConnection) {
  Source source;
  source.valid_for = 10s;
  Lane lane(source.config());
  Guest guest("here");
  lane.connection.lease_to(&guest);
  lane.issue(1, "one;");
  lane.open();
  lane.take();
  lane.say("+1\r\n");
  lane.tick(8000);
  EXPECT_EQ(lane.connection.state(), State::ready);
  lane.connection.lease_to(&guest);  // the next tenant, which has given it no state
  lane.tick(1000);
  EXPECT_EQ(lane.connection.state(), State::closing);
}

}  // namespace
}  // namespace djcache::link::test
