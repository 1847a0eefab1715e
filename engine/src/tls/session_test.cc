// Tests Session with a server of OpenSSL, in memory, with bytes that arrive in pieces of any size.
#include "tls/session.h"

#include <djcache/harness/certificates.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <fstream>
#include <string>

#include "tls/context.h"
#include "tls/server_fixture.h"

namespace djcache::tls {
namespace {

using Status = Session::Status;

// A client and a server that are connected; bytes pass between them `step` at a time.
class Pair {
 public:
  Pair(Context& client, Server& server, std::size_t step = SIZE_MAX)
      : session(client.session("127.0.0.1")),
        ssl_(SSL_new(server.context.get()), &SSL_free),
        step_(step) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(ssl_.get());
  }
  // The result of the client's handshake.
  Status handshake() {
    for (int i = 0; i < 100'000; ++i) {
      const Status status = session->handshake();
      to_server();
      SSL_do_handshake(ssl());
      if (status != Status::wants_input) return status;
      feed();
    }
    return Status::wants_input;
  }
  // What the client reads until there is nothing more.
  std::string read() {
    std::string all;
    std::string room(1 << 20, '\0');
    while (true) {
      std::size_t size = 0;
      last = session->read(room.data(), room.size(), size);
      to_server();
      all.append(room, 0, size);
      if (last != Status::wants_input || !feed()) return all;
    }
  }
  std::string server_reads() {
    to_server();
    std::string all;
    char room[4096];
    for (int size; (size = SSL_read(ssl(), room, sizeof room)) > 0;) {
      all.append(room, static_cast<std::size_t>(size));
    }
    return all;
  }
  void server_writes(const std::string& text) {
    ASSERT_EQ(SSL_write(ssl(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  // The next bytes from the server; false: none.
  bool feed() {
    if (from_server_.empty()) {
      char room[65536];
      const int size = BIO_read(SSL_get_wbio(ssl()), room, sizeof room);
      if (size <= 0) return false;
      from_server_.assign(room, static_cast<std::size_t>(size));
    }
    fed_ = from_server_.substr(0, step_);
    from_server_.erase(0, fed_.size());
    if (spoil && fed_.size() > 20) fed_.back() = static_cast<char>(fed_.back() ^ 1);
    session->feed(fed_);
    return true;
  }
  void to_server() {
    const std::string_view output = session->output();
    BIO_write(SSL_get_rbio(ssl()), output.data(), static_cast<int>(output.size()));
    session->sent(output.size());
  }
  SSL* ssl() { return ssl_.get(); }

  std::unique_ptr<Session> session;
  Status last = Status::done;
  bool spoil = false;

 private:
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::size_t step_;
  std::string from_server_, fed_;
};

struct Sessions : testing::Test {
  void SetUp() override {
    ASSERT_NE(authority.value, nullptr) << authority.problem;
    options.ca_file = authority->ca_file();
  }
  std::shared_ptr<Context> context() {
    auto made = Context::make(options);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().detail);
    return made.ok() ? *made : nullptr;
  }
  harness::Opened<harness::CertificateAuthority> authority = harness::CertificateAuthority::make();
  TlsOptions options;
};

TEST_F(Sessions, BytesMayComeInPiecesOfAnySize) {
  Server server(authority->issue());
  const auto client = context();
  std::string text(70'000, '.');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 23);
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{1000},
                                 std::size_t{16'405}, SIZE_MAX}) {
    SCOPED_TRACE(step);
    Pair pair(*client, server, step);
    ASSERT_EQ(pair.handshake(), Status::done) << pair.session->failure();
    ASSERT_EQ(pair.session->write("PING"), Status::done);
    EXPECT_EQ(pair.server_reads(), "PING");
    pair.server_writes(text);
    EXPECT_EQ(pair.read(), text);
    ASSERT_EQ(pair.session->write(text), Status::done);
    EXPECT_EQ(pair.server_reads(), text);
  }
}

TEST_F(Sessions, ReadGivesNoMoreThanThereIsRoomFor) {
  Server server(authority->issue());
  const auto client = context();
  Pair pair(*client, server);
  ASSERT_EQ(pair.handshake(), Status::done);
  (void)pair.read();
  pair.server_writes("0123456789");
  ASSERT_TRUE(pair.feed());
  char room[4];
  std::string all;
  for (std::size_t size = 0;
       pair.session->read(room, sizeof room, size) == Status::done || size > 0;) {
    EXPECT_LE(size, sizeof room);
    all.append(room, size);
    if (size < sizeof room) break;
  }
  EXPECT_EQ(all, "0123456789");
}

TEST_F(Sessions, ASpoiledByteIsAFailureAndNoData) {
  Server server(authority->issue());
  const auto client = context();
  Pair pair(*client, server);
  ASSERT_EQ(pair.handshake(), Status::done);
  (void)pair.read();
  pair.server_writes("secret");
  pair.spoil = true;
  EXPECT_EQ(pair.read(), "");
  EXPECT_EQ(pair.last, Status::failed);
  EXPECT_NE(pair.session->failure().find("TLS failed: "), std::string::npos);
}

// Other code in this thread uses OpenSSL, too.
TEST_F(Sessions, ErrorsThatOthersLeftBehindAreNotOurs) {
  Server server(authority->issue());
  const auto client = context();
  const auto leave_behind = [] { ERR_raise(ERR_LIB_USER, 77); };
  leave_behind();
  Pair pair(*client, server, 7);
  ASSERT_EQ(pair.handshake(), Status::done) << pair.session->failure();
  leave_behind();
  pair.server_writes("text");
  EXPECT_EQ(pair.read(), "text");
  ASSERT_EQ(pair.session->write("PING"), Status::done);
  EXPECT_EQ(pair.server_reads(), "PING");
  leave_behind();
  SSL_shutdown(pair.ssl());
  EXPECT_EQ(pair.read(), "");
  EXPECT_EQ(pair.last, Status::ended) << pair.session->failure();

  Pair spoiled(*client, server);
  ASSERT_EQ(spoiled.handshake(), Status::done);
  (void)spoiled.read();
  spoiled.server_writes("text");
  spoiled.spoil = true;
  leave_behind();
  EXPECT_EQ(spoiled.read(), "");
  EXPECT_EQ(spoiled.session->failure(), "TLS failed: decryption failed or bad record mac");
  ERR_clear_error();
}

TEST_F(Sessions, NewKeysAreTakenAndAnswered) {
  Server server(authority->issue());
  const auto client = context();
  Pair pair(*client, server);
  ASSERT_EQ(pair.handshake(), Status::done);
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(SSL_key_update(pair.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    pair.server_writes("after");
    EXPECT_EQ(pair.read(), "after");
    ASSERT_EQ(pair.session->write("too"), Status::done);
    EXPECT_EQ(pair.server_reads(), "too");
  }
}

TEST_F(Sessions, AFarewellAndAnEndWithoutOneAreBothTheEnd) {
  Server server(authority->issue());
  const auto client = context();
  for (const bool farewell : {true, false}) {
    Pair pair(*client, server);
    ASSERT_EQ(pair.handshake(), Status::done);
    if (farewell) SSL_shutdown(pair.ssl());
    EXPECT_EQ(pair.read(), "");
    if (!farewell) {
      pair.session->feed_end();
      EXPECT_EQ(pair.read(), "");
    }
    EXPECT_EQ(pair.last, Status::ended);
    EXPECT_EQ(pair.session->failure(), "");
  }
}

TEST_F(Sessions, TheNextConnectionResumes) {
  Server server(authority->issue());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(server.context.get(), version);
    const auto client = context();
    for (const bool resumes : {false, true, true}) {
      Pair pair(*client, server);
      ASSERT_EQ(pair.handshake(), Status::done);
      (void)pair.read();  // tickets
      EXPECT_EQ(SSL_session_reused(pair.ssl()), resumes ? 1 : 0) << version;
    }
    // The trusted authorities may have changed.
    ASSERT_TRUE(client->reload().ok());
    Pair pair(*client, server);
    ASSERT_EQ(pair.handshake(), Status::done);
    EXPECT_EQ(SSL_session_reused(pair.ssl()), 0) << version;
  }
}

TEST_F(Sessions, AServerThatForgotTheSessionMakesANewOne) {
  const auto client = context();
  const harness::Certificate shows = authority->issue();
  for (int i = 0; i < 3; ++i) {
    Server server(shows);
    Pair pair(*client, server);
    EXPECT_EQ(pair.handshake(), Status::done);
    (void)pair.read();
    EXPECT_EQ(SSL_session_reused(pair.ssl()), 0);
  }
}

TEST_F(Sessions, AFileThatChangesCountsForTheNextConnection) {
  Server known(authority->issue());
  const auto other = harness::CertificateAuthority::make();
  Server unknown(other->issue());
  options.ca_file = authority->folder() + "/trusted.pem";
  const auto copy = [&](const std::string& from) {
    std::ofstream(options.ca_file) << std::ifstream(from).rdbuf() << '\n' << from;
  };
  copy(authority->ca_file());
  const auto client = context();
  EXPECT_EQ(Pair(*client, known).handshake(), Status::done);
  EXPECT_EQ(Pair(*client, unknown).handshake(), Status::failed);
  copy(other->ca_file());
  EXPECT_EQ(Pair(*client, unknown).handshake(), Status::done);
  EXPECT_EQ(Pair(*client, known).handshake(), Status::failed);
  // Half written: what was read before stays in use.
  std::ofstream(options.ca_file) << "-----BEGIN";
  EXPECT_EQ(Pair(*client, unknown).handshake(), Status::done);
  EXPECT_FALSE(client->reload().ok());
  EXPECT_EQ(Pair(*client, unknown).handshake(), Status::done);
}

TEST_F(Sessions, OptionsThatCannotBeUsedAreNamed) {
  const auto problem = [&](auto TlsOptions::*field, auto value) {
    TlsOptions wrong = options;
    wrong.*field = value;
    auto made = Context::make(wrong);
    return made.ok() ? "worked" : made.error().detail.substr(0, made.error().detail.find(':'));
  };
  EXPECT_EQ(problem(&TlsOptions::ca_file, "/nowhere/ca.pem"), "ssl_ca_certs");
  EXPECT_EQ(problem(&TlsOptions::ca_path, "/nowhere"), "ssl_ca_path");
  EXPECT_EQ(problem(&TlsOptions::ca_data, "no certificate"), "ssl_ca_data");
  EXPECT_EQ(problem(&TlsOptions::crl_file, "/nowhere/crl.pem"), "tls_crl_file");
  EXPECT_EQ(problem(&TlsOptions::cert_file, "/nowhere/cert.pem"), "ssl_certfile");
  EXPECT_EQ(problem(&TlsOptions::ciphers, "NONE-SUCH"), "ssl_ciphers");
  options.cert_file = authority->issue().cert_file;
  EXPECT_EQ(problem(&TlsOptions::key_file, "/nowhere/key.pem"), "ssl_keyfile");
  EXPECT_EQ(problem(&TlsOptions::key_file, authority->issue().key_file), "ssl_keyfile")
      << "another's";
  const auto locked = authority->issue({.key_password = "S3cret"});
  options.cert_file = locked.cert_file;
  options.key_file = locked.key_file;
  EXPECT_EQ(problem(&TlsOptions::key_password, "wrong"), "ssl_keyfile");
  EXPECT_EQ(problem(&TlsOptions::key_password, "S3cret"), "worked");
}

}  // namespace
}  // namespace djcache::tls
