// Failures on the way to a connection: each gives the right error, with a helpful detail and
// without secrets.
#include "engine/engine_fixture.h"
#include "engine/silent_listener.h"

namespace djcache {
namespace {

class NoConnection : public EngineTest {
 protected:
  static CacheSettings at(std::string location) {
    return {.location = {std::move(location)}, .options = {.backoff_min = 1ms, .backoff_max = 2ms}};
  }
};

TEST_F(NoConnection, NobodyListens) {
  const std::string place = "127.0.0.1:" + std::to_string(harness::unused_port());
  const auto refused = verbs(at("redis://" + place)).get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused), AllOf(HasSubstr(place), HasSubstr("connection refused")));
}

TEST_F(NoConnection, NoSuchSocket) {
  const auto refused = verbs(at("unix:///nowhere/redis.sock")).get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused),
              AllOf(HasSubstr("/nowhere/redis.sock"), HasSubstr("no such file")));
}

TEST_F(NoConnection, ThePathOfTheSocketIsTooLong) {
  Engine& each = start({.caches = {{"default", at("unix:///" + std::string(200, 'p'))}}});
  EXPECT_EQ(each.check(), Errc::invalid_settings);
  EXPECT_THAT(detail_of(wait_for(each.cache()).get("a")), HasSubstr("the path is longer than"));
}

TEST_F(NoConnection, UnknownHost) {
  Verbs cached = verbs(at("redis://no-such-host.invalid"));
  const auto unknown = cached.get("a", {.limit = 10s});
  EXPECT_EQ(unknown, Errc::connect_failed);
  EXPECT_THAT(detail_of(unknown), HasSubstr("cannot resolve no-such-host.invalid"));
}

TEST_F(NoConnection, NobodyAnswersWithinTheConnectLimit) {
  SilentListener silent;
  ASSERT_TRUE(silent.ok());
  CacheSettings settings = at(silent.url());
  settings.options.connect_limit = 20ms;
  const auto late = verbs(settings).get("a", {.limit = 10s});
  EXPECT_EQ(late, Errc::connect_failed);
  EXPECT_THAT(detail_of(late), HasSubstr("no connection within 20 ms"));
}

TEST_F(NoConnection, NobodyAnswersWithinTheCommandLimit) {
  SilentListener silent;
  ASSERT_TRUE(silent.ok());
  const auto late = verbs(at(silent.url())).get("a", {.limit = 20ms});
  EXPECT_EQ(late, Errc::timeout);
  EXPECT_THAT(detail_of(late), HasSubstr("not sent"));
}

TEST_F(NoConnection, TheServerWantsAPassword) {
  harness::RedisServer& guarded = own_server({.password = "Gu4rded"});
  Verbs cached = verbs(at("redis://127.0.0.1:" + std::to_string(guarded.port())));
  const auto refused = cached.get("a");
  EXPECT_EQ(refused, Errc::auth_failed);
  EXPECT_THAT(detail_of(refused), HasSubstr("wants a password"));
}

TEST_F(NoConnection, TheServerRefusesThePassword) {
  harness::RedisServer& guarded = own_server({.password = "Gu4rded"});
  const std::string place = "127.0.0.1:" + std::to_string(guarded.port());
  const auto refused = verbs(at("redis://:Wr0ngOne@" + place)).get("a");
  EXPECT_EQ(refused, Errc::auth_failed);
  EXPECT_THAT(detail_of(refused),
              AllOf(HasSubstr(place), HasSubstr("WRONGPASS"), Not(HasSubstr("Wr0ngOne"))));
  EXPECT_EQ(verbs(at("redis://nobody:Gu4rded@" + place)).get("a"), Errc::auth_failed);
  EXPECT_EQ(verbs(at("redis://:Gu4rded@" + place)).get("a"), miss);
}

TEST_F(NoConnection, TheServerHasNoSuchDatabase) {
  const auto refused = verbs(at(server().url(99))).get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused), HasSubstr("SELECT 99 refused"));
}

TEST_F(NoConnection, TheUserMayDoLittle) {
  const harness::AclUser reader{
      .name = "reader", .password = "pw", .rules = "~* +get +auth +select"};
  harness::RedisServer& guarded = own_server({.users = {reader}});
  Verbs cached = verbs(at(guarded.url_as(reader, 1)));
  EXPECT_EQ(cached.get("a"), miss);  // also without the permission for CLIENT SETNAME
  const auto refused = cached.set("a", 1);
  EXPECT_EQ(refused, Errc::permission_denied);
  EXPECT_THAT(detail_of(refused), AllOf(HasSubstr("NOPERM"), Not(HasSubstr("pw@"))));
  EXPECT_EQ(cached.incr("a"), Errc::permission_denied);
  EXPECT_EQ(cached.set_many({{"a", 1}}), Errc::permission_denied);
  EXPECT_EQ(cached.set_many({{"a", 1}, {"b", 2}}, {.ttl = forever}), Errc::permission_denied);
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(NoConnection, TheUserMayNotReadTheseKeys) {
  const harness::AclUser fenced{.name = "fenced", .rules = "~:1:mine:* +@all"};
  harness::RedisServer& guarded = own_server({.users = {fenced}});
  Verbs cached = verbs(at(guarded.url_as(fenced)));
  EXPECT_EQ(cached.set("mine:a", 1), worked);
  EXPECT_EQ(cached.set("yours", 1), Errc::permission_denied);
  EXPECT_EQ(cached.get_many({"mine:a", "yours"}), Errc::permission_denied);
}

TEST_F(NoConnection, ThePeerIsNoRedisServer) {
  Verbs http = wait_for(scripted(harness::PeerScript{}
                                     .expect_any_command("CLIENT")
                                     .send("HTTP/1.1 400 Bad Request\r\n\r\n")
                                     .expect_close()));
  const auto refused = http.get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused), HasSubstr("does not speak RESP"));
  EXPECT_EQ(wait_for(scripted(harness::PeerScript{}
                                  .expect_any_command("CLIENT")
                                  .send("$1\r\nx\r\n")
                                  .expect_close()))
                .get("a"),
            Errc::connect_failed);
}

