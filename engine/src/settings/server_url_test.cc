#include "settings/server_url.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace djcache::settings {
namespace {

using namespace std::chrono_literals;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Transport = ServerUrl::Transport;

ServerUrl parsed(std::string_view url, const Options& defaults = {}) {
  auto result = parse_server_url(url, defaults);
  EXPECT_TRUE(result) << url << ": " << (result ? "" : result.error().detail);
  return result ? *result : ServerUrl{.host = "(not parsed)"};
}

std::string problem(std::string_view url) {
  const auto result = parse_server_url(url, {});
  EXPECT_FALSE(result) << url;
  if (result) return "(none)";
  EXPECT_EQ(result.error().code, Errc::invalid_settings);
  return result.error().detail;
}

ServerUrl socket(std::string path, int db = 0) {
  return {.transport = Transport::unix_socket,
          .host = "",
          .port = 0,
          .path = std::move(path),
          .db = db};
}

TEST(ServerUrl, HostPortAndDatabaseHaveDefaults) {
  EXPECT_EQ(parsed("redis://"), ServerUrl{});
  EXPECT_EQ(parsed("redis:///"), ServerUrl{});
  EXPECT_EQ(parsed("redis:///3"), ServerUrl{.db = 3});
  EXPECT_EQ(parsed("redis://:6380"), ServerUrl{.port = 6380});
  EXPECT_EQ(parsed("redis://cache:"), ServerUrl{.host = "cache"});
  EXPECT_EQ(parsed("redis://127.0.0.1:7000/12"),
            (ServerUrl{.host = "127.0.0.1", .port = 7000, .db = 12}));
  EXPECT_EQ(parsed("redis://cache/1/"), (ServerUrl{.host = "cache", .db = 1}));
  EXPECT_EQ(parsed("rediss://cache"), (ServerUrl{.transport = Transport::tls, .host = "cache"}));
}

TEST(ServerUrl, HostIsDecodedAndInLowerCase) {
  EXPECT_EQ(parsed("redis://Cache.Example").host, "cache.example");
  EXPECT_EQ(parsed("redis://ca%63he").host, "cache");
}

TEST(ServerUrl, Ipv6AddressStandsInBrackets) {
  EXPECT_EQ(parsed("redis://[::1]:6380/2"), (ServerUrl{.host = "::1", .port = 6380, .db = 2}));
  EXPECT_EQ(parsed("redis://u:p@[FE80::1%25eth0]").host, "fe80::1%eth0");
  EXPECT_THAT(problem("redis://::1:6379"), HasSubstr("brackets"));
  EXPECT_THAT(problem("redis://[::1"), HasSubstr("']'"));
  EXPECT_THAT(problem("redis://[::1]6379"), HasSubstr("':port'"));
  EXPECT_THAT(problem("redis://[cache]"), HasSubstr("IPv6"));
}

TEST(ServerUrl, UserinfoIsDecoded) {
  const auto url = parsed("redis://us%65r:p%40ss%2Fw%3a%25@cache");
  EXPECT_EQ(url.username, "user");
  EXPECT_EQ(url.password, "p@ss/w:%");
  EXPECT_EQ(parsed("redis://:p+s:s@cache").password, "p+s:s");
  EXPECT_EQ(parsed("redis://user@cache").username, "user");
  EXPECT_EQ(parsed("redis://user@cache").password, "");
  EXPECT_EQ(parsed("redis://:a@b@cache").password, "a@b");  // the last '@' ends it, as in redis-py
}

TEST(ServerUrl, QueryNamesDatabaseAndCredentials) {
  EXPECT_EQ(parsed("redis://cache/1?db=4").db, 4);  // wins over the path
  EXPECT_EQ(parsed("redis://cache/1?db=").db, 1);
  EXPECT_EQ(parsed("redis://cache?db=2&db=3").db, 2);
  EXPECT_EQ(parsed("redis://cache?username=u&password=p%20q+r").password, "p q r");
  EXPECT_EQ(parsed("redis://u:p@cache?username=x&password=y"),
            (ServerUrl{.host = "cache", .username = "u", .password = "p"}));
}

TEST(ServerUrl, QueryOfRedisPyIsPassedOverOrRefusedButNeverLost) {
  EXPECT_EQ(parsed("redis://cache?max_connections=9&health_check_interval=30"),
            ServerUrl{.host = "cache"});
  EXPECT_EQ(parsed("redis://cache?socket_timeout=1.5").socket_timeout, 1500ms);
  EXPECT_EQ(parsed("redis://cache?socket_connect_timeout=2").socket_connect_timeout, 2000ms);
  EXPECT_EQ(parsed("redis://cache?client_name=web").client_name, "web");
  EXPECT_THAT(problem("redis://cache?client_name=a+b"), HasSubstr("no spaces"));
  for (const char* limit : {"0", "x", "-1", "3601", "nan", "1s"}) {
    EXPECT_THAT(problem("redis://cache?socket_timeout=" + std::string(limit)),
                HasSubstr("'socket_timeout' is not a number of seconds"));
  }
  EXPECT_FALSE(parsed("rediss://cache?ssl_cert_reqs=none").tls.verify);
  EXPECT_FALSE(parsed("rediss://cache?ssl_check_hostname=False").tls.check_hostname);
  EXPECT_TRUE(parsed("rediss://cache?ssl_check_hostname=1").tls.check_hostname);
  EXPECT_EQ(parsed("rediss://cache?ssl_ca_certs=%2Fetc%2Fca.pem&ssl_certfile=/c").tls,
            (TlsOptions{.ca_file = "/etc/ca.pem", .cert_file = "/c"}));
  EXPECT_EQ(parsed("rediss://cache?ssl_min_version=772").tls.min_version, 772);
  EXPECT_THAT(problem("rediss://cache?ssl_min_version=3"), HasSubstr("'ssl_min_version' must be"));
  EXPECT_THAT(problem("rediss://cache?ssl_cert_reqs=maybe"), HasSubstr("'ssl_cert_reqs' expected"));
  EXPECT_THAT(problem("redis://cache?ssl_cert_reqs=none"), HasSubstr("needs rediss://"));
  EXPECT_THAT(problem("redis://cache?dbb=1"), HasSubstr("known: db, username, password"));
}

TEST(ServerUrl, OptionsAreDefaultsForWhatTheUrlLeavesOut) {
  const Options defaults{.db = 5, .username = "u", .password = "p"};
  EXPECT_EQ(parsed("redis://cache", defaults),
            (ServerUrl{.host = "cache", .db = 5, .username = "u", .password = "p"}));
  EXPECT_EQ(parsed("redis://:q@cache/0", defaults),
            (ServerUrl{.host = "cache", .db = 0, .username = "u", .password = "q"}));
  EXPECT_EQ(parsed("unix:///run/redis.sock", defaults).db, 5);
}

TEST(ServerUrl, UnixSocketHasAPathAndItsDatabaseInTheQuery) {
  EXPECT_EQ(parsed("unix:///run/redis.sock"), socket("/run/redis.sock"));
  EXPECT_EQ(parsed("unix:///run/re%20dis.sock?db=3"), socket("/run/re dis.sock", 3));
  const auto url = parsed("unix://user:pw@/run/redis.sock?db=1");
  EXPECT_EQ(url.username, "user");
  EXPECT_EQ(url.password, "pw");
  EXPECT_EQ(url.path, "/run/redis.sock");
  EXPECT_THAT(problem("unix://redis.sock"), HasSubstr("absolute path"));
  EXPECT_THAT(problem("unix://host/redis.sock"), HasSubstr("absolute path"));
  EXPECT_THAT(problem("unix://"), HasSubstr("absolute path"));
  EXPECT_THAT(problem("unix:///a%00b"), HasSubstr("NUL"));
  EXPECT_THAT(problem("unix:///" + std::string(107, 'a')), HasSubstr("107"));
  EXPECT_EQ(parsed("unix:///" + std::string(106, 'a')).path.size(), 107u);
}

TEST(ServerUrl, PortIsANumberFrom1To65535) {
  EXPECT_EQ(parsed("redis://cache:65535").port, 65535);
  for (const char* port : {"0", "65536", "-1", "+1", "6379x", "x", "99999999999"}) {
    EXPECT_THAT(problem(std::string("redis://cache:") + port), HasSubstr("1 to 65535"));
  }
}

TEST(ServerUrl, DatabaseIsANumberOf0OrMore) {
  EXPECT_EQ(parsed("redis://cache/2147483647").db, 2147483647);
  for (const char* db : {"-1", "2147483648", "+1", "one", "1x", "x/1", "1/x@y"}) {
    EXPECT_THAT(problem(std::string("redis://cache/") + db), HasSubstr("database"));
  }
  for (const char* db : {"-1", "one", "1x", "2147483648", "1/2", "%2B1"}) {
    EXPECT_THAT(problem(std::string("redis://cache?db=") + db), HasSubstr("database"));
  }
}

TEST(ServerUrl, PathLosesItsSlashesAsInRedisPyAndIsPassedOverWithAWarningWhenItIsNoNumber) {
  const struct {
    const char* path;
    int db;
    bool warned;
  } rows[] = {{"//1", 1, false}, {"/1//", 1, false},    {"/1/2", 12, false}, {"/%31", 1, false},
              {"//", 7, false},  {"/0/extra", 7, true}, {"//1/x/y", 7, true}};
  for (const auto& [path, db, warned] : rows) {
    std::string warning;
    const auto url =
        parse_server_url("redis://cache" + std::string(path), Options{.db = 7}, &warning);
    ASSERT_TRUE(url) << path;
    EXPECT_EQ(url->db, db) << path;
    EXPECT_EQ(!warning.empty(), warned) << path;
  }
}

TEST(ServerUrl, BadPercentEncodingIsAnErrorEverywhere) {
  for (const char* url :
       {"redis://%:p@cache", "redis://u:%4@cache", "redis://u:%zz@cache", "redis://ca%che",
        "unix:///run/%2", "redis://cache?db=%1", "redis://cache?password=%xx"}) {
    EXPECT_THAT(problem(url), HasSubstr("hexadecimal")) << url;
  }
}

TEST(ServerUrl, WithoutAKnownSchemeTheRightFormsAreShown) {
  for (const char* url :
       {"127.0.0.1:6379", "cache", "", "http://cache", "REDIS://cache", "redis:/cache"}) {
    EXPECT_THAT(problem(url), HasSubstr("redis://[[user]:[password]@]host[:port][/db]")) << url;
    EXPECT_THAT(problem(url), HasSubstr("rediss://")) << url;
    EXPECT_THAT(problem(url), HasSubstr("unix://")) << url;
  }
}

TEST(ServerUrl, SpacesControlCharactersAndFragmentsAreRefused) {
  for (const char* url : {"redis://ca che", "redis://cache\n", "redis://cache\x7f"}) {
    EXPECT_THAT(problem(url), HasSubstr("no control characters")) << url;
  }
  EXPECT_THAT(problem("redis://cache/0#x"), HasSubstr("'#'"));
  EXPECT_THAT(problem("redis://ca%20che"), HasSubstr("no host has"));
  EXPECT_THAT(problem("redis://ca%00che"), HasSubstr("no host has"));
}

TEST(ServerUrl, EndpointNamesServerAndDatabaseWithoutCredentials) {
  EXPECT_EQ(parsed("redis://u:p@127.0.0.1:6379/1").endpoint(), "127.0.0.1:6379/1");
  EXPECT_EQ(parsed("redis://u:p@[::1]").endpoint(), "[::1]:6379/0");
  EXPECT_EQ(parsed("unix://u:p@/run/redis.sock").endpoint(), "/run/redis.sock/0");
}

// Special characters that are not percent-encoded move parts of a password to other places.
TEST(ServerUrl, NeitherProblemsNorEndpointsHoldPiecesOfAnUnencodedPassword) {
  const std::string secret = "hunterS3cret";
  const std::vector<std::string> specials = {"/",  "?", "#", "@",    ":",   "%",  "[",  "]", " ",
                                             "\n", "&", "=", "?db=", "/0?", ":/", "//", "@@"};
  for (const std::string& before :
       std::vector<std::string>{"redis://user:", "rediss://:", "redis://", "unix://user:", ""}) {
    for (const std::string& special : specials) {
      for (std::size_t at = 0; at <= secret.size(); ++at) {
        const std::string url =
            before + secret.substr(0, at) + special + secret.substr(at) + "@cache:6379/0";
        const auto result = parse_server_url(url, {});
        const std::string said = result ? result->endpoint() : result.error().detail;
        for (std::size_t i = 0; i + 4 <= secret.size(); ++i) {
          ASSERT_THAT(said, Not(HasSubstr(secret.substr(i, 4)))) << url;
        }
      }
    }
  }
}

TEST(SplitLocation, SplitsAtSemicolonAndCommaAndDropsEmptyPieces) {
  EXPECT_THAT(split_location({}), IsEmpty());
  EXPECT_THAT(split_location({"", " ;, "}), IsEmpty());
  EXPECT_THAT(split_location({"redis://a"}), ElementsAre("redis://a"));
  EXPECT_THAT(split_location({"redis://a;redis://b, redis://c;"}),
              ElementsAre("redis://a", "redis://b", "redis://c"));
  EXPECT_THAT(split_location({"redis://a", "redis://b,redis://c"}),
              ElementsAre("redis://a", "redis://b", "redis://c"));
}

}  // namespace
}  // namespace djcache::settings
