#include "link/pool.h"

#include <algorithm>
#include <iterator>
#include <new>

namespace djcache::link {

Pool::Pool(PoolConfig config, Waker& waker, std::uint64_t seed)
    : config_(std::move(config)), waker_(waker), connections_(config_.connections_max) {
  totals_.random = seed | 1;  // xorshift must not start from zero
  totals_.credentials = {config_.connection.username, config_.connection.password, {}};
}

Error Pool::refusal(std::size_t bytes, std::size_t operations) {
  ++totals_.statistics.overloads;
  Error error{Errc::overloaded, config_.connection.endpoint + ": "};
  if (totals_.operations >= config_.pending_max) {
    error.detail += std::to_string(totals_.operations) +
                    " operations are waiting, the most that pending_max allows";
  } else if (totals_.operations + operations > config_.pending_max) {
    error.detail += std::to_string(totals_.operations) + " operations are waiting and " +
                    std::to_string(operations) + " more would pass pending_max (" +
                    std::to_string(config_.pending_max) + ")";
  } else {
    error.detail += std::to_string(totals_.bytes) + " bytes of commands are waiting and " +
                    std::to_string(bytes) + " more would pass pending_max_bytes (" +
                    std::to_string(config_.pending_max_bytes) + ")";
  }
  return error;
}

// FNV-1a: it only has to be stable within a process. The last characters hardly affect the middle
// bits, so that "key 1" to "key 99" would share two connections: the final mixing prevents that.
std::size_t Pool::spread(std::string_view affinity) const {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : affinity) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdu;
  return static_cast<std::size_t>((hash >> 33) % connections_.size());
}

Connection& Pool::make(std::size_t index) {
  connections_[index] = std::make_unique<Connection>(config_.connection, totals_, index);
  connections_[index]->hold(disconnecting());
  some_held_ = some_held_ || disconnecting();
  return *connections_[index];
}

Connection* Pool::draining_twin(std::size_t index) {
  for (auto& connection : retiring_) {
    const auto state = connection->state();
    if (connection->index() == index && state != Connection::State::closing &&
        state != Connection::State::closed) {
      return connection.get();
    }
  }
  return nullptr;
}

// --- Leases.

Connection* Pool::lease(Tenant& tenant) {
  if (leased_.size() >= config_.leases_max) return nullptr;
  std::unique_ptr<Connection> connection;
  while (connection == nullptr && !spare_.empty()) {
    connection = std::move(spare_.back());
    spare_.pop_back();
    if (connection->state() == Connection::State::ready && !connection->lost()) break;
    make_room_for_lease();
    part(std::move(connection));
  }
  if (connection == nullptr) {
    connection = std::make_unique<Connection>(config_.connection, totals_,
                                              config_.connections_max + leases_made_++);
    connection->hold(disconnecting());
    some_held_ = some_held_ || disconnecting();
  }
  make_room_for_lease();
  connection->lease_to(&tenant);
  connection->lease_place = leased_.size();
  return leased_.emplace_back(std::move(connection)).get();
}

// Reserved now, so that returning a lease never allocates.
void Pool::make_room_for_lease() {
  const auto reserve = [](auto& list, std::size_t size) {
    if (list.capacity() < size) list.reserve(std::max(size, 2 * list.capacity()));
  };
  reserve(spare_, spare_max);
  reserve(parting_, parting_.size() + spare_.size() + leased_.size() + 1);
  reserve(leased_, leased_.size() + 1);
}

void Pool::give_back(Connection& connection, bool clean) noexcept {
  connection.lease_to(nullptr);
  connection.listen(false);
  const std::size_t place = connection.lease_place;
  // Otherwise it is being disconnected.
  if (place >= leased_.size() || leased_[place].get() != &connection) return;
  std::unique_ptr<Connection> given = std::exchange(leased_[place], std::move(leased_.back()));
  leased_.pop_back();
  if (place < leased_.size()) leased_[place]->lease_place = place;
  clean = clean && given->state() == Connection::State::ready && given->pipeline().empty();
  if (clean && spare_.size() < spare_max) {
    spare_.push_back(std::move(given));
    return;
  }
  try {
    part(std::move(given));
  } catch (const std::bad_alloc&) {
    start_over(connection, 0);
    waker_.spoil();
  }
}

void Pool::part(std::unique_ptr<Connection> connection) {
  Connection& parting = *parting_.emplace_back(std::move(connection));
  parting.retire(0, 0, "the end of its lease");
  wake(parting);
}

// --- The end of connections.

void Pool::prepare_disconnect() {
  retiring_.reserve(retiring_.size() + connections_.size() + leased_.size() + spare_.size() +
                    parting_.size());
}

