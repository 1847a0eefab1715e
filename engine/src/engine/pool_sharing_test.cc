// Pools: which aliases share connections and which never do, how many there are, and order per key.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Pools : public EngineTest {
 protected:
  // An engine with one alias per settings: "default", "1", "2" ...
  Engine& start_with(std::vector<CacheSettings> caches) {
    Settings settings;
    for (std::size_t i = 0; i < caches.size(); ++i) {
      settings.caches.emplace(i == 0 ? "default" : std::to_string(i), std::move(caches[i]));
    }
    return start(std::move(settings));
  }
  Verbs alias(const std::string& name) { return wait_for(engine().cache(name)); }
};

TEST_F(Pools, TwoAliasesOfOneIdentityShareOneConnection) {
  start_with({{.location = {server().url(3)}, .key_prefix = "one"},
              {.location = {server().url(3)}, .timeout = 5s, .key_prefix = "two"},
              {.location = {server().url()}, .options = {.db = 9}},
              {.location = {server().url(9)}}});
  ASSERT_EQ(alias("default").set("a", 1), worked);
  ASSERT_EQ(alias("1").set("a", 2), worked);
  EXPECT_EQ(inspector().count_clients(), 1u);
  EXPECT_EQ(engine().pools().size(), 1u);
  EXPECT_EQ(inspect(server().endpoint(3))->keys(),
            (std::vector<std::string>{"one:1:a", "two:1:a"}));
  ASSERT_EQ(alias("3").set("b", 3), worked);
  EXPECT_EQ(inspector().count_clients(), 2u);
}

TEST_F(Pools, ADefaultPortOrDatabaseWrittenOutIsTheSameIdentity) {
  const std::string base = "redis://127.0.0.1:" + std::to_string(server().port());
  start_with({{.location = {base}},
              {.location = {base + "/0"}},
              {.location = {base + "?db=0"}},
              {.location = {base}, .options = {.db = 0}}});
  for (const char* name : {"default", "1", "2", "3"}) ASSERT_EQ(alias(name).set("a", 1), worked);
  EXPECT_EQ(engine().pools().size(), 1u);
  EXPECT_EQ(inspector().count_clients(), 1u);
}

TEST_F(Pools, DifferentDatabasesNeverShare) {
  start_with({{.location = {server().url(0)}},
              {.location = {server().url(1)}},
              {.location = {server().unix_url(2)}}});
  ASSERT_EQ(alias("default").set("a", "db 0"), worked);
  ASSERT_EQ(alias("1").set("a", "db 1"), worked);
  ASSERT_EQ(alias("2").set("a", "db 2"), worked);
  EXPECT_EQ(engine().pools().size(), 3u);
  EXPECT_EQ(alias("default").get("a"), "db 0");
  EXPECT_EQ(inspect(server().endpoint(1))->raw(":1:a"),
            "\x80\x05\x95\x08\0\0\0\0\0\0\0\x8c\x04"
            "db 1\x94."s);
  EXPECT_EQ(inspect(server().endpoint(2))->raw(":1:a"),
            "\x80\x05\x95\x08\0\0\0\0\0\0\0\x8c\x04"
            "db 2\x94."s);
}

// django-redis-ex keys its pools by server index: there this write goes to the other alias' server.
TEST_F(Pools, DifferentServersNeverShare) {
  harness::RedisServer& other = own_server();
  start_with({{.location = {server().url()}}, {.location = {other.url()}}});
  ASSERT_EQ(alias("default").set("a", 1), worked);
  ASSERT_EQ(alias("1").set("a", 2), worked);
  EXPECT_EQ(inspector().raw(":1:a"), "1");
  EXPECT_EQ(inspect(other.endpoint())->raw(":1:a"), "2");
  EXPECT_EQ(alias("default").get("a"), 1);
}

TEST_F(Pools, DifferentCredentialsNeverShare) {
  const harness::AclUser one{.name = "one", .password = "p1"};
  const harness::AclUser two{.name = "two", .password = "p2"};
  harness::RedisServer& guarded = own_server({.password = "main", .users = {one, two}});
  start_with({{.location = {guarded.url()}},
              {.location = {guarded.url_as(one)}},
              {.location = {guarded.url_as(two)}},
              {.location = {guarded.url_as(two)}, .options = {.client_name = "other"}}});
  for (const char* name : {"default", "1", "2", "3"}) {
    ASSERT_EQ(alias(name).set(name, 1), worked) << name;
  }
  EXPECT_EQ(engine().pools().size(), 4u);
  std::vector<std::string> users;
  const auto who = inspect(guarded.endpoint());
  const auto clients = who->client_list();
  ASSERT_TRUE(clients);
  for (const auto& client : *clients) {
    if (client.name != harness::harness_client_name) users.push_back(client.user);
  }
  EXPECT_THAT(users, testing::UnorderedElementsAre("default", "one", "two", "two"));
}

TEST_F(Pools, AWrongPasswordNeverRidesOnTheConnectionOfARightOne) {
  harness::RedisServer& guarded = own_server({.password = "right"});
  const std::string place = "@127.0.0.1:" + std::to_string(guarded.port());
  start_with({{.location = {"redis://:right" + place}}, {.location = {"redis://:wrong" + place}}});
  EXPECT_EQ(alias("default").set("a", 1), worked);
  EXPECT_EQ(alias("1").get("a"), Errc::auth_failed);
  EXPECT_EQ(alias("default").get("a"), 1);
}

