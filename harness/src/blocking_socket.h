// A blocking stream socket; every call ends by a deadline. Bytes only, independent of RESP.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "deadline.h"

#include <djcache/harness/outcome.h>

namespace djcache::harness {

class BlockingSocket {
 public:
  BlockingSocket() = default;
  ~BlockingSocket() { close(); }
  BlockingSocket(const BlockingSocket&) = delete;
  BlockingSocket& operator=(const BlockingSocket&) = delete;

  // `host` is an address or a name, resolved by getaddrinfo(), which the deadline does not cover.
  Outcome connect_tcp(const std::string& host, std::uint16_t port, const Deadline& deadline);
  Outcome connect_unix(const std::string& path, const Deadline& deadline);

  Outcome send_all(std::string_view bytes, const Deadline& deadline);
  // Appends the available bytes, waiting for at least one.
  Outcome receive_some(std::string& into, const Deadline& deadline);

  bool is_open() const { return fd_ >= 0; }
  // True if the other side has closed the connection or sent unexpected bytes.
  bool stale() const;
  void close();

 private:
  Outcome connect_to(const sockaddr* address, socklen_t size, const std::string& name,
                     const Deadline& deadline);
  Outcome wait_for(short events, const Deadline& deadline) const;

  int fd_ = -1;
};

}  // namespace djcache::harness
