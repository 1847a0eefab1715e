// A program that blocks its loop gets its answers late, not errors, whatever the state of an
// operation.
#include <unistd.h>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class HeldLoop : public RawTest, public testing::WithParamInterface<bool> {
 protected:
  static constexpr std::chrono::milliseconds limit = 200ms;

  std::string location() { return GetParam() ? server().unix_url() : server().url(); }
  Cache impatient() {
    return cache({.location = {location()}, .options = {.command_limit = limit}});
  }
  // These tests are about a loop that does not run: nothing can be awaited meanwhile.
  static void hold(std::chrono::milliseconds time) {
    usleep(static_cast<useconds_t>(time.count()) * 1000);
  }
  // Single turns, between which the program is busy for longer than the limit.
  bool run_held(const std::function<bool()>& done, std::chrono::milliseconds pause = 2 * limit) {
    for (int turn = 0; turn < 400 && !done(); ++turn) {
      uv_run(&runner_.loop(), UV_RUN_NOWAIT);
      hold(pause);
    }
    return done();
  }
};
INSTANTIATE_TEST_SUITE_P(Over, HeldLoop, testing::Bool(),
                         [](const auto& each) { return each.param ? "unix" : "tcp"; });

TEST_P(HeldLoop, AfterOneTurnCostsNoAnswer) {
  Cache cached = impatient();
  Answer<std::optional<Value>> answers[100];
  for (auto& each : answers) cached.get("a", each.callback());
  uv_run(&runner_.loop(), UV_RUN_NOWAIT);
  hold(3 * limit);
  for (auto& each : answers) EXPECT_EQ(wait(each), miss);
}

TEST_P(HeldLoop, AtEveryStepOfConnectingCostsNoAnswer) {
  Cache cached = cache({.location = {location()},
                        .options = {.db = 3, .connect_limit = limit, .command_limit = limit}});
  Answer<std::optional<Value>> answer;
  cached.get("a", answer.callback());
  EXPECT_TRUE(run_held([&] { return answer.come(); }));
  EXPECT_EQ(wait(answer), miss);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_P(HeldLoop, InTheMiddleOfATransferCostsNoAnswer) {
  Cache cached = cache({.location = {location()}, .options = {.command_limit = 500ms}});
  const std::string large(20'000'000, 'v');
  Answer<void> stored;
  cached.set("a", large, stored.callback());
  EXPECT_TRUE(run_held([&] { return stored.come(); }, 10ms));
  EXPECT_EQ(wait(stored), worked);
  Answer<std::optional<Value>> found;
  cached.get("a", found.callback());
  EXPECT_TRUE(run_held([&] { return found.come(); }, 10ms));
  EXPECT_EQ(wait(found), large);
  EXPECT_EQ(statistics().timeouts, 0u);
}

TEST_P(HeldLoop, WhileALeaseIsWaitedForCostsNoLease) {
  Client client = impatient().client({});
  std::optional<Result<Lease>> leased;
  client.lease({}, [&](Result<Lease> result) { leased.emplace(std::move(result)); });
  ASSERT_TRUE(run_held([&] { return leased.has_value(); }));
  ASSERT_TRUE(leased->ok()) << to_string(leased->error());
  Answer<Reply> answer;
  (*leased)->command({"PING"}, answer.callback());
  EXPECT_TRUE(run_held([&] { return answer.come(); }));
  EXPECT_EQ(wait(answer), status("PONG"));
}

TEST_P(HeldLoop, WhileConnectingAnewCostsNoAnswer) {
  Cache cached = impatient();
  Verbs verbs = wait_for(cached);
  ASSERT_EQ(verbs.set("a", 1), worked);
  ASSERT_FALSE(inspector().command({"CLIENT", "KILL", "TYPE", "normal"}).is_error());
  Answer<std::optional<Value>> answer;
  cached.get("a", answer.callback());
  EXPECT_TRUE(run_held([&] { return answer.come(); }));
  EXPECT_EQ(wait(answer), 1);
}

// Only the program's own delay is excused: a silent server is given up in time.
TEST_P(HeldLoop, DoesNotKeepASilentServerWaitingForEver) {
  harness::RedisServer& own = own_server();
  Verbs cached = verbs(
      {.location = {GetParam() ? own.unix_url() : own.url()}, .options = {.command_limit = 50ms}});
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_TRUE(own.stop());
  EXPECT_EQ(cached.get("a"), Errc::timeout);
  ASSERT_TRUE(own.cont());
}

}  // namespace
}  // namespace djcache
