// AUTH on a lease is alone in flight: some servers do not answer a failing one behind a pending
// reply, and then every later reply would reach the wrong caller.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class RawAuth : public RawTest, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(On, RawAuth, testing::Values("redis_server", "valkey_server"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(RawAuth, AFailureShiftsNoReply) {
  const std::string binary = server_binary(GetParam());
  if (binary.empty()) GTEST_SKIP() << GetParam() << " is not installed";
  harness::RedisServer& own = own_server({.binary = binary, .password = "right"});
  Client client = cache({.location = {own.url()}}).client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr) << to_string(problem);
  ASSERT_TRUE(ask(*mine, {"MSET", "a", "value-of-a", "b", "value-of-b", "c", "value-of-c"}).ok());
  for (const bool in_one_pipeline : {false, true}) {
    if (in_one_pipeline) {
      const auto replies = run(*mine, Pipeline()
                                          .add({"GET", "a"})
                                          .add({"AUTH", "wrong"})
                                          .add({"GET", "b"})
                                          .add({"AUTH", "right"})
                                          .add({"GET", "c"}));
      ASSERT_TRUE(replies.ok()) << to_string(replies.error());
      EXPECT_EQ((*replies)[0], text("value-of-a"));
      EXPECT_TRUE((*replies)[1].is_error());
      EXPECT_EQ((*replies)[2], text("value-of-b"));
      EXPECT_TRUE((*replies)[3].is_ok());
      EXPECT_EQ((*replies)[4], text("value-of-c"));
      continue;
    }
    Answer<Reply> answers[5];
    const std::vector<std::string> commands[] = {
        {"GET", "a"}, {"AUTH", "wrong"}, {"GET", "b"}, {"AUTH", "right"}, {"GET", "c"}};
    for (int i = 0; i < 5; ++i) mine->command(commands[i], answers[i].callback());
    EXPECT_EQ(wait(answers[0]), text("value-of-a"));
    EXPECT_EQ(wait(answers[1]), Errc::auth_failed);
    EXPECT_EQ(wait(answers[2]), text("value-of-b"));
    EXPECT_TRUE(wait(answers[3])->is_ok());
    EXPECT_EQ(wait(answers[4]), text("value-of-c"));
  }
  EXPECT_TRUE(mine->usable());
}

TEST_F(RawTest, AuthIsRefusedBetweenMultiAndExec) {
  Client client = cache().client({});
  auto mine = lease(client);
  ASSERT_NE(mine, nullptr) << to_string(problem);
  Answer<std::vector<Reply>> piped;
  mine->run(Pipeline().add({"MULTI"}).add({"AUTH", "x"}).add({"EXEC"}), {}, piped.callback());
  EXPECT_EQ(wait(piped), Errc::invalid_argument);
  ASSERT_TRUE(ask(*mine, {"MULTI"})->is_ok());
  EXPECT_EQ(ask(*mine, {"AUTH", "x"}), Errc::invalid_argument);
  ASSERT_TRUE(ask(*mine, {"DISCARD"})->is_ok());
  EXPECT_EQ(ask(*mine, {"AUTH", "x"}), Errc::server_error) << "no password is set";
  Answer<std::optional<std::vector<Reply>>> transacted;
  mine->transaction(Pipeline().add({"AUTH", "x"}), {}, transacted.callback());
  EXPECT_EQ(wait(transacted), Errc::not_supported);
}

}  // namespace
}  // namespace djcache