void Pool::disconnect(Millis now, Millis deadline) {
  prepare_disconnect();
  if (!disconnecting()) report_ = {};
  try {
    for (auto& connection : leased_) report_.leases.push_back(connection->tenant()->place());
  } catch (const std::bad_alloc&) {
    // The places are informative: without memory for them it is a disconnect all the same.
  }
  for (auto& connection : connections_) {
    if (connection) retiring_.push_back(std::move(connection));
  }
  for (auto& connection : leased_) connection->tenant()->on_retired();
  for (auto* others : {&leased_, &spare_, &parting_}) {
    std::move(others->begin(), others->end(), std::back_inserter(retiring_));
    others->clear();
  }
  // An abort also ends the drains that began before it.
  retire_all(now, deadline, [](Connection&) { return true; });
}

void Pool::disconnect_unused(Millis now, Millis deadline) {
  prepare_disconnect();
  if (!disconnecting()) report_ = {};
  for (auto& connection : connections_) {
    if (connection && !connection->awaited()) retiring_.push_back(std::move(connection));
  }
  // Also those that an earlier disconnect with a later deadline retired: the shortest limit counts.
  retire_all(now, deadline, [](Connection& connection) { return !connection.awaited(); });
}

template <class Which>
void Pool::retire_all(Millis now, Millis deadline, Which which) {
  bool out_of_memory = false;
  for (auto& connection : retiring_) {
    if (!which(*connection)) continue;
    try {
      retire(*connection, now, deadline);
    } catch (const std::bad_alloc&) {
      start_over(*connection, now);
      out_of_memory = true;  // the others must be retired all the same
    }
  }
  if (out_of_memory) throw std::bad_alloc();
}

void Pool::retire(Connection& connection, Millis now, Millis deadline) {
  connection.retire(now, deadline);
  wake(connection);
}

void Pool::start_over(Millis now) noexcept {
  each([now](Connection& connection) {
    connection.start_over(now);
    connection.awake = false;
    connection.hold(false);
  });
  count_again();
}

void Pool::start_over(Connection& connection, Millis now) noexcept {
  connection.start_over(now);
  count_again();
}

void Pool::count_again() noexcept {
  totals_.operations = totals_.bytes = 0;
  each([this](Connection& connection) {
    Pipeline& pipeline = connection.pipeline();
    totals_.operations += pipeline.size();
    for (std::size_t i = 0; i < pipeline.size(); ++i) totals_.bytes += pipeline[i].bytes;
  });
}

void Pool::reap(Connection& connection) {
  const auto is_it = [&](const auto& each) { return each.get() == &connection; };
  if (connection.tenant() != nullptr) connection.tenant()->on_gone();
  std::erase_if(parting_, is_it);
  // From the end, which is cheap when all go at once.
  const auto found = std::find_if(retiring_.rbegin(), retiring_.rend(), is_it);
  if (found == retiring_.rend()) return;
  if (connection.had_socket()) ++report_.connections;
  report_.completed += connection.completed_draining();
  report_.aborted += connection.aborted();
  report_.limit_reached |= connection.limit_reached();
  retiring_.erase(std::next(found).base());
  let_the_next_connect();
}

// Unsent operations of draining connections may need a connection, too, but only after those in
// front of them, which have the same keys, have ended. Otherwise a later operation could overtake
// an earlier one.
void Pool::let_the_next_connect() {
  if (!some_held_) return;
  const auto let = [&](Connection& connection) {
    if (!connection.held()) return;
    connection.hold(false);
    // A finished connection may be about to be reaped: its driver must not look at it again.
    if (!connection.finished()) wake(connection);
  };
  for (auto& each : retiring_) {
    if (!each->held()) continue;
    const auto first = std::find_if(retiring_.begin(), retiring_.end(), [&](const auto& before) {
      return before->index() == each->index();
    });
    if (*first == each) let(*each);
  }
  if (disconnecting()) return;
  some_held_ = false;
  for (auto& waiting : connections_) {
    if (waiting) let(*waiting);
  }
  for (auto& waiting : leased_) let(*waiting);
}

PoolInfo Pool::info() const {
  using State = Connection::State;
  PoolInfo info;
  info.endpoint = config_.connection.endpoint;
  info.statistics = totals_.statistics;
  info.pending_bytes = totals_.bytes;
  PoolState state = PoolState::idle;
  const auto look = [&](const Connection& connection) {
    if (connection.has_socket()) ++info.connections;
    info.in_flight += connection.pipeline().in_flight();
    info.queued += connection.pipeline().size() - connection.pipeline().in_flight();
    const State is = connection.state();
    if (is == State::ready) state = PoolState::ready;
    if (state == PoolState::ready) return;
    if (is == State::connecting || is == State::handshaking) state = PoolState::connecting;
    if (is == State::backing_off && state == PoolState::idle) state = PoolState::backing_off;
  };
  for (const auto& connection : connections_) {
    if (connection) look(*connection);
  }
  for (const auto* others : {&leased_, &spare_, &parting_, &retiring_}) {
    for (const auto& connection : *others) look(*connection);
  }
  info.leases = leased_.size();
  info.state = disconnecting() ? PoolState::disconnecting : state;
  return info;
}

}  // namespace djcache::link
