// The blocking RESP client of Inspector, CommandLog and server start-up. One connection, one
// request at a time, every call with a limit. Knows no commands except those that open a
// connection.
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
  // Connects, and sends AUTH if the endpoint has a user or a password.
  Outcome connect(const Endpoint& endpoint, const Deadline& deadline);
  // After connect: sets the harness' client name and selects the endpoint's db.
  Outcome introduce(const Endpoint& endpoint, const Deadline& deadline);

  // A failed call closes the connection: a late reply could otherwise be taken for the next one.
  Reply call(const std::vector<std::string>& words, const Deadline& deadline);
  // The next reply, for connections on which the server sends without a request (MONITOR).
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
