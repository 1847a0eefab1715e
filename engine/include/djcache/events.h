// What pools tell about themselves: events as they happen, statistics when asked.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace djcache {

struct PoolEvent {
  enum class Kind : std::uint8_t {
    connected,     // handshake done, operations flow
    disconnected,  // a connection that was ready has ended; `reason` says why
    retrying,      // an attempt failed (`reason`); the next one starts after `delay`
    fell_back,  // the server refuses EVAL, MULTI or CLIENT (`reason`), and this connection does without;
                // once per connection and command
    unverified,  // TLS without a look at the server's certificate (ssl_cert_reqs "none"); once per pool
  };
  Kind kind{};
  std::string endpoint;        // "127.0.0.1:6379/1" or "/run/redis.sock/0"; never with credentials
  std::size_t connection = 0;  // index within the pool
  std::string reason;
  unsigned attempt = 0;               // retrying: failed attempts so far
  std::chrono::milliseconds delay{};  // retrying
};

struct PoolStatistics {
  std::uint64_t connects = 0;          // handshakes completed
  std::uint64_t connect_failures = 0;  // attempts that failed
  std::uint64_t disconnects = 0;       // ready connections that ended, for any reason
  std::uint64_t operations = 0;        // accepted
  std::uint64_t replies = 0;           // given to a caller
  std::uint64_t late_replies = 0;      // read and thrown away: the operation had timed out
  std::uint64_t timeouts = 0;          // operations that reached their limit
  std::uint64_t retries = 0;           // operations sent once more after a lost connection
  std::uint64_t overloads = 0;         // operations refused at the ceiling
  std::uint64_t protocol_errors = 0;   // connections closed because the peer broke the protocol
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

enum class PoolState : std::uint8_t { idle, connecting, ready, backing_off, disconnecting };

struct PoolInfo {
  std::string endpoint;
  PoolState state = PoolState::idle;
  std::size_t connections = 0;  // sockets that exist now
  std::size_t leases = 0;       // connections that a raw client has for itself
  std::size_t in_flight = 0;    // sent, not answered
  std::size_t queued = 0;       // not yet sent
  std::size_t pending_bytes = 0;
  PoolStatistics statistics{};
};

}  // namespace djcache
