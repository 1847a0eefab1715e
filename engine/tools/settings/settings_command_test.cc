// Tests of djcache-settings as users and CI run it, with a real redis-server.
#include <djcache/harness/certificates.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>
#include <djcache/harness/sentinel_group.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace djcache {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct Ran {
  int code = -1;
  std::string said;  // stdout and stderr
};

Ran run(const std::string& arguments) {
  Ran ran;
  const std::string command = "'" DJCACHE_SETTINGS_PROGRAM "' " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, pipe)) {
    ran.said.append(buffer, got);
  }
  ran.code = WEXITSTATUS(::pclose(pipe));
  return ran;
}

class SettingsCommand : public testing::Test {
 protected:
  SettingsCommand() {
    std::string name = (fs::temp_directory_path() / "djcache-settings-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~SettingsCommand() override { fs::remove_all(folder_); }

  std::string file(const std::string& json) {
    const fs::path path = folder_ / "caches.json";
    std::ofstream(path) << json;
    return "'" + path.string() + "'";
  }
  std::string file_with(const std::string& location) {
    return file(
        R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ")" +
        location + "\"}}");
  }

 private:
  fs::path folder_;
};

TEST_F(SettingsCommand, SaysWhatAnAliasResolvesToWithoutItsPassword) {
  const Ran ran = run(file(R"({"default": {"BACKEND": "django_redis.cache.RedisCache",
      "LOCATION": "redis://app:S3cret@cache:7000/2", "KEY_PREFIX": "shop", "TIMEOUT": 60,
      "OPTIONS": {"SOCKET_TIMEOUT": 1.5, "db": 9,
                  "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"}},
      "local": {"BACKEND": "memory"}})"));
  EXPECT_EQ(ran.code, 0) << ran.said;
  EXPECT_THAT(ran.said, AllOf(HasSubstr("cache:7000/2, user 'app', with a password"),
                              HasSubstr("1.5 s an operation"), HasSubstr("'shop:1:<key>'"),
                              HasSubstr("pickle, compressed by zlib"), HasSubstr("timeout: 60 s"),
                              HasSubstr("warning: CACHES['default']['OPTIONS']['db']"),
                              HasSubstr("CACHES['local']: memory"), Not(HasSubstr("S3cret"))));
}

TEST_F(SettingsCommand, EndsWithOneWhereAnAliasDoesNotWorkAndWithTwoWhenItIsCalledWrongly) {
  const std::string mixed = file(R"({"default": {"BACKEND": "redis", "LOCATION": "redis://a"},
      "files": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache"}})");
  const Ran all = run(mixed);
  EXPECT_EQ(all.code, 1);
  EXPECT_THAT(all.said, HasSubstr("error: CACHES['files']['BACKEND']: a cache in files"));
  EXPECT_EQ(run(mixed + " default").code, 0);
  EXPECT_EQ(run(mixed + " absent").code, 1);
  EXPECT_EQ(run("/no/such/file").code, 1);
  EXPECT_EQ(run("").code, 2);
  EXPECT_EQ(run("--nonsense x").code, 2);
}

TEST_F(SettingsCommand, KnowsAClassOfTheProjectThatIsNamed) {
  const std::string own =
      file(R"({"default": {"BACKEND": "shop.Cache", "LOCATION": "redis://a"}})");
  EXPECT_EQ(run(own).code, 1);
  EXPECT_EQ(run("--backend shop.Cache=django_redis.cache.RedisCache " + own).code, 0);
}

class Probe : public SettingsCommand {
 protected:
  void start(harness::RedisServerOptions options = {}) {
    auto started = harness::RedisServer::start(std::move(options));
    ASSERT_TRUE(started) << started.problem;
    server_ = std::move(started.value);
  }
  std::unique_ptr<harness::RedisServer> server_;
};

TEST_F(Probe, TellsServerAndVerbsAndChangesNothing) {
  start({.password = "S3cret"});
  auto inspector = harness::Inspector::open(server_->endpoint());
  ASSERT_TRUE(inspector) << inspector.problem;
  inspector->command({"SET", "mine", "1"});
  const Ran ran = run("--probe " + file_with(server_->url()));
  EXPECT_EQ(ran.code, 0) << ran.said;
  EXPECT_THAT(ran.said,
              AllOf(HasSubstr("server 1: connected, redis "), HasSubstr(" ms a round trip"),
                    HasSubstr("may run them all"), Not(HasSubstr("S3cret"))));
  EXPECT_EQ(inspector->dbsize(), 1);
  EXPECT_EQ(inspector->commandstats("flushdb").value_or(0), 0);
}

TEST_F(Probe, NamesTheVerbsThatTheUserMayNotRun) {
  const harness::AclUser app{"app", "S3cret", "~* -@all +multi +exec +get +mget +ping"};
  start({.users = {app}});
  const Ran ran = run("--probe " + file_with(server_->url_as(app)));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.said, AllOf(HasSubstr("may not: clear: "), HasSubstr("may not: set, set_many: "),
                              Not(HasSubstr("may not: get")), Not(HasSubstr("S3cret"))));
}

TEST_F(Probe, OfAServerThatCannotBeReachedSaysWhy) {
  const Ran ran = run("--probe " + file_with("redis://127.0.0.1:1/0"));
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.said, HasSubstr("server 1: connect_failed"));
}

