// OpenSSL alone: a client and a server in one process that exchange records through memory. Only
// the client is counted. Its BIO uses memory buffers directly, which is the cheapest kind.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace djcache::bench {

// The buffers that a client or server uses instead of a socket.
struct Records {
  std::string_view input{};
  std::string output{};
};

class Bare {
 public:
  // Completes the handshake and reads the session tickets. After an error failure() is not empty.
  Bare();
  ~Bare();
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  // `rounds` times, the client writes `request` bytes and reads an answer of `answer` bytes. Counts
  // the instructions of the client.
  void count(int rounds, std::size_t request, std::size_t answer);
  const std::string& failure() const { return failure_; }

 private:
  using Owner = std::unique_ptr<SSL, void (*)(SSL*)>;
  void shake_hands();
  // Reads `size` bytes, and overwrites the buffer from its start whenever it is full.
  bool read(SSL* from, std::size_t size);
  bool pass(Records& from, Records& to);

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> client_context_, server_context_;
  Records client_records_, server_records_;
  Owner client_, server_;
  std::string passing_, room_;
  std::string failure_;
};

}  // namespace djcache::bench
