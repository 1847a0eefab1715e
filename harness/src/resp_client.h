// The blocking RESP client of Inspector, CommandLog and the start of servers. One connection, one
// request at a time, every call with a limit. Knows no commands except those of its own opening.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "blocking_socket.h"
#include "deadline.h"

#include <djcache/harness/endpoint.h>
#include <djcache/harness/outcome.h>
#include <djcache/harness/reply.h>

namespace djcache::harness {

class RespClient {
 public:
  // Connects, and sends AUTH when the endpoint has a password.
  Outcome connect(const Endpoint& endpoint, const Deadline& deadline);
  // After connect: the harness' client name, and the endpoint's db.
  Outcome introduce(const Endpoint& endpoint, const Deadline& deadline);

  // A failed call closes the connection: its reply could otherwise be taken for the next one.
  Reply call(const std::vector<std::string>& words, const Deadline& deadline);
  // The next reply, for connections where the server speaks unasked (MONITOR).
  Reply next(const Deadline& deadline);

  bool is_open() const { return socket_.is_open(); }
  // Also if unexpected bytes have arrived.
  bool stale() const { return !socket_.is_open() || !buffer_.empty() || socket_.stale(); }
  void close();

 private:
  Reply fail(std::string why);

  BlockingSocket socket_;
  std::string buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace djcache::harness