TEST_F(Pools, TwoEnginesShareNothing) {
  Verbs one = verbs();
  Verbs two = verbs();
  ASSERT_EQ(one.set("a", 1), worked);
  ASSERT_EQ(two.get("a"), 1);
  EXPECT_EQ(inspector().count_clients(), 2u);
}

TEST_F(Pools, TheNameOfTheConnectionIsVisible) {
  Verbs plain = verbs();
  Verbs named = verbs({.options = {.client_name = "gateway-7"}});
  Verbs nameless = verbs({.options = {.client_name = ""}});
  ASSERT_EQ(plain.get("a"), miss);
  ASSERT_EQ(named.get("a"), miss);
  ASSERT_EQ(nameless.get("a"), miss);
  EXPECT_EQ(inspector().count_clients("djcache"), 1u);
  EXPECT_EQ(inspector().count_clients("gateway-7"), 1u);
  EXPECT_EQ(inspector().count_clients(), 3u);
}

TEST_F(Pools, AThousandOperationsUseNoMoreThanConnectionsMax) {
  for (const std::size_t most : {1u, 3u}) {
    Verbs cached = verbs({.options = {.connections_max = most}});
    int ended = 0;
    for (int i = 0; i < 1000; ++i) {
      cached.cache.set("key " + std::to_string(i), i, [&](auto r) {
        EXPECT_EQ(r, worked);
        ++ended;
      });
    }
    run_until([&] { return ended == 1000; });
    EXPECT_EQ(inspector().count_clients(), most);
    EXPECT_EQ(engine().pools().at(0).info().connections, most);
    disconnect(engine());
  }
}

TEST_F(Pools, RequestsOneAfterAnotherLeaveOneConnection) {
  start_with({{.location = {server().url()}}});
  for (int i = 0; i < 20; ++i) ASSERT_EQ(alias("default").set("a", i), worked);
  EXPECT_EQ(inspector().count_clients(), 1u);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Pools, TenThousandHandlesCostNoConnection) {
  start_with({{.location = {server().url()}}});
  std::vector<Cache> handles;
  for (int i = 0; i < 10'000; ++i) handles.push_back(engine().cache());
  EXPECT_LE(sizeof(Cache), 200u);
  runner_.run_for_turns(3);
  EXPECT_EQ(our_handles(), "");
  EXPECT_EQ(inspector().count_clients(), 0u);
  int ended = 0;
  for (Cache& each : handles) each.get("a", [&](auto) { ++ended; });
  run_until([&] { return ended == 10'000; });
  EXPECT_EQ(inspector().count_clients(), 1u);
}

TEST_F(Pools, OperationsOnOneKeyKeepTheirOrderOverSeveralConnections) {
  Verbs cached = verbs({.options = {.connections_max = 4}});
  int ended = 0;
  int expected = 0;
  const auto same = [&](auto want) {
    ++expected;
    return [&ended, want](auto r) {
      ++ended;
      EXPECT_EQ(r, want);
    };
  };
  for (int i = 0; i < 50; ++i) {
    const std::string key = "key " + std::to_string(i);
    const std::string next = "key " + std::to_string(i + 1);
    cached.cache.set(key, i, same(worked));
    cached.cache.get(key, same(Value(i)));
    cached.cache.incr(key, same(std::int64_t{i + 1}));
    cached.cache.get_many({key, next}, [&, i, key](auto r) {
      ++ended;
      EXPECT_EQ(r.value().at(key), Value(i + 1));
    });
    ++expected;
    cached.cache.set_many({{key, "many"}, {next, "many too"}}, same(std::vector<std::string>()));
    cached.cache.get(key, same(Value("many")));
    cached.cache.get(next, same(Value("many too")));
    cached.cache.delete_many({key, next}, same(worked));
    cached.cache.get(key, same(miss));
    cached.cache.add(key, "added", same(true));
    cached.cache.delete_(key, same(true));
  }
  run_until([&] { return ended == expected; });
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Pools, AUnixSocketAndANameWorkAsWell) {
  Verbs by_path = verbs({.location = {server().unix_url(4)}});
  ASSERT_EQ(by_path.set("a", 1), worked);
  EXPECT_EQ(inspect(server().endpoint(4))->raw(":1:a"), "1");
  EXPECT_THAT(engine().pools().at(0).info().endpoint, HasSubstr(server().unix_path()));
  Verbs by_name =
      verbs({.location = {"redis://localhost:" + std::to_string(server().port()) + "/4"}});
  EXPECT_EQ(by_name.get("a"), 1);
}

TEST_F(Pools, AnIpv6AddressWorksAsWell) {
  auto started = harness::RedisServer::start({.ipv6 = true});
  if (!started) GTEST_SKIP() << "no IPv6 here: " << started.problem;
  Verbs cached = verbs({.location = {started->ipv6_url()}});
  EXPECT_EQ(cached.set("a", 1), worked);
  EXPECT_THAT(engine().pools().at(0).info().endpoint, HasSubstr("::1"));
}

}  // namespace
}  // namespace djcache
