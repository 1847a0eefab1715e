// Servers that refuse EVAL, MULTI or CLIENT: every verb works, in order, and the program is told
// once.
#include <djcache/lock.h>

#include "engine/raw_fixture.h"

namespace djcache {
namespace {

struct Refusal {
  const char* name;
  const char* binary;
  bool acl;  // by the user's rules; otherwise the commands are renamed
};

class Fallbacks : public RawTest, public testing::WithParamInterface<Refusal> {
 protected:
  // The location of a server that refuses `commands`.
  std::string without(const std::vector<std::string>& commands) {
    harness::RedisServerOptions options{.binary = server_binary(GetParam().binary)};
    harness::AclUser user{.name = "app", .password = "pw", .rules = "~* &* +@all"};
    for (const std::string& each : commands) {
      if (each == "client" && !GetParam().acl) continue;  // the inspector names its connections
      if (GetParam().acl) {
        user.rules += " -" + each;
      } else {
        options.extra_config.push_back("rename-command " + each + " \"\"");
      }
    }
    if (GetParam().acl) options.users = {user};
    own_ = &own_server(options);
    return GetParam().acl ? own_->url_as(user) : own_->url();
  }
  std::vector<std::string> fall_backs() const {
    std::vector<std::string> reasons;
    for (const PoolEvent& event : events_) {
      if (event.kind == PoolEvent::Kind::fell_back) reasons.push_back(event.reason);
    }
    return reasons;
  }
  void SetUp() override {
    if (server_binary(GetParam().binary).empty()) GTEST_SKIP() << "not installed";
    RawTest::SetUp();
  }
  void TearDown() override {
    if (!IsSkipped()) RawTest::TearDown();
  }

