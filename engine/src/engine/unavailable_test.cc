// Servers that run but cannot serve now, and ports with another kind of server.
#include <djcache/client.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

// A folder for the test.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "djcache-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

class Unavailable : public EngineTest {
 protected:
  harness::Reply tell(harness::RedisServer& own, const std::vector<std::string>& words) {
    const auto inside = inspect(own.endpoint());
    if (inside == nullptr) return {};
    harness::Reply reply = inside->command(words);
    EXPECT_FALSE(reply.is_error()) << reply;
    return reply;
  }
  template <class T>
  void expect_unavailable(const Result<T>& result, const std::string& word) {
    EXPECT_EQ(result, Errc::unavailable);
    EXPECT_THAT(detail_of(result), AllOf(HasSubstr("127.0.0.1:"), HasSubstr(word)));
  }
};

TEST_F(Unavailable, AServerThatCannotSaveRefusesWritesAndServesReads) {
  harness::RedisServer& own = own_server({.extra_config = {"enable-protected-configs yes"}});
  Verbs cached = verbs({.location = {own.url()}});
  ASSERT_EQ(cached.set("a", 1), worked);
  tell(own, {"CONFIG", "SET", "save", "3600 1000"});
  {
    const Folder folder;
    tell(own, {"CONFIG", "SET", "dir", folder.path.string()});
  }
  tell(own, {"BGSAVE"});
  ASSERT_TRUE(run_until([&] {
    return tell(own, {"INFO", "persistence"}).text.find("rdb_last_bgsave_status:err") !=
           std::string::npos;
  }));
  expect_unavailable(cached.set("a", 2), "MISCONF");
  expect_unavailable(cached.incr("a"), "MISCONF");
  expect_unavailable(cached.set_many({{"a", 1}, {"b", 2}}), "MISCONF");
  EXPECT_EQ(cached.get("a"), 1);
  EXPECT_EQ(statistics().connects, 1u);
  tell(own, {"CONFIG", "SET", "stop-writes-on-bgsave-error", "no"});
  EXPECT_EQ(cached.set("a", 2), worked);
}

TEST_F(Unavailable, AServerWithTooFewReplicasRefusesWrites) {
  harness::RedisServer& own = own_server({.extra_config = {"min-replicas-to-write 1"}});
  Verbs cached = verbs({.location = {own.url()}});
  expect_unavailable(cached.set("a", 1), "NOREPLICAS");
  EXPECT_EQ(cached.get("a"), miss);
}

