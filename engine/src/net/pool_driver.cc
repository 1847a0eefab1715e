#include <algorithm>
#include <new>
#include <utility>

#include "net/runtime.h"
#include "net/system.h"
#include "net/tls_transport.h"

namespace djcache::net {

using link::Connection;
using link::OutBuffer;

PoolDriver::PoolDriver(Runtime& runtime, link::PoolConfig config, std::uint64_t seed,
                       std::shared_ptr<tls::Context> tls, Locator* locator)
    : runtime_(runtime),
      tls_(std::move(tls)),
      pool_(std::move(config), *this, seed),
      target_{pool_.config().host, pool_.config().port, pool_.config().unix_socket, locator} {}

PoolDriver::~PoolDriver() { stop(); }

void PoolDriver::stop() {
  for (Socket* socket : sockets_) {
    socket->detach();
    socket->close();
  }
  runtime_.sockets_ -= sockets_.size();
  sockets_.clear();
}

std::optional<TlsPeer> PoolDriver::tls_peer() const {
  for (const Socket* socket : sockets_) {
    if (auto peer = socket->peer()) return peer;
  }
  return std::nullopt;
}

// --- From the pool.

// The first event of a connection.
void PoolDriver::wake(Connection& connection) {
  enter(connection);
  runtime_.wake(*this, connection);
}

// Inside a call of the API, whose operation has been issued already.
void PoolDriver::urge(Connection& connection) {
  try {
    flush(connection);
  } catch (const std::bad_alloc&) {
    pool_.start_over(connection, runtime_.now());
    runtime_.client_.spoil();
  }
}

// --- From the sockets.

// Nothing else may happen before the next address is due.
void PoolDriver::socket_waits(Socket& socket) {
  if (socket.connection == nullptr) return;  // not yet connected; see perform()
  expect(*socket.connection, socket.due());
  runtime_.rearm();
}

// Handles an event of a socket, if it still belongs to a connection.
template <class Work>
void PoolDriver::on_event(Socket& socket, Work work) {
  runtime_.guarded([&] {
    Connection* connection = socket.connection;
    if (connection == nullptr) return;
    work(*connection);
    service(*connection);
    runtime_.event_done();
  });
}

void PoolDriver::socket_connected(Socket& socket) {
  last_good_ = socket.address();
  on_event(socket, [this](Connection& connection) { connection.on_connected(runtime_.now()); });
}

void PoolDriver::socket_failed(Socket& socket, std::string_view reason, Errc code) {
  on_event(socket, [&](Connection& connection) {
    connection.on_connect_failed(runtime_.now(), reason, code);
  });
}

void PoolDriver::socket_bytes(Socket& socket, std::string_view bytes) {
  runtime_.guarded([&] {
    Connection* connection = socket.connection;
    if (connection == nullptr) return;
    connection->on_bytes(runtime_.now(), bytes);
    // Operations issued by the callbacks of these replies are sent in one write, now, so that they
    // need no turn; while large replies keep arriving, in one write for many of them, once the
    // socket has been emptied.
    const bool was_awake = std::exchange(connection->awake, true);
    if (!hand_over(*connection)) return;
    connection->awake = was_awake;
    // The duration of the callbacks does not count for the operations they issued.
    if (!connection->pipeline().stamped()) connection->on_turn(runtime_.now());
    if (Runtime::filled(bytes.size())) {
      wake_for_service(*connection);
    } else {
      service(*connection);
    }
    runtime_.event_done();
  });
}

void PoolDriver::socket_lost(Socket& socket, std::string_view reason, Errc code) {
  on_event(socket, [&](Connection& connection) { connection.on_lost(reason, code); });
}

void PoolDriver::socket_writable(Socket& socket) {
  on_event(socket, [](Connection&) {});  // which goes on writing
}

// The socket is gone, whatever else happens.
void PoolDriver::socket_gone(Socket& socket) {
  Connection* connection = socket.connection;
  sockets_.back()->place = socket.place;
  sockets_[socket.place] = sockets_.back();
  sockets_.pop_back();
  --runtime_.sockets_;
  if (connection != nullptr) {
    connection->driver = nullptr;
    connection->on_closed(runtime_.now());
  } else {
    --orphans_;
    runtime_.may_have_finished(*this);
  }
  runtime_.guarded([&] {
    if (connection != nullptr) service(*connection);
    runtime_.event_done();
  });
}

std::span<char> PoolDriver::socket_space() {
  try {
    return runtime_.space();
  } catch (const std::bad_alloc&) {
    return {};
  }
}

// --- Actions of a connection.

// Hands over all completions. False if the engine was destroyed meanwhile.
bool PoolDriver::hand_over(Connection& connection) {
  link::Completion completion;
  while (connection.next(completion)) {
    runtime_.client_.on_completion(*this, connection, completion);
    if (runtime_.stopped()) return false;
  }
  return true;
}

void PoolDriver::service(Connection& connection) {
  while (true) {
    if (!hand_over(connection)) return;
    const Connection::Action action = connection.take_action();
    if (action == Connection::Action::none) break;
    perform(connection, action);
  }
  flush(connection);
  runtime_.look_after(*this, connection);
}

// After a start_over(): all connections.
void PoolDriver::service_all() {
  due_.clear();
  pool_.each([&](Connection& connection) { due_.push_back(&connection); });
  // As in tick(), nothing here frees a connection.
  for (std::size_t i = 0; i < due_.size(); ++i) {
    service(*due_[i]);
    if (runtime_.stopped()) return;
    if (due_[i]->pipeline().stamped()) continue;
    // Operations issued since. Not earlier: a connection could be requested while a close is still
    // due.
    due_[i]->on_turn(runtime_.now());
    service(*due_[i]);
    if (runtime_.stopped()) return;
  }
}

void PoolDriver::perform(Connection& connection, Connection::Action action) {
  Socket* socket = socket_of(connection);
  if (action == Connection::Action::connect) {
    // A former attempt that is still closing no longer belongs to this connection.
    if (socket != nullptr) {
      socket->connection = nullptr;
      ++orphans_;
    }
    connection.driver = nullptr;
    if (sockets_.size() == sockets_.capacity()) sockets_.reserve(2 * sockets_.size() + 1);
    std::unique_ptr<Transport> transport;
    if (tls_ != nullptr) transport = std::make_unique<TlsTransport>(tls_);
    socket = Socket::open(runtime_.loop_, runtime_.clock_, *this, target_, last_good_,
                          pool_.config().connection.connect_limit, std::move(transport));
    connection.driver = socket;
    socket->connection = &connection;
    socket->place = sockets_.size();
    sockets_.push_back(socket);
    ++runtime_.sockets_;
    expect(connection, socket->due());
  } else if (socket != nullptr) {
    socket->close();
  }
}

// Bytes count as sent only when the system has taken them: otherwise a peer that answers early
// would free bytes still to be written.
void PoolDriver::flush(Connection& connection) {
  Socket* socket = socket_of(connection);
  while (socket != nullptr && socket->takes_bytes()) {
    OutBuffer::Piece pieces[system::pieces_max];
    const std::size_t count = connection.pieces(pieces, std::size(pieces));
    if (count == 0) return;
    const bool idle = connection.state() == Connection::State::ready && connection.quiet();
    if (idle && !socket->looks_alive()) return;
    if (const std::size_t taken = socket->write(pieces, count); taken > 0) connection.wrote(taken);
  }
}

void PoolDriver::cut(std::string_view reason) {
  pool_.each([&](Connection& connection) {
    const Connection::State state = connection.state();
    if (state == Connection::State::backing_off) {
      connection.end_backoff(runtime_.now());
    } else if (state == Connection::State::ready || state == Connection::State::handshaking) {
      connection.on_lost(reason);
    } else {
      return;
    }
    wake_for_service(connection);
  });
}

void PoolDriver::wake_for_service(Connection& connection) {
  if (connection.awake) return;
  runtime_.wake(*this, connection);
  connection.awake = true;
}

// --- Time and the end.

void PoolDriver::enter(Connection& connection) {
  if (connection.deadline.entered()) return;
  // Each connection at most once.
  if (finished_.capacity() <= deadlines_.size()) finished_.reserve(2 * deadlines_.size() + 1);
  deadlines_.enter(connection);
}

void PoolDriver::expect(Connection& connection, link::Millis due) {
  if (due == link::never) return;
  enter(connection);
  deadlines_.expect(connection, due);
  runtime_.deadlines_.expect(*this, due);
}

// The earlier deadline of the connection and its socket.
link::Millis PoolDriver::due(Connection& connection) {
  const Socket* const socket = socket_of(connection);
  return std::min(connection.next_tick(), socket != nullptr ? socket->due() : link::never);
}

// Most bounds that are reached now are outdated: the connection has a later deadline, or none.
void PoolDriver::tick(link::Millis now) {
  due_.clear();
  deadlines_.due_by(now, due_);
  // Nothing here frees a connection: they are reaped after the event.
  for (std::size_t i = 0; i < due_.size(); ++i) {
    Connection& connection = *due_[i];
    ++visits;
    if (connection.next_tick() <= now) {
      tell_addresses(connection, now);
      connection.on_tick(now);
      service(connection);
      if (runtime_.stopped()) return;
    }
    if (Socket* const socket = socket_of(connection); socket != nullptr && socket->due() <= now) {
      socket->on_due(now);
    }
    deadlines_.set(connection, due(connection));
  }
}

// If the limit ends an attempt with several addresses, reports the outcome of each.
void PoolDriver::tell_addresses(Connection& connection, link::Millis now) {
  Socket* socket = socket_of(connection);
  if (socket == nullptr || connection.state() != Connection::State::connecting) return;
  if (connection.connect_deadline() > now) return;
  const std::string reasons = socket->reasons();
  if (reasons.empty()) return;
  connection.on_connect_failed(now, "no connection within the limit (" + reasons + ")",
                               socket->starting() ? Errc::tls_failed : Errc::connect_failed);
  socket->close();
}

void PoolDriver::reap_finished() {
  some_may_have_finished_ = false;
  // An abandoned attempt that is still closing belongs to a connection of this pool: wait for it,
  // too.
  if (orphans_ > 0) return;
  while (!finished_.empty()) {
    Connection& connection = *finished_.back();
    finished_.pop_back();
    ++visits;
    connection.leaving = false;
    // Otherwise it is reaped after its turn, or when its socket has closed.
    if (connection.awake || connection.driver != nullptr || !connection.finished()) continue;
    deadlines_.leave(connection);
    pool_.reap(connection);
  }
}

}  // namespace djcache::net
