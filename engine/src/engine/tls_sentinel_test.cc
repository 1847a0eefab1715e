// A service of which the servers and the Sentinels speak TLS.
#include <djcache/harness/certificates.h>

#include "engine/sentinel_fixture.h"

namespace djcache {
namespace {

class TlsSentinels : public Sentinels {
 protected:
  void SetUp() override {
    Sentinels::SetUp();
    ASSERT_TRUE(authority_) << authority_.problem;
  }
  harness::SentinelGroup& encrypted() {
    return group({.down_after = 500ms, .tls = authority_->issue()});
  }
  CacheSettings trusting(harness::SentinelGroup& group, const std::string& ca_file) {
    CacheSettings with = settings(group);
    with.location = {"rediss://" + group.service() + "/0"};
    with.options.tls = TlsOptions{.ca_file = ca_file};
    with.options.sentinel->tls = TlsOptions{.ca_file = ca_file};
    return with;
  }

  harness::Opened<harness::CertificateAuthority> authority_ = harness::CertificateAuthority::make();
};

TEST_F(TlsSentinels, EveryConnectionIsEncrypted) {
  auto& group = encrypted();
  Verbs verbs = this->verbs(trusting(group, authority_->ca_file()));
  ASSERT_EQ(verbs.set("k", 1), worked);
  EXPECT_EQ(verbs.get("k"), 1);
  for (Pool& pool : engine().pools()) {
    const PoolInfo info = pool.info();
    EXPECT_TRUE(info.connections == 0 || info.tls.has_value()) << info.endpoint;
  }
  EXPECT_EQ(inspect(group.server(0).endpoint())->type(":1:k"), "string");
}

TEST_F(TlsSentinels, AFailoverIsFollowed) {
  auto& group = encrypted();
  Verbs verbs = this->verbs(trusting(group, authority_->ca_file()));
  ASSERT_EQ(verbs.set("k", 1), worked);
  harness::RedisServer& before = group.server(0);
  before.kill9();
  EXPECT_TRUE(in_time([&] { return verbs.set("k", 2) == worked; }));
  ASSERT_TRUE(group.wait_for_switch(before.tls_port()));
  EXPECT_EQ(inspect(group.primary()->endpoint())->type(":1:k"), "string");
}

TEST_F(TlsSentinels, ASentinelThatCannotBeVerifiedIsNotBelieved) {
  auto& group = encrypted();
  const auto other = harness::CertificateAuthority::make();
  ASSERT_TRUE(other) << other.problem;
  CacheSettings with = trusting(group, authority_->ca_file());
  with.options.sentinel->tls->ca_file = other->ca_file();
  const auto refused = this->verbs(with).set("k", 1);
  ASSERT_EQ(refused, Errc::no_primary);
  EXPECT_THAT(refused.error().detail, HasSubstr("certificate"));
}

TEST_F(TlsSentinels, AServerThatCannotBeVerifiedIsNotUsed) {
  auto& group = encrypted();
  const auto other = harness::CertificateAuthority::make();
  ASSERT_TRUE(other) << other.problem;
  CacheSettings with = trusting(group, authority_->ca_file());
  with.options.tls->ca_file = other->ca_file();
  EXPECT_EQ(this->verbs(with).set("k", 1), Errc::tls_failed);
}

}  // namespace
}  // namespace djcache
