// OpenSSL alone: a client and a server in one process, whose records pass through memory. Only the
// client is counted, with a BIO over the caller's buffers, which is as cheap as one can be.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace djcache::bench {

// What one client or server reads and writes instead of a socket.
struct Records {
  std::string_view input{};
  std::string output{};
};

class Bare {
 public:
  // Both have shaken hands, and the tickets are read. Empty failure(): it worked.
  Bare();
  ~Bare();
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  // `rounds` times the client writes a request and reads an answer, of so many bytes. Counts the
  // instructions of the client.
  void count(int rounds, std::size_t request, std::size_t answer);
  const std::string& failure() const { return failure_; }

 private:
  using Owner = std::unique_ptr<SSL, void (*)(SSL*)>;
  void shake_hands();
  // Reads `size` bytes, record by record, as far as the room goes.
  bool read(SSL* from, std::size_t size);
  bool pass(Records& from, Records& to);

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> client_context_, server_context_;
  Records client_records_, server_records_;
  Owner client_, server_;
  std::string passing_, room_;
  std::string failure_;
};

}  // namespace djcache::bench
