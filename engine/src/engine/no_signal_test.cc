// A closed peer raises no signal: this program never changes SIGPIPE, whose default would end it.
#include <csignal>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class NoSignal : public EngineTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    EXPECT_TRUE(is_default()) << "or this program tests nothing";
  }
  void TearDown() override {
    EngineTest::TearDown();
    EXPECT_TRUE(is_default()) << "the disposition is the program's";
  }
  static bool is_default() {
    struct sigaction action {};
    return ::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL;
  }
  static CacheSettings at(const harness::RedisServer& server) {
    return {.location = {GetParam() ? server.unix_url() : server.url()},
            .options = {.command_limit = 10s, .backoff_min = 1ms, .backoff_max = 2ms}};
  }
  // All except the one that kills.
  static void kill_clients(harness::Inspector& through) {
    EXPECT_FALSE(through.command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
  }
};
INSTANTIATE_TEST_SUITE_P(Over, NoSignal, testing::Bool(),
                         [](const auto& each) { return each.param ? "unix" : "tcp"; });

TEST_P(NoSignal, AServerThatRestartedMayBeSpokenTo) {
  harness::RedisServer& mortal = own_server();
  Verbs cached = verbs(at(mortal));
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_TRUE(mortal.restart());
  EXPECT_EQ(cached.get("a"), miss);
  mortal.kill9();
  EXPECT_EQ(cached.get("a"), Errc::connect_failed);
}

TEST_P(NoSignal, OfALargeWriteAnyPartMayBeTheLast) {
  harness::RedisServer& own = own_server();
  const auto other = inspect(own.endpoint());
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.get("a"), miss);
  ASSERT_TRUE(own.stop());
  Answer<void> stored;
  cached.cache.set("a", std::string(20'000'000, 'x'), stored.callback());
  runner_.run_for_turns(3);  // the socket is full
  ASSERT_TRUE(own.cont());
  kill_clients(*other);
  EXPECT_EQ(wait(stored), worked) << "a set may be sent again";
  EXPECT_GE(statistics().connects, 1u);
}

TEST_P(NoSignal, AThousandOperationsAreInFlightWhenTheConnectionEnds) {
  harness::RedisServer& own = own_server();
  const auto other = inspect(own.endpoint());
  Verbs cached = verbs(at(own));
  ASSERT_EQ(cached.get("a"), miss);
  Answer<std::optional<Value>> answers[1000];
  for (auto& each : answers) cached.cache.get("a", each.callback());
  runner_.run_for_turns(1);
  kill_clients(*other);
  for (auto& each : answers) cached.cache.get("a", each.callback());
  EXPECT_TRUE(run_until([&] {
    return std::all_of(std::begin(answers), std::end(answers),
                       [](const auto& each) { return each.calls == 2; });
  }));
}

}  // namespace
}  // namespace djcache
