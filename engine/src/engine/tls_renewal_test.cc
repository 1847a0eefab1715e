// What changes while a program runs: certificates, and the tokens of cloud logins.
#include <filesystem>

#include "engine/tls_fixture.h"

namespace djcache {
namespace {

namespace fs = std::filesystem;

class TlsRenewal : public TlsTest {
 protected:
  // A copy in the folder of the authority, which the tests change.
  std::string copy_of(const std::string& file) {
    const std::string copy =
        authority_->folder() + "/copy-of-" + fs::path(file).filename().string();
    replace(copy, file);
    return copy;
  }
  static void replace(const std::string& copy, const std::string& by) {
    fs::copy_file(by, copy, fs::copy_options::overwrite_existing);
    fs::last_write_time(copy, fs::last_write_time(copy) + ++touched * 1s);  // whatever its size
  }
  // Attempts that began before may fail for what has changed since.
  static bool works_in_the_end(Verbs& verbs) {
    for (int i = 0; i < 20; ++i) {
      if (verbs.get("k").ok()) return true;
    }
    return false;
  }
  static inline int touched = 0;
};

// A connection authenticates first of all and is replaced in time; no AUTH is sent later.
TEST_F(TlsRenewal, ATokenIsAskedForEachConnectionAndNeverSentInTheMiddle) {
  harness::RedisServer& server =
      own_server({.users = {{"app", "token-0", "~* &* +@all"}}, .tls = authority_->issue()});
  const auto admin = inspect(server.endpoint());
  int asked = 0;
  CacheSettings settings = this->settings(server.tls_url(), trusting());
  settings.credentials = [&](std::string_view) -> Result<Credentials> {
    const std::string token = "token-" + std::to_string(asked);
    ++asked;
    return Credentials{"app", token, 1s};
  };
  Verbs verbs = this->verbs(settings);
  ASSERT_EQ(verbs.set("a", 1, {.ttl = forever}), worked);
  for (std::uint64_t connects = 1; connects < 4 && !HasFailure(); ++connects) {
    // Those of the old token go, as with a provider that ends it.
    const std::string next = ">token-" + std::to_string(connects);
    ASSERT_EQ(admin->command({"ACL", "SETUSER", "app", "resetpass", next}).text, "OK");
    while (statistics().connects == connects && !HasFailure()) EXPECT_EQ(verbs.get("a"), Value(1));
  }
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(admin->commandstats("auth"), 4) << "one for each connection";
  EXPECT_EQ(statistics().connect_failures, 0u);
  EXPECT_EQ(statistics().retries, 0u);
}

TEST_F(TlsRenewal, AServerThatIsNotTheRightOneLearnsNoToken) {
  int asked = 0;
  for (const bool right : {false, true}) {
    harness::RedisServer& server =
        tls_server(authority_->issue({.addresses = {right ? "127.0.0.1" : "127.0.0.9"}}));
    CacheSettings settings = this->settings(server.tls_url(), trusting());
    settings.credentials = [&](std::string_view) -> Result<Credentials> {
      ++asked;
      return Credentials{"default", "token", {}};
    };
    const auto got = verbs(settings).get("a");
    EXPECT_EQ(got.ok(), right) << detail_of(got);
    EXPECT_EQ(got == Errc::tls_failed, !right);
    EXPECT_EQ(asked, right ? 1 : 0);
  }
}

TEST_F(TlsRenewal, AFileThatHasChangedCountsForTheNextConnection) {
  const auto other = harness::CertificateAuthority::make();
  harness::RedisServer& server = tls_server(other->issue());
  const std::string trusted = copy_of(authority_->ca_file());
  Verbs verbs = this->verbs(settings(server.tls_url(), {.ca_file = trusted}));
  EXPECT_EQ(verbs.get("k"), Errc::tls_failed);
  replace(trusted, other->ca_file());
  EXPECT_TRUE(works_in_the_end(verbs));
}

// A client certificate that is renewed: the server's view of it, too.
TEST_F(TlsRenewal, ReloadTlsReadsAllFilesAndSaysWhichCannotBeUsed) {
  const auto other = harness::CertificateAuthority::make();
  harness::RedisServer& server = tls_server(authority_->issue(), {}, "yes");
  const harness::Certificate strange = other->issue(), ours = authority_->issue();
  TlsOptions tls = trusting();
  tls.cert_file = copy_of(strange.cert_file);
  tls.key_file = copy_of(strange.key_file);
  Verbs verbs = this->verbs(settings(server.tls_url(), tls));
  EXPECT_EQ(verbs.get("k"), Errc::tls_failed);
  replace(tls.cert_file, ours.cert_file);  // and not yet the key
  const auto half = engine().reload_tls();
  ASSERT_EQ(half, Errc::invalid_settings);
  EXPECT_THAT(half.error().detail, HasSubstr("ssl_keyfile"));
  EXPECT_THAT(verbs.get("k").error().detail, HasSubstr("client certificate"))
      << "the last good ones are kept";
  replace(tls.key_file, ours.key_file);
  EXPECT_EQ(engine().reload_tls(), worked);
  EXPECT_TRUE(works_in_the_end(verbs));
  EXPECT_EQ(disconnect(engine()).connections, 1u);
  EXPECT_TRUE(verbs.get("k").ok());
}

}  // namespace
}  // namespace djcache