  harness::RedisServer* own_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(On, Fallbacks,
                         testing::Values(Refusal{"redis_renamed", "redis_server", false},
                                         Refusal{"redis_acl", "redis_server", true},
                                         Refusal{"valkey_renamed", "valkey_server", false},
                                         Refusal{"valkey_acl", "valkey_server", true}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(Fallbacks, EveryVerbWorksWithoutScripts) {
  Verbs verbs = this->verbs({.location = {without({"eval"})}});
  EXPECT_EQ(verbs.incr("missing"), Errc::key_not_found);
  EXPECT_EQ(verbs.incr_version("missing"), Errc::key_not_found);
  ASSERT_EQ(verbs.set("n", 41, {.ttl = 300s}), worked);
  EXPECT_EQ(verbs.incr("n"), 42);
  EXPECT_EQ(verbs.decr("n", {.delta = 44}), -2);
  ASSERT_EQ(verbs.set("n", std::int64_t{9007199254740993}), worked);
  EXPECT_EQ(verbs.incr("n"), std::int64_t{9007199254740994});
  ASSERT_EQ(verbs.set("n", INT64_MAX), worked);
  EXPECT_EQ(verbs.incr("n"), Errc::integer_overflow);
  ASSERT_EQ(verbs.set("text", "no number"), worked);
  EXPECT_EQ(verbs.incr("text"), Errc::not_an_integer);
  EXPECT_EQ(verbs.incr_version("text"), 2);
  EXPECT_EQ(verbs.get("text"), miss);
  EXPECT_EQ(verbs.get("text", {.version = 2}), "no number");
  for (const std::size_t size : {1u, 100'000u, 3'000'000u}) {
    ASSERT_EQ(verbs.set("large", std::string(size, 'x'), {.version = 1}), worked);
    EXPECT_EQ(verbs.incr_version("large"), 2);
    EXPECT_EQ(verbs.get("large", {.version = 2}), std::string(size, 'x'));
  }
  EXPECT_EQ(fall_backs().size(), 1u);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_P(Fallbacks, AKeyKeepsItsOrder) {
  Cache cached = cache({.location = {without({"eval"})}, .options = {.command_limit = 10s}});
  constexpr int rounds = 50;
  std::vector<Answer<std::int64_t>> counted(rounds);
  std::vector<Answer<std::optional<Value>>> found(rounds);
  Answer<void> stored;
  for (int i = 0; i < rounds; ++i) {
    if (i % 10 == 0) cached.set("n", i * 1000, stored.callback());
    cached.incr("n", counted[i].callback());
    cached.get("n", found[i].callback());
  }
  for (int i = 0; i < rounds; ++i) {
    const int number = i / 10 * 10'000 + i % 10 + 1;
    EXPECT_EQ(wait(counted[i]), number);
    EXPECT_EQ(wait(found[i]), number);
  }
}

TEST_P(Fallbacks, EvalIsAskedForOncePerConnection) {
  Verbs verbs = this->verbs({.location = {without({"eval"})}});
  const auto admin = inspect(own_->endpoint());
  ASSERT_EQ(verbs.set("n", 1), worked);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(verbs.incr("n"), i + 2);
  const char* error = GetParam().acl ? "errorstat_NOPERM:count=" : "errorstat_ERR:count=";
  EXPECT_THAT(admin->command({"INFO", "errorstats"}).text, HasSubstr(error + "1\r\n"s));
  ASSERT_TRUE(own_->restart());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(verbs.incr("n"), Errc::key_not_found);
  EXPECT_EQ(fall_backs().size(), 2u);
}

TEST_P(Fallbacks, SetManyWorksWithoutMulti) {
  Verbs verbs = this->verbs({.location = {without({"multi"})}, .options = {.command_limit = 10s}});
  for (const std::size_t size : {20u, 100'000u, 1'000'000u}) {
    const Entries entries{{"a", std::string(size, 'a')},
                          {"b", std::string(size, 'b')},
                          {"c", std::string(size, 'c')}};
    for (int i = 0; i < 2; ++i) {
      const auto failed = verbs.set_many(entries);
      ASSERT_TRUE(failed.ok()) << to_string(failed.error());
      EXPECT_TRUE(failed->empty());
      EXPECT_EQ(verbs.get("c"), std::string(size, 'c'));
    }
  }
  Entries many;
  for (int i = 0; i < 4000; ++i) many.emplace_back("k" + std::to_string(i), i);
  EXPECT_TRUE(verbs.set_many(many).ok());
  EXPECT_EQ(verbs.get("k3999"), 3999);
  EXPECT_EQ(verbs.incr("k3999"), 4000);
  EXPECT_EQ(fall_backs().size(), 1u);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_P(Fallbacks, ALockIsFreedWithWatch) {
  Cache cached = cache({.location = {without({"eval", "client"})}});
  Lock lock = cached.lock("l", {.ttl = 30s});
  const auto ask = [&](auto&& verb) {
    Answer<bool> answer;
    verb(answer.callback());
    return wait(answer);
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask([&](auto done) { lock.acquire(std::move(done)); }), true);
    EXPECT_EQ(ask([&](auto done) { lock.extend(10s, std::move(done)); }), true);
    EXPECT_EQ(ask([&](auto done) { lock.reacquire(std::move(done)); }), true);
    EXPECT_EQ(ask([&](auto done) { lock.release(std::move(done)); }), true);
  }
  // No WATCH or MULTI is left that would affect later commands of the shared connection.
  EXPECT_TRUE(wait_for(cached).set_many({{"a", 1}, {"b", 2}}).ok());
  EXPECT_EQ(fall_backs().size(), GetParam().acl ? 2u : 1u);  // CLIENT SETNAME, EVAL
}

// Neither a script nor a transaction nor a command that compares: the lock stays taken, and its
// owner is told why.
TEST_P(Fallbacks, ALockThatCannotBeFreedSaysWhy) {
  Cache cached = cache({.location = {without({"eval", "multi"})}});
  Lock lock = cached.lock("l", {.ttl = 30s});
  Answer<bool> acquired, released;
  lock.acquire(acquired.callback());
  ASSERT_EQ(wait(acquired), true);
  lock.release(released.callback());
  EXPECT_EQ(wait(released), GetParam().acl ? Errc::permission_denied : Errc::server_error);
  EXPECT_THAT(released.result->error().detail, testing::ContainsRegex("[Ee][Vv][Aa][Ll]"));
  EXPECT_EQ(wait_for(cached).get("a"), miss);
}

// What a user without EVAL needs besides the line of engine/docs/servers.md.
TEST_P(Fallbacks, WatchAndUnwatchAreEnough) {
  if (!GetParam().acl) GTEST_SKIP() << "of users";
  const harness::AclUser user{.name = "app",
                              .password = "pw",
                              .rules =
                                  "resetkeys ~* nocommands +get +set +del +exists +pexpire "
                                  "+pttl +incrby +multi +exec +watch +unwatch"};
  harness::RedisServer& own =
      own_server({.binary = server_binary(GetParam().binary), .users = {user}});
  Cache cached = cache({.location = {own.url_as(user)}});
  Verbs verbs = wait_for(cached);
  ASSERT_EQ(verbs.set("n", 1), worked);
  EXPECT_EQ(verbs.incr("n"), 2);
  EXPECT_EQ(verbs.incr_version("n"), 2);
  Lock lock = cached.lock("l", {.ttl = 30s}), other = cached.lock("l", {.ttl = 30s});
  const auto ask = [&](auto&& verb) {
    Answer<bool> answer;
    verb(answer.callback());
    return wait(answer);
  };
  EXPECT_EQ(ask([&](auto done) { lock.acquire(std::move(done)); }), true);
  EXPECT_EQ(ask([&](auto done) { other.acquire({.blocking = false}, std::move(done)); }), false);
  EXPECT_EQ(ask([&](auto done) { lock.extend(10s, std::move(done)); }), true);
  EXPECT_EQ(ask([&](auto done) { lock.reacquire(std::move(done)); }), true);
  EXPECT_EQ(ask([&](auto done) { lock.owned(std::move(done)); }), true);
  const auto admin = inspect(own.endpoint());
  ASSERT_TRUE(admin->command({"SET", ":1:l", "another's"}).is_status("OK"));
  EXPECT_EQ(ask([&](auto done) { lock.release(std::move(done)); }), false);
  for (const harness::Reply& refused : admin->command({"ACL", "LOG"}).elements) {
    const std::string& what = refused.elements.at(7).text;
    EXPECT_TRUE(what == "eval" || what == "client|setname") << what;
  }
}

TEST_P(Fallbacks, NoTextNamesWhatWasSent) {
  Verbs verbs = this->verbs({.location = {without({"eval", "multi", "client"})}});
  ASSERT_EQ(verbs.set("planted", 1), worked);
  EXPECT_EQ(verbs.incr("planted"), 2);
  EXPECT_TRUE(verbs.set_many({{"planted", "planted"}}).ok());
  EXPECT_EQ(fall_backs().size(), GetParam().acl ? 3u : 2u);
  for (const PoolEvent& event : events_) {
    EXPECT_THAT(event.reason, Not(HasSubstr("planted")));
    EXPECT_THAT(event.reason, Not(HasSubstr("redis.call")));
    EXPECT_THAT(event.reason, Not(HasSubstr("pw")));
  }
}

}  // namespace
}  // namespace djcache