TEST_F(Unavailable, AReplicaThatHasLostItsPrimarySaysSo) {
  harness::RedisServer& own = own_server();
  Verbs cached = verbs({.location = {own.url()}});
  ASSERT_EQ(cached.set("a", 1), worked);
  tell(own, {"CONFIG", "SET", "replica-serve-stale-data", "no"});
  tell(own, {"REPLICAOF", "127.0.0.1", "1"});
  expect_unavailable(cached.get("a"), "MASTERDOWN");
  tell(own, {"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(cached.get("a"), 1);
}

TEST_F(Unavailable, AServerThatIsBusyWithAScriptSaysSo) {
  harness::RedisServer& own = own_server({.extra_config = {"lua-time-limit 1"}});
  Client busy = cache({.location = {own.url()}}).client({});
  std::optional<Result<Reply>> ended;
  busy.command({"EVAL", "while true do end", "0"}, {.limit = 60s},
               [&](Result<Reply> result) { ended = std::move(result); });
  Verbs cached = verbs({.location = {own.url()}});
  // A moment before, it is not running yet.
  Result<std::optional<Value>> got = cached.get("a");
  for (int i = 0; i < 10'000 && got.ok(); ++i) got = cached.get("a");
  expect_unavailable(got, "BUSY");
  Answer<Reply> killed;
  cached.cache.client({}).command({"SCRIPT", "KILL"}, {}, killed.callback());
  EXPECT_TRUE(wait(killed).ok());
  EXPECT_TRUE(run_until([&] { return ended.has_value(); }));
  EXPECT_EQ(cached.get("a"), miss);
}

TEST_F(Unavailable, AServerThatIsLoadingSaysSoInTheHandshakeToo) {
  harness::ScriptedPeer& loading = peer();
  loading.script()
      .expect_command({"PING"})
      .send("-LOADING Redis is loading the dataset in memory\r\n")
      .expect_close();
  CacheSettings settings{.location = {loading.url()}};
  settings.options.client_name = "";
  expect_unavailable(verbs(settings).get("a"), "LOADING");
}

class AnotherKind : public Unavailable {
 protected:
  // By default a node adds 10,000 to its port, which may be too high.
  static std::string bus_port() { return "cluster-port " + std::to_string(harness::unused_port()); }
};

TEST_F(AnotherKind, ANodeOfAClusterIsNamed) {
  harness::RedisServer& own = own_server({.extra_config = {"cluster-enabled yes", bus_port()}});
  Verbs cached = verbs({.location = {own.url()}});
  const auto down = cached.get("a");
  expect_unavailable(down, "CLUSTERDOWN");
  EXPECT_THAT(detail_of(down), HasSubstr("a node of a cluster"));
  const auto selected = verbs({.location = {own.url(1)}}).get("a");
  EXPECT_EQ(selected, Errc::connect_failed);
  EXPECT_THAT(detail_of(selected),
              AllOf(HasSubstr("SELECT 1 refused"), HasSubstr("a node of a cluster")));
  tell(own, {"CLUSTER", "ADDSLOTSRANGE", "0", "16383"});
  Verbs now = verbs({.location = {own.url()}});
  for (int i = 0; i < 10'000 && !now.get("a").ok(); ++i) {
  }
  const auto crossing = now.get_many({"a", "b"});
  EXPECT_EQ(crossing, Errc::server_error);
  EXPECT_THAT(detail_of(crossing), AllOf(HasSubstr("CROSSSLOT"), HasSubstr("a node of a cluster")));
}

TEST_F(AnotherKind, ASentinelsPortIsNamed) {
  const Folder folder;
  // A server with this name is a Sentinel.
  const std::filesystem::path name = folder.path / "redis-sentinel";
  std::filesystem::create_symlink("/usr/bin/redis-server", name);
  auto started = harness::RedisServer::start({.binary = name.string()});
  if (!started) GTEST_SKIP() << started.problem;
  const auto unknown = verbs({.location = {started->url()}}).get("a");
  EXPECT_EQ(unknown, Errc::server_error);
  EXPECT_THAT(detail_of(unknown), AllOf(HasSubstr("unknown command 'GET'"), HasSubstr("Sentinel")));
  const auto selected = verbs({.location = {started->url(1)}}).get("a");
  EXPECT_EQ(selected, Errc::connect_failed);
  EXPECT_THAT(detail_of(selected), AllOf(HasSubstr("SELECT 1 refused"), HasSubstr("Sentinel")));
}

TEST_F(AnotherKind, APortThatSpeaksTlsIsNamed) {
  const Folder folder;
  const std::string key = (folder.path / "key.pem").string(),
                    cert = (folder.path / "cert.pem").string();
  const std::string make =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=djcache -keyout " + key +
      " -out " + cert + " >/dev/null 2>&1";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no openssl";
  const std::string port = std::to_string(harness::unused_port());
  auto started = harness::RedisServer::start(
      {.extra_config = {"tls-port " + port, "tls-cert-file " + cert, "tls-key-file " + key,
                        "tls-ca-cert-file " + cert}});
  if (!started) GTEST_SKIP() << started.problem;
  for (const std::string credentials : {"", "user:password@"}) {
    const auto refused =
        verbs({.location = {"redis://" + credentials + "127.0.0.1:" + port}}).get("a");
    EXPECT_EQ(refused, Errc::connect_failed);
    EXPECT_THAT(detail_of(refused), HasSubstr("TLS"));
  }
}

TEST_F(AnotherKind, AProxyThatClosesOnClientIsTold) {
  harness::ScriptedPeer& proxy = peer();
  proxy.script().expect_any_command("CLIENT").close();
  const auto refused = verbs({.location = {proxy.url()}}).get("a");
  EXPECT_EQ(refused, Errc::connect_failed);
  EXPECT_THAT(detail_of(refused),
              AllOf(HasSubstr("CLIENT SETNAME"), HasSubstr("client_name \"\"")));
}

TEST_F(AnotherKind, APeerThatKnowsNoPingIsNoServer) {
  harness::ScriptedPeer& other = peer();
  other.script().expect_command({"PING"}).send("-ERR unknown command\r\n").expect_close();
  CacheSettings settings{.location = {other.url()}};
  settings.options.client_name = "";
  EXPECT_EQ(verbs(settings).get("a"), Errc::connect_failed);
}

}  // namespace
}  // namespace djcache
