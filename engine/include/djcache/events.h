/// @file
/// What pools report: events as they happen, statistics on request.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <djcache/tls.h>

namespace djcache {

/// An event of a connection, for Settings::on_event.
struct PoolEvent {
  /// What happened.
  enum class Kind : std::uint8_t {
    connected,     ///< the handshake is complete, and operations are sent
    disconnected,  ///< a connection that was ready has closed; `reason` says why
    retrying,      ///< an attempt failed (`reason`); the next one starts after `delay`

    /// The server refuses EVAL, MULTI or CLIENT (`reason`), and this connection works without it;
    /// once per connection and command.
    fell_back,

    /// TLS does not verify the server's certificate (`ssl_cert_reqs` "none"); once per pool.
    unverified,
  };
  Kind kind{};  ///< what happened

  /// "127.0.0.1:6379/1" or "/run/redis.sock/0"; never with credentials.
  std::string endpoint;
  std::size_t connection = 0;         ///< index within the pool
  std::string reason;                 ///< for people
  unsigned attempt = 0;               ///< retrying: failed attempts so far
  std::chrono::milliseconds delay{};  ///< retrying
};

/// Counters of a pool since its creation.
struct PoolStatistics {
  std::uint64_t connects = 0;          ///< handshakes completed
  std::uint64_t connect_failures = 0;  ///< attempts that failed
  std::uint64_t disconnects = 0;       ///< ready connections that ended, for any reason
  std::uint64_t operations = 0;        ///< operations accepted
  std::uint64_t replies = 0;           ///< replies delivered to an operation
  std::uint64_t late_replies = 0;      ///< replies discarded: their operation had ended before
  std::uint64_t timeouts = 0;          ///< operations that reached their limit
  std::uint64_t retries = 0;           ///< operations sent again after a lost connection
  std::uint64_t overloads = 0;         ///< operations refused because too many were pending
  std::uint64_t protocol_errors = 0;   ///< connections closed because the peer broke the protocol
  std::uint64_t bytes_sent = 0;        ///< to the server
  std::uint64_t bytes_received = 0;    ///< from the server
};

/// The state of a pool.
enum class PoolState : std::uint8_t { idle, connecting, ready, backing_off, disconnecting };

/// A pool at one moment, from Pool::info().
struct PoolInfo {
  std::string endpoint;               ///< as PoolEvent::endpoint
  PoolState state = PoolState::idle;  ///< what the pool is doing
  std::size_t connections = 0;        ///< sockets that are open
  std::size_t leases = 0;             ///< connections that are leased, see Client::lease()
  std::size_t in_flight = 0;          ///< operations sent and not yet answered
  std::size_t queued = 0;             ///< operations not yet sent
  std::size_t pending_bytes = 0;      ///< bytes of the commands in flight and queued
  PoolStatistics statistics{};        ///< counters since its creation
  std::optional<TlsPeer> tls{};       ///< of a connection that is open and encrypted
};

}  // namespace djcache
