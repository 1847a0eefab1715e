// Credentials that the program provides for every connection, with a server whose passwords change.
#include "engine/raw_fixture.h"

namespace djcache {
namespace {

class ChangingCredentials : public RawTest {
 protected:
  CredentialsSource source() {
    return [this](std::string_view) -> Result<Credentials> {
      return Credentials{"app", password_, 1s};
    };
  }
  PoolStatistics statistics() { return engine().pools().at(0).info().statistics; }
  std::string password_ = "first-password";
};

TEST_F(ChangingCredentials, AreUsedByTheNextConnectionAndNoOperationNotices) {
  harness::RedisServer& own = own_server({.users = {{"app", "first-password", "~* &* +@all"}}});
  const std::string url = "redis://wrong:wrong@127.0.0.1:" + std::to_string(own.port()) + "/1";
  Verbs verbs = wait_for(cache({.location = {url}, .credentials = source()}));
  ASSERT_EQ(verbs.set("a", 1, {.ttl = forever}), worked);
  const auto admin = inspect(own.endpoint());
  ASSERT_EQ(admin->command({"ACL", "SETUSER", "app", ">second-password", "<first-password"}).text,
            "OK");
  password_ = "second-password";
  while (statistics().connects < 3 && !HasFailure()) EXPECT_EQ(verbs.get("a"), Value(1));
  EXPECT_EQ(statistics().retries, 0u);
  EXPECT_EQ(statistics().connect_failures, 0u);
}

TEST_F(ChangingCredentials, ThatAreWrongSayNoSecret) {
  harness::RedisServer& own = own_server({.password = "other-password"});
  const std::string url = "redis://127.0.0.1:" + std::to_string(own.port());
  const auto got = wait_for(cache({.location = {url}, .credentials = source()})).get("a");
  ASSERT_EQ(got, Errc::auth_failed);
  EXPECT_THAT(got.error().detail, testing::Not(testing::HasSubstr("first-password")));
}

}  // namespace
}  // namespace djcache