TEST_F(Probe, OfAServiceGoesWhereItsSentinelsSay) {
  const auto group = harness::SentinelGroup::start({.sentinels = 1, .quorum = 1});
  ASSERT_TRUE(group) << group.problem;
  const auto probe = [&](const std::string& service) {
    return run(
        "--probe " +
        file(R"({"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://)" +
             service + R"(/0", "OPTIONS": {"SENTINELS": [["127.0.0.1", )" +
             std::to_string(group->sentinel(0).port()) + "]]}}}"));
  };
  const Ran ran = probe("mymaster");
  EXPECT_EQ(ran.code, 0) << ran.said;
  EXPECT_THAT(ran.said,
              AllOf(HasSubstr("server 1: connected, redis "), HasSubstr("may run them all")));
  const Ran unknown = probe("nobody");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.said,
              AllOf(HasSubstr("server 1: no_primary"), HasSubstr("knows no service 'nobody'")));
}

#ifdef DJCACHE_SETTINGS_WITH_TLS
class ProbeOverTls : public Probe {
 protected:
  // Probes with these OPTIONS, given as the members of a JSON object.
  Ran probe(const std::string& options) {
    return run(
        "--probe " +
        file(
            R"({"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ")" +
            server_->tls_url() + R"(", "OPTIONS": {)" + options + "}}}"));
  }
  std::string trusted() { return "\"ssl_ca_certs\": \"" + authority_->ca_file() + '"'; }
  harness::Opened<harness::CertificateAuthority> authority_ = harness::CertificateAuthority::make();
};

TEST_F(ProbeOverTls, TellsWhoIsThereAndHowTheConnectionIsEncrypted) {
  start({.tls = authority_->issue({.valid_to = std::chrono::hours(24 * 30 + 1)}),
         .extra_config = {"tls-protocols TLSv1.2"}});
  const Ran ran = probe(trusted());
  EXPECT_EQ(ran.code, 0) << ran.said;
  EXPECT_THAT(ran.said, AllOf(HasSubstr("TLS: TLSv1.2, ECDHE-ECDSA-"), HasSubstr(", 30 days left"),
                              HasSubstr("certificate for '127.0.0.1', which was checked, issued by "
                                        "'djcache test authority")));
  const Ran lax = probe(trusted() + R"(, "ssl_check_hostname": false)");
  EXPECT_EQ(lax.code, 0) << lax.said;
  EXPECT_THAT(lax.said, HasSubstr("certificate whatever its name, issued by 'djcache test"));
  const Ran blind = probe(R"("ssl_cert_reqs": "none")");
  EXPECT_EQ(blind.code, 0) << blind.said;
  EXPECT_THAT(blind.said, HasSubstr("(which nobody verified), 30 days left"));
}

TEST_F(ProbeOverTls, SaysInTheWordsOfTheErrorWhatIsWrong) {
  start({.tls = authority_->issue({.addresses = {"127.0.0.9"}})});
  const Ran name = probe(trusted());
  EXPECT_EQ(name.code, 1);
  EXPECT_THAT(name.said, AllOf(HasSubstr("server 1: tls_failed"),
                               HasSubstr("the server's certificate is not for '127.0.0.1'")));
  EXPECT_THAT(probe("").said, HasSubstr("comes from an authority that is not trusted"));
  EXPECT_THAT(probe(R"("ssl_ca_certs": "/nowhere/ca.pem")").said,
              HasSubstr("ssl_ca_certs: No such file or directory"));
}
#endif

}  // namespace
}  // namespace djcache
