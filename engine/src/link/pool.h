// Pool: the connections of one identity, and the connection of each operation.
//
// Pure: no socket, no clock. Identity is everything that makes two connections interchangeable
// (endpoint, database, credentials, protocol options): see PoolConfig. It is spelled out because of
// Django's ticket #35651 and other pools keyed by less than that.
#pragma once

#include <djcache/disconnect.h>
#include <djcache/sentinel.h>
#include <djcache/tls.h>

#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link/connection.h"

namespace djcache::link {

// A service that Sentinels watch, and which of its servers to use.
struct ServiceConfig {
  std::string name;
  SentinelOptions sentinels;
  bool primary = true;

  friend auto operator<=>(const ServiceConfig&, const ServiceConfig&) = default;
};

// Two pools are one when their configs are equal.
struct PoolConfig {
  std::string host;  // or the path of a unix socket
  std::uint16_t port = 0;
  bool unix_socket = false;
  std::optional<TlsOptions> tls;
  std::optional<ServiceConfig> service;  // replaces host and port
  ConnectionConfig connection;
  std::size_t connections_max = 1;
  std::size_t leases_max = 64;
  std::size_t pending_max = 100'000;
  std::size_t pending_max_bytes = 64u << 20;

  // Every field counts, also those added later.
  friend auto operator<=>(const PoolConfig&, const PoolConfig&) = default;
};

class Pool;

// Tells the driver of a pool that there is work. Never calls the pool.
class Waker {
 public:
  virtual void wake(Connection& connection) = 0;  // at the end of this turn of the loop
  virtual void urge(
      Connection& connection) = 0;  // much is unsent: write now if the socket takes it
  virtual void spoil() = 0;         // memory ran out: every operation must end on the next event

 protected:
  ~Waker() = default;
};

class Pool {
 public:
  Pool(PoolConfig config, Waker& waker, std::uint64_t seed);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // --- Operations.

  // False: a bound is reached; refusal() says which.
  bool admits(std::size_t bytes, std::size_t operations = 1) const {
    return totals_.operations + operations <= config_.pending_max &&
           totals_.bytes + bytes <= config_.pending_max_bytes;
  }
  Error refusal(std::size_t bytes, std::size_t operations = 1);
  // The connection for a key. A continuation of a pending operation may use a draining connection.
  Connection& route(std::string_view affinity, bool continuation = false) {
    const std::size_t index = connections_.size() == 1 ? 0 : spread(affinity);
    if (!retiring_.empty() && continuation) {
      if (Connection* draining = draining_twin(index)) return *draining;
    }
    Connection* connection = connections_[index].get();
    return connection != nullptr ? *connection : make(index);
  }
  // Everything that an operation needs besides its bytes: the following calls, up to submit(),
  // cannot fail.
  [[gnu::always_inline]] void prepare(Connection& connection) {
    connection.reserve_slot();
    wake(connection);
  }
  // Appends an operation whose command was just committed to connection.out(). REQUIRES: prepare().
  [[gnu::always_inline]] void submit(Connection& connection, const Slot& slot) {
    connection.push(slot);
    if (connection.out().unsent() >= flush_early &&
        connection.state() == Connection::State::ready) {
      waker_.urge(connection);
    }
  }
  // Into how many groups the keys of one call may be divided.
  std::size_t connections_max() const { return connections_.size(); }
  std::size_t spread(std::string_view affinity) const;

  // --- Leases: connections with one tenant.

  // A spare connection that is ready, or a new one. Null: leases_max are in use.
  Connection* lease(Tenant& tenant);
  // `clean`: its state does not matter to the next tenant. Then it is kept for that one if it is
  // ready and idle; otherwise it is closed.
  void give_back(Connection& connection, bool clean) noexcept;
  std::size_t leases() const { return leased_.size(); }
  // There is work for it at the end of this turn.
  void wake(Connection& connection) {
    if (connection.awake) return;
    waker_.wake(connection);
    connection.awake = true;
  }

  // --- The end of connections.

  // Retires every connection; later operations wait until that is done, then connect anew. If this
  // throws std::bad_alloc after prepare_disconnect(), the disconnect still happened, but some
  // connections have forgotten their operations: the caller must end these.
  void prepare_disconnect();
  void disconnect(Millis now, Millis deadline);
  // The same for connections without pending operations, and likewise if this throws.
  void disconnect_unused(Millis now, Millis deadline);
  bool disconnecting() const { return !retiring_.empty(); }
  // Connections have ended, or are about to.
  bool some_leave() const { return !retiring_.empty() || !parting_.empty(); }
  // Memory ran out, and the state of all connections (or of this one) may be incomplete: they
  // forget their operations.
  void start_over(Millis now) noexcept;
  void start_over(Connection& connection, Millis now) noexcept;
  // Removes a finished connection. REQUIRES: its socket is gone.
  void reap(Connection& connection);
  // The report of the current disconnect so far.
  const DisconnectReport& report() const { return report_; }

  // --- Looks.
  const PoolConfig& config() const { return config_; }
  PoolTotals& totals() { return totals_; }
  const PoolTotals& totals() const { return totals_; }
  PoolInfo info() const;
  template <class F>
  void each(F f) {
    for (auto& connection : connections_) {
      if (connection) f(*connection);
    }
    for (auto* others : {&leased_, &spare_, &parting_, &retiring_}) {
      for (auto& connection : *others) f(*connection);
    }
  }

  // This many unsent bytes are written before the turn ends: the server works on them while the
  // client still encodes.
  static constexpr std::size_t flush_early = 4096;
  // Spare connections kept for later leases.
  static constexpr std::size_t spare_max = 4;

 private:
  Connection& make(std::size_t index);
  void retire(Connection& connection, Millis now, Millis deadline);
  template <class Which>
  void retire_all(Millis now, Millis deadline, Which which);
  void count_again() noexcept;
  void let_the_next_connect();
  Connection* draining_twin(std::size_t index);
  void part(std::unique_ptr<Connection> connection);
  void make_room_for_lease();

  PoolConfig config_;
  Waker& waker_;
  PoolTotals totals_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by affinity; null until used
  std::vector<std::unique_ptr<Connection>> leased_;
  std::vector<std::unique_ptr<Connection>> spare_;    // returned, for the next tenant
  std::vector<std::unique_ptr<Connection>> parting_;  // returned, to be closed
  std::vector<std::unique_ptr<Connection>> retiring_;
  std::size_t leases_made_ = 0;
  bool some_held_ = false;  // perhaps
  DisconnectReport report_;
};

}  // namespace djcache::link
