// TlsTransport over a pair of sockets, with OpenSSL's own server at the other end.
#include "net/tls_transport.h"

#include <djcache/harness/certificates.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <vector>

#include "tls/server_fixture.h"

namespace djcache::net {
namespace {

class TlsTransports : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(authority_.value, nullptr) << authority_.problem;
    auto context = tls::Context::make({.ca_file = authority_->ca_file()});
    ASSERT_TRUE(context.ok());
    transport_ = std::make_unique<TlsTransport>(*context);
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets_), 0);
    server_ = std::make_unique<tls::ServerEnd>(tls_, sockets_[1]);
    transport_->meet("127.0.0.1");
    int client = -1;
    bool shaken = false;
    for (int i = 0; i < 10 && (client != 0 || !shaken); ++i) {
      client = transport_->start(sockets_[0]);
      shaken = server_->handshake();
    }
    ASSERT_EQ(client, 0) << transport_->failure();
    ASSERT_EQ(read(), UV_EAGAIN) << "tickets are no data";
  }
  void TearDown() override {
    for (const int socket : sockets_) ::close(socket);
  }
  // What the client reads; its text is in `got_`.
  ssize_t read() {
    const ssize_t size = transport_->read(room_.data(), room_.size());
    got_.assign(room_.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return size;
  }
  // As they are.
  void to_client(std::string_view bytes) {
    ASSERT_EQ(::write(sockets_[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  harness::Opened<harness::CertificateAuthority> authority_ = harness::CertificateAuthority::make();
  tls::Server tls_{authority_.value != nullptr ? authority_->issue() : harness::Certificate()};
  std::unique_ptr<tls::ServerEnd> server_;
  std::unique_ptr<TlsTransport> transport_;
  int sockets_[2] = {-1, -1};
  std::vector<char> room_ = std::vector<char>(256 * 1024);
  std::string got_;
};

TEST_F(TlsTransports, AnEndIsToldAfterWhatCameBeforeItAndStays) {
  ASSERT_TRUE(server_->write("last words"));
  server_->say_farewell();
  EXPECT_EQ(read(), 10);
  EXPECT_EQ(got_, "last words");
  EXPECT_TRUE(transport_->pending()) << "the end is still to be told, though nothing more comes";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read(), 0);
    EXPECT_TRUE(transport_->pending());
    to_client(std::string(100, '\x17'));  // what comes after it is nobody's
  }
  EXPECT_EQ(transport_->failure(), "");
}

TEST_F(TlsTransports, AFailureIsToldAfterWhatCameBeforeItAndStays) {
  ASSERT_TRUE(server_->write("last words"));
  to_client("HTTP/1.1 400 Bad Request\r\n\r\n");
  EXPECT_EQ(read(), 10);
  EXPECT_EQ(got_, "last words");
  EXPECT_TRUE(transport_->pending());
  ASSERT_TRUE(server_->write("more"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read(), UV_EPROTO);
  EXPECT_EQ(got_, "");
  EXPECT_NE(transport_->failure(), "");
}

TEST_F(TlsTransports, TheEndOfTheStreamWithoutAFarewellIsAnEnd) {
  ::shutdown(sockets_[1], SHUT_WR);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read(), 0);
  EXPECT_EQ(transport_->failure(), "");
}

}  // namespace
}  // namespace djcache::net
