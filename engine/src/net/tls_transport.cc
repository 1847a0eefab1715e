#include "net/tls_transport.h"

#include <uv.h>

#include <algorithm>
#include <new>

#include "net/system.h"
#include "planted.h"

namespace djcache::net {

namespace {

using Status = tls::Session::Status;

// Encrypted ahead of the socket, at most: four full records.
constexpr std::size_t batch = std::size_t{64} << 10;
// The largest record, including its frame.
constexpr std::size_t record = (std::size_t{16} << 10) + 512;

}  // namespace

void TlsTransport::meet(const std::string& host) try {
  const bool unnamed = DJCACHE_PLANTED(no_name_check_for_addresses) && Planted::is_address(host);
  const std::string nobody;
  session_ = context_->session(unnamed ? nobody : host);
} catch (const std::bad_alloc&) {
  // start() finds none
}

int TlsTransport::start(int descriptor) {
  descriptor_ = descriptor;
  if (session_ == nullptr) return UV_ENOMEM;
  char input[8192];
  while (true) {
    const Status status = session_->handshake();
    // An alert with the reason of the failure is sent as far as the socket takes it.
    const ssize_t flushed = flush();
    if (status == Status::failed) return UV_EPROTO;
    if (flushed != 0 && flushed != UV_EAGAIN) return static_cast<int>(flushed);
    if (flushed == UV_EAGAIN) return UV_READABLE | UV_WRITABLE;
    if (status == Status::done) return keep_rest() ? 0 : UV_ENOMEM;
    const ssize_t received = system::receive(descriptor_, input, sizeof input);
    if (received == UV_EAGAIN) return UV_READABLE;
    if (received < 0) return static_cast<int>(received);
    if (received == 0) session_->feed_end();
    session_->feed({input, static_cast<std::size_t>(received)});
  }
}

bool TlsTransport::keep_rest() try {
  early_ = session_->rest();
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

// Ciphertext is received into the end of the memory; its plaintext, which is shorter, is written to
// the beginning. OpenSSL keeps less than one incomplete record.
ssize_t TlsTransport::read(char* to, std::size_t room) {
  if (DJCACHE_PLANTED(plaintext_kept_over_reconnect) && Planted::keeps(descriptor_)) {
    return static_cast<ssize_t>(Planted::take_kept(descriptor_, to));
  }
  if (over()) return ending();
  if (!early_.empty()) [[unlikely]] {
    const std::string early = std::exchange(early_, {});
    session_->feed(early);
    const std::size_t size = decrypt(to, room);
    if (size > 0) return static_cast<ssize_t>(size);
    if (over()) return ending();
  }
  const std::size_t half = (room - record) / 2;
  char* const input = to + (room - half);
  const ssize_t received = system::receive(descriptor_, input, half);
  if (received < 0) return received;
  if (received == 0) session_->feed_end();
  session_->feed({input, static_cast<std::size_t>(received)});
  const std::size_t size = decrypt(to, room - half);
  const ssize_t flushed = flush();  // a response to a record without data
  if (size > 0) return static_cast<ssize_t>(size);
  if (over()) return ending();
  return flushed == 0 ? ssize_t{UV_EAGAIN} : flushed;
}

std::size_t TlsTransport::decrypt(char* to, std::size_t room) {
  std::size_t size = 0;
  last_read_ = session_->read(to, room, size);
  if (DJCACHE_PLANTED(plaintext_kept_over_reconnect) && size > 1) {
    return Planted::keep_half(descriptor_, to, size);
  }
  return size;
}

bool TlsTransport::pending() const {
  if (DJCACHE_PLANTED(plaintext_kept_over_reconnect) && Planted::keeps(descriptor_)) return true;
  return !early_.empty() || over();
}

bool TlsTransport::over() const {
  return last_read_ == Status::failed || last_read_ == Status::ended;
}

ssize_t TlsTransport::ending() const {
  return last_read_ == Status::failed ? ssize_t{UV_EPROTO} : 0;
}

ssize_t TlsTransport::write(const link::OutBuffer::Piece* pieces, std::size_t count) {
  std::size_t taken = 0;
  std::size_t room = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t at = 0; at < pieces[i].size;) {
      if (room == 0) {
        const ssize_t flushed = flush();
        if (flushed != 0) return taken > 0 ? static_cast<ssize_t>(taken) : flushed;
        room = batch;
      }
      const std::size_t size = std::min(room, pieces[i].size - at);
      if (session_->write({pieces[i].data + at, size}) != Status::done) return UV_EPROTO;
      at += size;
      taken += size;
      room -= size;
    }
  }
  const ssize_t flushed = flush();
  return flushed == 0 || flushed == UV_EAGAIN ? static_cast<ssize_t>(taken) : flushed;
}

ssize_t TlsTransport::flush() {
  while (!session_->output().empty()) {
    const std::string_view output = session_->output();
    const link::OutBuffer::Piece piece{output.data(), output.size()};
    const ssize_t sent = system::send(descriptor_, &piece, 1);
    if (sent < 0) return sent;
    session_->sent(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < output.size()) return UV_EAGAIN;
  }
  return 0;
}

bool TlsTransport::quiet() { return system::peek(descriptor_) == UV_EAGAIN; }

}  // namespace djcache::net
