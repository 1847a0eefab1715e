#include "server_config.h"

#include <gtest/gtest.h>

namespace djcache::harness {
namespace {

bool has_line(const std::string& config, const std::string& line) {
  return ("\n" + config).find("\n" + line + "\n") != std::string::npos;
}

TEST(ServerConfig, NothingIsPersistedAndOnlyLoopbackListens) {
  const auto config = server_config({}, {.folder = "/f", .unix_path = "/f/s", .port = 7});
  EXPECT_TRUE(has_line(config, "bind 127.0.0.1"));
  EXPECT_TRUE(has_line(config, "port 7"));
  EXPECT_TRUE(has_line(config, "save \"\""));
  EXPECT_TRUE(has_line(config, "appendonly no"));
  EXPECT_EQ(config.find("requirepass"), std::string::npos);
  EXPECT_EQ(config.find("replicaof"), std::string::npos);
}

TEST(ServerConfig, PasswordsAreQuotedWhateverTheirBytes) {
  const RedisServerOptions options{
      .password = "a \"b\\\n",
      .users = {{.name = "ann", .password = "p q"}, {.name = "default", .rules = "off"}}};
  const auto config = server_config(options, {});
  EXPECT_TRUE(has_line(config, "requirepass \"a\\x20\\x22b\\x5c\\x0a\""));
  EXPECT_TRUE(has_line(config, "user \"ann\" on \">p\\x20q\" ~* +@all"));
  EXPECT_TRUE(has_line(config, "user \"default\" on nopass off"));
}

TEST(ServerConfig, ExtraLinesComeLastSoThatTheyWin) {
  const auto config = server_config({.extra_config = {"maxmemory 1mb"}}, {});
  EXPECT_TRUE(config.ends_with("maxmemory 1mb\n"));
}

TEST(ServerConfig, SecretsAreHiddenPlainAndQuoted) {
  const RedisServerOptions options{.password = "se cret",
                                   .users = {{.name = "a", .password = "pw"}}};
  EXPECT_EQ(without_secrets("x se cret y se\\x20cret z pw master", options, "master"),
            "x (hidden) y (hidden) z (hidden) (hidden)");
}

}  // namespace
}  // namespace djcache::harness
