// Sentinels in the forms that settings have, and the errors for other forms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settings/resolve.h"

namespace djcache {
namespace {

using testing::HasSubstr;

struct Read {
  settings::AliasPlan plan;
  std::string problem;
};

Read read(const std::string& location, const std::string& options,
          const std::string& backend = "django_redis.cache.RedisCache") {
  auto settings =
      Settings::from_json(R"({"default": {"BACKEND": ")" + backend + R"(", "LOCATION": )" +
                          location + R"(, "OPTIONS": )" + options + "}}");
  EXPECT_TRUE(settings.ok());
  if (!settings.ok()) return {};
  const settings::Plan plan = settings::resolve(*settings);
  const auto& alias = plan.aliases.at("default");
  return {alias, alias.broken ? alias.broken->detail : ""};
}

TEST(SentinelOptions, SentinelsAreReadInEveryForm) {
  for (const char* written :
       {R"([["a", 1], ["b", 26379]])", R"(["a:1", "b"])", R"([["a", "1"], ["b"]])"}) {
    const Read got =
        read(R"("redis://mymaster/3")", R"({"SENTINELS": )" + std::string(written) + "}");
    ASSERT_EQ(got.problem, "") << written;
    const auto& service = got.plan.servers.at(0).service;
    ASSERT_TRUE(service.has_value());
    EXPECT_EQ(service->name, "mymaster");
    EXPECT_TRUE(service->primary);
    EXPECT_EQ(got.plan.servers.at(0).db, 3);
    EXPECT_EQ(service->sentinels.addresses,
              (std::vector<SentinelOptions::Address>{{"a", 1}, {"b", 26379}}));
  }
}

TEST(SentinelOptions, TheirCredentialsAreNotTheServers) {
  const Read got = read(R"("redis://u:p@mymaster")",
                        R"({"SENTINELS": [["a", 1]], "PASSWORD": "of-servers", "SENTINEL_KWARGS":
                            {"username": "s", "password": "t", "socket_timeout": 0.1, "ssl": true,
                             "ssl_ca_certs": "/ca", "ssl_cert_reqs": null}})");
  ASSERT_EQ(got.problem, "");
  const SentinelOptions& sentinels = got.plan.servers.at(0).service->sentinels;
  EXPECT_EQ(sentinels.username, "s");
  EXPECT_EQ(sentinels.password, "t");
  ASSERT_TRUE(sentinels.tls.has_value());
  EXPECT_EQ(sentinels.tls->ca_file, "/ca");
  EXPECT_FALSE(sentinels.tls->verify);
  EXPECT_EQ(got.plan.servers.at(0).password, "p");
  const Read without = read(R"("redis://:p@mymaster")", R"({"SENTINELS": [["a", 1]]})");
  EXPECT_EQ(without.plan.servers.at(0).service->sentinels.password, "");
}

TEST(SentinelOptions, ReadsGoToReplicasByTheClientOrByTheUrl) {
  for (const Read& got :
       {read(R"("redis://mymaster/0")",
             R"({"SENTINELS": [["a", 1]], "CLIENT_CLASS": "django_redis.client.SentinelClient",
                 "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
                 "CONNECTION_POOL_CLASS": "redis.sentinel.SentinelConnectionPool"})"),
        read(R"(["redis://mymaster/0?is_master=1", "redis://mymaster/0?is_master=0"])",
             R"({"SENTINELS": [["a", 1]]})")}) {
    ASSERT_EQ(got.problem, "");
    ASSERT_EQ(got.plan.servers.size(), 2u);
    EXPECT_TRUE(got.plan.servers[0].service->primary);
    EXPECT_FALSE(got.plan.servers[1].service->primary);
  }
}

TEST(SentinelOptions, WhatCannotBeSoIsNamed) {
  const char* service = R"("redis://mymaster")";
  EXPECT_THAT(read(service, R"({"SENTINELS": {}})").problem, HasSubstr("a list of [host, port]"));
  EXPECT_THAT(read(service, R"({"SENTINELS": []})").problem, HasSubstr("names no Sentinel"));
  EXPECT_THAT(read(service, R"({"SENTINELS": [["a", 1], ["b", 0]]})").problem,
              HasSubstr("item 2 is no [host, port]"));
  EXPECT_THAT(
      read(service, R"({"SENTINELS": [["a", 1]], "SENTINEL_KWARGS": {"pasword": 1}})").problem,
      HasSubstr("['pasword']: unknown option"));
  EXPECT_THAT(read(service, R"({"CLIENT_CLASS": "django_redis.client.SentinelClient"})").problem,
              HasSubstr("SENTINELS is missing"));
  EXPECT_THAT(read(R"("redis://a?is_master=1")", "{}").problem, HasSubstr("needs SENTINELS"));
  EXPECT_THAT(read(R"("unix:///run/redis.sock")", R"({"SENTINELS": [["a", 1]]})").problem,
              HasSubstr("it names a service"));
  EXPECT_THAT(read(R"("redis://mymaster?is_master=0")", R"({"SENTINELS": [["a", 1]]})").problem,
              HasSubstr("takes all writes"));
}

TEST(SentinelOptions, AreExplainedWithoutSecrets) {
  auto settings = Settings::from_json(R"({"default": {"BACKEND": "django_redis.cache.RedisCache",
      "LOCATION": "rediss://:S3cret@mymaster/2", "OPTIONS": {"SENTINELS": [["a", 1], ["b", 2]],
      "SENTINEL_KWARGS": {"password": "S3cret"},
      "CLIENT_CLASS": "django_redis.client.SentinelClient"}}})");
  ASSERT_TRUE(settings.ok());
  const std::string text = settings->explain("default");
  EXPECT_THAT(text, HasSubstr("server 1: the primary of 'mymaster', database 2, which 2 Sentinels "
                              "know, with a password, TLS"));
  EXPECT_THAT(text, HasSubstr("server 2: a replica of 'mymaster'"));
  EXPECT_THAT(text, testing::Not(HasSubstr("S3cret")));
}

}  // namespace
}  // namespace djcache
