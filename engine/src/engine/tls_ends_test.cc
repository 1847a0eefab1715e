// What other TLS servers do in the middle of a connection: new keys, renegotiation, closing it with
// and without close_notify.
#include "engine/tls_ends_fixture.h"
#include "engine/tls_fixture.h"

namespace djcache {
namespace {

class TlsEnds : public TlsTest {
 protected:
  bool start_openssl(const char* version) {
    end_ = TlsEnd::openssl({authority_->issue(), version});
    return end_ != nullptr;
  }
  std::unique_ptr<TlsEnd> end_;
};

TEST_F(TlsEnds, NewKeysInTheMiddleOfAConnectionAreNotNoticed) {
  if (!start_openssl("TLSv1.3")) GTEST_SKIP() << "no openssl";
  Verbs verbs = this->verbs(settings(end_->url(), trusting()));
  ASSERT_EQ(verbs.get("k"), Value(7));
  for (const std::string command : {"k", "K", "K", "k"}) {  // K wants ours, too
    end_->type(command);
    ASSERT_TRUE(end_->says("SSL_do_handshake -> 1"));
    EXPECT_EQ(verbs.get("k"), Value(7));
  }
  EXPECT_EQ(statistics().connects, 1u);
}

// Of TLS 1.2; an attack once. OpenSSL's server ends a connection that refuses.
TEST_F(TlsEnds, ARenegotiationIsRefused) {
  if (!start_openssl("TLSv1.2")) GTEST_SKIP() << "no openssl";
  Verbs verbs = this->verbs(settings(end_->url(), trusting()));
  ASSERT_EQ(verbs.get("k"), Value(7));
  end_->type("r");
  // The answer to a get of the connection that ends may reach the next one, whose get then fails.
  bool works = false;
  for (int i = 0; i < 1000 && !(works && statistics().connects > 1); ++i) {
    works = verbs.get("k") == Value(7);
  }
  EXPECT_TRUE(works);
  EXPECT_GT(statistics().connects, 1u);
  EXPECT_TRUE(end_->says("no renegotiation"));
}

TEST_F(TlsEnds, AFarewellIsALossAndTheNextConnectionWorks) {
  for (const char* version : {"TLSv1.2", "TLSv1.3"}) {
    if (!start_openssl(version)) GTEST_SKIP() << "no openssl";
    Verbs verbs = this->verbs(settings(end_->url(), trusting()));
    for (std::uint64_t round = 1; round <= 3; ++round) {
      EXPECT_EQ(verbs.get("k"), Value(7));
      EXPECT_EQ(statistics().connects, round);
      end_->type("q");
      ASSERT_TRUE(end_->says("CONNECTION CLOSED"));
    }
    EXPECT_EQ(statistics().connect_failures, 0u);
    disconnect(engine());
  }
}

TEST_F(TlsEnds, AnEndWithoutAFarewellIsALossAsWell) {
  harness::RedisServer& server = tls_server(authority_->issue());
  const harness::Certificate shows = authority_->issue();
  end_ = TlsEnd::stunnel({shows}, server.port());
  if (end_ == nullptr) GTEST_SKIP() << "no stunnel";
  CacheSettings through = settings(end_->url(), trusting());
  through.options.command_limit = 300ms;
  Verbs verbs = this->verbs(through);
  ASSERT_EQ(verbs.set("k", 1), worked);
  end_->kill9();
  EXPECT_EQ(verbs.get("k"), Errc::connect_failed) << "nobody is there any more";
  // The server closes: stunnel says farewell for it.
  end_ = TlsEnd::stunnel({shows}, server.port());
  ASSERT_NE(end_, nullptr);
  Verbs again = this->verbs(settings(end_->url(), trusting()));
  ASSERT_EQ(again.get("k"), 1);
  const auto killer = inspect(server.endpoint());
  killer->command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(again.get("k"), 1);
  EXPECT_EQ(statistics().connects, 2u);
}

}  // namespace
}  // namespace djcache
