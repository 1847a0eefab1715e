// A TLS server made of OpenSSL alone, for tests of the client.
#pragma once

#include <djcache/harness/certificates.h>
#include <openssl/ssl.h>

#include <memory>
#include <string_view>

namespace djcache::tls {

struct Server {
  explicit Server(const harness::Certificate& shows)
      : context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
    SSL_CTX_use_certificate_file(context.get(), shows.cert_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), shows.key_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
  }
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context;
};

// One connection of the server, over a socket.
class ServerEnd {
 public:
  ServerEnd(Server& server, int socket) : ssl_(SSL_new(server.context.get()), &SSL_free) {
    SSL_set_fd(ssl_.get(), socket);
    SSL_set_accept_state(ssl_.get());
  }
  // True once the handshake is done.
  bool handshake() { return SSL_do_handshake(ssl_.get()) == 1; }
  bool write(std::string_view text) {
    const int size = static_cast<int>(text.size());
    return SSL_write(ssl_.get(), text.data(), size) == size;
  }
  void say_farewell() { SSL_shutdown(ssl_.get()); }

 private:
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
};

}  // namespace djcache::tls