TEST_F(NoConnection, TheServerIsFull) {
  harness::RedisServer& full = own_server();
  auto other = inspect(full.endpoint());
  ASSERT_TRUE(other->command({"CONFIG", "SET", "maxclients", "1"}).is_status("OK"));
  const auto refused = verbs(at(full.url())).get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused), HasSubstr("max number of clients"));
  ASSERT_TRUE(other->command({"CONFIG", "SET", "maxclients", "100"}).is_status("OK"));
}

TEST_F(NoConnection, TheServerHangsUpInTheHandshake) {
  const auto lost =
      wait_for(scripted(harness::PeerScript{}.expect_any_command("CLIENT").close())).get("a");
  EXPECT_EQ(lost, Errc::connect_failed);
  EXPECT_THAT(detail_of(lost), HasSubstr("the server closed the connection"));
}

TEST_F(NoConnection, TheServerIsLoadingItsData) {
  const auto loading =
      wait_for(scripted(after_handshake()
                            .expect_any_command("GET")
                            .send("-LOADING Redis is loading the dataset in memory\r\n")
                            .hold()))
          .get("a");
  EXPECT_EQ(loading, Errc::unavailable);
  EXPECT_THAT(detail_of(loading), HasSubstr("LOADING"));
}

TEST_F(NoConnection, SecretsAreInNoErrorAndNoEvent) {
  const std::string secret = "S3cr3tW0rd";
  harness::RedisServer& guarded = own_server({.password = "right"});
  const std::string port = std::to_string(guarded.port());
  const std::vector<std::string> locations{
      "redis://:" + secret + "@127.0.0.1:" + port,
      "redis://" + secret + ":" + secret + "@127.0.0.1:" + port + "/99",
      "redis://:" + secret + "@127.0.0.1:" + std::to_string(harness::unused_port()),
      "redis://u:" + secret + "@no-such-host.invalid",
      "unix://:" + secret + "@/nowhere/redis.sock",
      "redis://:" + secret + "@127.0.0.1:99999",
      "redis://:" + secret + "@[::1:1",
      "http://:" + secret + "@127.0.0.1"};
  std::vector<std::string> texts;
  for (const std::string& location : locations) {
    Settings settings{.caches = {{"default", {.location = {location}}}}};
    Engine& each = start(std::move(settings));
    if (!each.check().ok()) texts.push_back(detail_of(each.check()));
    Verbs cached = wait_for(each.cache());
    const auto failed = cached.get("a", {.limit = 10s});
    ASSERT_FALSE(failed.ok()) << location;
    texts.push_back(detail_of(failed));
    texts.push_back(detail_of(cached.set_many({{"a", 1}})));
    for (const Pool& pool : each.pools()) texts.push_back(pool.info().endpoint);
  }
  for (const PoolEvent& event : events_) {
    texts.push_back(event.endpoint);
    texts.push_back(event.reason);
  }
  EXPECT_GE(texts.size(), 3 * locations.size());
  EXPECT_FALSE(events_.empty());
  for (const std::string& text : texts) EXPECT_THAT(text, Not(HasSubstr(secret)));
}

// While it is queued it fills its pool, so nothing after it could wake the engine.
TEST_F(NoConnection, ACancelledOperationLeavesItsPoolThoughNobodyWaits) {
  CacheSettings settings = at("redis://127.0.0.1:" + std::to_string(harness::unused_port()));
  settings.options.pending_max = 1;
  const Cache cached = cache(std::move(settings));
  EXPECT_EQ(wait_for(cached).get("k").error().code, Errc::connect_failed);
  Answer<std::optional<Value>> given_up;
  Cache handle = cached;
  EXPECT_TRUE(handle.cancel(handle.get("k", {}, given_up.callback())));
  EXPECT_EQ(wait(given_up).error().code, Errc::cancelled);
  EXPECT_TRUE(run_until([&] { return engine().pools().front().info().queued == 0; }));
  EXPECT_EQ(wait_for(cached).get("k").error().code, Errc::connect_failed);
}

}  // namespace
}  // namespace djcache
