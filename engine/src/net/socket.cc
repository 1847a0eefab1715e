#include "net/socket.h"

#include <new>
#include <utility>

#include "net/system.h"

namespace djcache::net {

namespace {
// Per event: a peer that keeps sending must not starve the others.
constexpr int reads_max = 4;
// For this long after a read, no new bytes can have arrived that the loop could have seen. Short,
// because a callback may block the loop, but longer than a callback that only issues the next
// operation, which then needs no additional system call.
constexpr std::uint64_t fresh_us = 20;
}  // namespace

Socket* Socket::open(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
                     const Address& preferred, std::uint64_t limit_ms,
                     std::unique_ptr<Transport> transport) {
  auto* socket = new Socket(loop, clock, owner, target, limit_ms);
  socket->other_ = std::move(transport);
  socket->dialer_.start(preferred);
  return socket;
}

Socket::Socket(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
               std::uint64_t limit_ms)
    : owner_(&owner), loop_(loop), dialer_(loop, clock, *this, target, limit_ms) {}

// --- Connecting.

void Socket::dialer_waits() {
  if (owner_ != nullptr) owner_->socket_waits(*this);
}

void Socket::dialed(Channel& channel, const Address& address) {
  channel_ = &channel;
  channel_->set_owner(*this);
  address_ = address;
  if (address.family() != AF_UNIX) system::set_tcp_options(channel.descriptor());
  state_ = State::starting;
  if (other_ != nullptr) other_->meet(dialer_.host());
  start_transport();
}

void Socket::start_transport() {
  const int waits_for = transport().start(channel_->descriptor());
  if (waits_for < 0) {
    const std::string_view failure = transport().failure();
    std::string reason;
    try {
      reason = failure.empty() ? std::string_view(uv_strerror(waits_for)) : failure;
    } catch (const std::bad_alloc&) {
      // It failed all the same.
    }
    return dial_failed(std::move(reason),
                       failure.empty() ? Errc::connect_failed : Errc::tls_failed);
  }
  if (waits_for > 0) return channel_->watch(waits_for);
  state_ = State::open;
  read_at_us_ = monotonic_us();
  if (owner_ != nullptr) owner_->socket_connected(*this);
  if (state_ == State::open && transport().pending()) read();
  if (state_ == State::open) channel_->watch(wanted());
}

std::string Socket::reasons() const {
  if (state_ != State::starting || other_ == nullptr) return dialer_.reasons();
  return "no answer to the TLS handshake; is this port for TLS?";
}

// The owner is told once everything has closed.
void Socket::dial_failed(std::string reason, Errc code) {
  code_ = code;
  reason_ = std::move(reason);
  failed_ = true;
  close();
}

// --- Events.

void Socket::channel_ready(Channel&, int events) {
  if (state_ == State::starting) return start_transport();
  const bool peeked = std::exchange(peeked_, false);
  if (peeked) full_ = false;
  const bool told = (events == 0 || (events & UV_READABLE) != 0) && read();
  // There was nothing to tell the owner, and it may write again.
  if (peeked && !told && state_ == State::open && owner_ != nullptr) owner_->socket_writable(*this);
  if (state_ == State::open && (events & UV_WRITABLE) != 0) flush();
  if (state_ == State::open) channel_->watch(wanted());
}

void Socket::flush() {
  const ssize_t left = transport().flush();
  if (left == UV_EAGAIN) return;
  if (left < 0) return note_write_error(left);
  full_ = false;
  if (owner_ != nullptr) owner_->socket_writable(*this);
}

int Socket::wanted() const {
  return full_ && !peeked_ && write_error_ == 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE;
}

// Returns whether the owner was told anything.
bool Socket::read() {
  for (int reads = 1; state_ == State::open && owner_ != nullptr; ++reads) {
    const std::span<char> space = owner_->socket_space();
    if (space.empty()) return lose(uv_strerror(UV_ENOBUFS)), true;
    const ssize_t result = transport().read(space.data(), space.size());
    if (result == UV_EAGAIN) return reads > 1;
    if (result <= 0) return ended(result), true;
    const auto size = static_cast<std::size_t>(result);
    read_at_us_ = monotonic_us();
    owner_->socket_bytes(*this, {space.data(), size});
    if ((size < space.size() || reads >= reads_max) && !transport().pending()) break;
  }
  return true;
}

// The system reports each error once: write() may have received it.
void Socket::ended(ssize_t result) {
  if (result == 0 && write_error_ != 0 && write_error_ != UV_EPIPE) result = write_error_;
  if (const std::string_view failure = transport().failure(); !failure.empty()) {
    return lose(failure, Errc::tls_failed);
  }
  lose(result == 0 ? "the server closed the connection" : uv_strerror(static_cast<int>(result)));
}

void Socket::lose(std::string_view reason, Errc code) {
  state_ = State::lost;
  channel_->watch(0);
  owner_->socket_lost(*this, reason, code);
}

bool Socket::looks_alive() {
  if (monotonic_us() - read_at_us_ < fresh_us || transport().quiet()) return true;
  full_ = peeked_ = true;  // the poll that follows finds it readable
  return false;
}

std::size_t Socket::write(const link::OutBuffer::Piece* pieces, std::size_t count) {
  const ssize_t taken = transport().write(pieces, count);
  std::size_t offered = 0;
  for (std::size_t i = 0; i < count; ++i) offered += pieces[i].size;
  if (taken == static_cast<ssize_t>(offered)) {
    if (other_ == nullptr || other_->flush() == 0) [[likely]] {
      return offered;
    }
  }
  full_ = true;
  if (taken < 0 && taken != UV_EAGAIN && taken != UV_ENOBUFS) note_write_error(taken);
  channel_->watch(wanted());
  return taken > 0 ? static_cast<std::size_t>(taken) : 0;
}

// The peer may have sent a reason before it left. Whatever happens, the connection ends now.
void Socket::note_write_error(ssize_t error) {
  write_error_ = error;
  system::shut_down(channel_->descriptor());
}

// --- The end.

void Socket::close() {
  if (state_ == State::closing) return;
  state_ = State::closing;
  dialer_.stop();
  if (channel_ != nullptr) channel_->close();
  uv_idle_init(&loop_, &end_);
  end_.data = this;
  end_open_ = true;
  uv_close(reinterpret_cast<uv_handle_t*>(&end_), [](uv_handle_t* handle) {
    auto& socket = *static_cast<Socket*>(handle->data);
    socket.end_open_ = false;
    socket.delete_if_done();
  });
}

void Socket::channel_gone() {
  channel_ = nullptr;
  delete_if_done();
}

void Socket::delete_if_done() {
  if (state_ != State::closing || end_open_ || channel_ != nullptr || !dialer_.gone()) return;
  if (failed_ && owner_ != nullptr) owner_->socket_failed(*this, reason_, code_);
  if (owner_ != nullptr) owner_->socket_gone(*this);
  delete this;
}

}  // namespace djcache::net
