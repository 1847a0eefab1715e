// A connection that ended while it was idle, before the loop could notice, is not written to: the
// next operation uses a new one, once, even if it could not be sent again.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class Idle : public RawTest, public testing::WithParamInterface<bool> {
 protected:
  static CacheSettings at(const harness::RedisServer& server) {
    return {.location = {GetParam() ? server.unix_url() : server.url()},
            .options = {.command_limit = 10s, .backoff_min = 1ms, .backoff_max = 2ms}};
  }
  void expect_that_nothing_was_in_doubt(std::uint64_t connects) {
    EXPECT_EQ(statistics().connects, connects);
    EXPECT_EQ(statistics().retries, 0u);
  }
};
INSTANTIATE_TEST_SUITE_P(Over, Idle, testing::Bool(),
                         [](const auto& each) { return each.param ? "unix" : "tcp"; });

TEST_P(Idle, AConnectionThatWasKilledIsSeenBeforeItIsWrittenTo) {
  harness::RedisServer& own = own_server();
  const auto other = inspect(own.endpoint());
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.set("a", 1), worked);
  for (int i = 0; i < 3; ++i) {
    ASSERT_FALSE(other->command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
    EXPECT_EQ(cached.incr("a"), 2 + i);
    ASSERT_FALSE(other->command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
    EXPECT_EQ(cached.add("b" + std::to_string(i), 1), true);
  }
  expect_that_nothing_was_in_doubt(7);
}

TEST_P(Idle, SoIsOneThatTheServerClosedForBeingIdle) {
  harness::RedisServer& own = own_server({.extra_config = {"timeout 1"}});
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.set("a", 1), worked);
  const auto other = inspect(own.endpoint());
  ASSERT_TRUE(other->wait_for_clients(0, 10s));
  EXPECT_EQ(cached.incr("a"), 2);
  expect_that_nothing_was_in_doubt(2);
}

TEST_P(Idle, SoIsOneWhoseServerRestarted) {
  harness::RedisServer& own = own_server();
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_TRUE(own.restart());
  EXPECT_EQ(cached.add("a", 2), true);
  expect_that_nothing_was_in_doubt(2);
}

TEST_P(Idle, ManyOperationsOfOneTurnAllGoOverTheNewConnection) {
  harness::RedisServer& own = own_server();
  const auto other = inspect(own.endpoint());
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.set("a", 0), worked);
  ASSERT_FALSE(other->command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
  Answer<std::int64_t> counted[300];  // more than are written before the turn ends
  for (auto& each : counted) cached.cache.incr("a", each.callback());
  for (int i = 0; i < 300; ++i) EXPECT_EQ(wait(counted[i]), i + 1);
  expect_that_nothing_was_in_doubt(2);
}

TEST_P(Idle, ALeaseIsNotGivenAConnectionThatHasEnded) {
  harness::RedisServer& own = own_server();
  const auto other = inspect(own.endpoint());
  Client client = cache(at(own)).client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(ask(*mine, {"INCR", "n"}), integer(1));
  mine.reset();  // and is kept for the next
  ASSERT_FALSE(other->command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
  mine = lease(client);
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(ask(*mine, {"INCR", "n"}), integer(2));
  ASSERT_FALSE(other->command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
  EXPECT_EQ(ask(*mine, {"INCR", "n"}), Errc::connection_lost) << "it has been told something";
}

}  // namespace
}  // namespace djcache
