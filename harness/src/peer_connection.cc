#include "peer_connection.h"

#include <algorithm>

#include <djcache/harness/handle_census.h>

namespace djcache::harness {
namespace {

constexpr std::size_t most_kept = 1024 * 1024;

void lend_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  // Loop thread only, and consumed before the next read: one buffer serves all connections.
  thread_local char bytes[64 * 1024];
  *buffer = uv_buf_init(bytes, sizeof bytes);
}

}  // namespace

// Counts turns of the loop. Write callbacks cannot: newer libuv runs several of them per turn.
struct PeerConnection::Ticker {
  uv_timer_t timer{};
  PeerConnection* connection;

  Ticker(uv_loop_t* loop, PeerConnection* owner) : connection(owner) {
    uv_timer_init(loop, &timer);
    mark_as_harness(reinterpret_cast<uv_handle_t*>(&timer));
  }
};

PeerConnection::PeerConnection(PeerScript script, Events events)
    : cursor_(std::move(script)), events_(std::move(events)) {}

PeerConnection::~PeerConnection() = default;

std::shared_ptr<PeerConnection> PeerConnection::accept(uv_stream_t& listener, bool unix_socket,
                                                       PeerScript script, Events events) {
  std::shared_ptr<PeerConnection> connection(
      new PeerConnection(std::move(script), std::move(events)));
  connection->self_ = connection;
  connection->open_handles_ = 1;
  if (connection->open(listener, unix_socket)) {
    connection->start_reading();
    connection->advance();
  } else {
    connection->close();
  }
  return connection;
}

PeerConnection& PeerConnection::of(uv_handle_t* handle) {
  return *reinterpret_cast<PeerConnection*>(handle);
}

PeerConnection& PeerConnection::of(uv_stream_t* stream) {
  return *reinterpret_cast<PeerConnection*>(stream);
}

bool PeerConnection::open(uv_stream_t& listener, bool unix_socket) {
  if (unix_socket) {
    uv_pipe_init(listener.loop, &stream_.pipe, 0);
  } else {
    uv_tcp_init(listener.loop, &stream_.tcp);
  }
  mark_as_harness(&stream_.handle);
  if (uv_accept(&listener, &stream_.stream) != 0) return false;
  if (!unix_socket) uv_tcp_nodelay(&stream_.tcp, 1);
  return true;
}

void PeerConnection::start_reading() {
  uv_read_start(&stream_.stream, lend_buffer,
                [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
                  of(stream).got(buffer->base, size);
                });
}

void PeerConnection::got(const char* bytes, ssize_t size) {
  if (size == 0) return;
  if (size > 0) {
    const std::string_view came(bytes, static_cast<std::size_t>(size));
    received_ += came.substr(0, most_kept - std::min(most_kept, received_.size()));
    cursor_.on_bytes(came);
    advance();
    return;
  }
  cursor_.on_end();
  uv_read_stop(&stream_.stream);
  advance();
  if (!sending_ && !cursor_.paused()) close();
}

void PeerConnection::resume() {
  cursor_.resume();
  advance();
}

void PeerConnection::advance() {
  while (!sending_ && !closing_) {
    if (!perform(cursor_.next())) return;
  }
}

// False if there is no step to continue with.
bool PeerConnection::perform(PeerAction action) {
  switch (action.kind) {
    case PeerAction::Kind::wait:
      return false;
    case PeerAction::Kind::send:
      out_ = std::move(action.bytes);
      out_at_ = 0;
      per_turn_ = action.bytes_per_turn;
      sending_ = true;
      if (per_turn_ == 0) {
        write_some();
      } else {
        next_turn();  // also for the first bytes: part of this turn has passed already
      }
      return true;
    case PeerAction::Kind::stop_reading:
      uv_read_stop(&stream_.stream);
      return true;
    case PeerAction::Kind::start_reading:
      start_reading();
      return true;
    case PeerAction::Kind::close:
      close();
      return false;
    case PeerAction::Kind::reset:
      reset();
      return false;
    case PeerAction::Kind::fail:
      if (events_.mismatch) events_.mismatch(cursor_.problem());
      close();
      return false;
  }
  return false;
}

void PeerConnection::write_some() {
  const std::size_t left = out_.size() - out_at_;
  const std::size_t size = per_turn_ == 0 ? left : std::min(per_turn_, left);
  const uv_buf_t buffer = uv_buf_init(out_.data() + out_at_, static_cast<unsigned>(size));
  out_at_ += size;
  const int error =
      uv_write(&write_, &stream_.stream, &buffer, 1,
               [](uv_write_t* request, int status) { of(request->handle).written(status); });
  if (error == 0) return;
  sending_ = false;
  cursor_.on_end();
}

void PeerConnection::written(int status) {
  if (closing_) return;
  if (status == 0 && out_at_ < out_.size()) {
    next_turn();
    return;
  }
  sending_ = false;
  if (status != 0) cursor_.on_end();
  advance();
}

void PeerConnection::next_turn() {
  if (ticker_ == nullptr) {
    ticker_ = std::make_unique<Ticker>(stream_.handle.loop, this);
    ++open_handles_;
  }
  uv_timer_start(
      &ticker_->timer,
      [](uv_timer_t* timer) {
        PeerConnection& self = *reinterpret_cast<Ticker*>(timer)->connection;
        self.write_some();
        self.advance();
      },
      0, 0);
}

void PeerConnection::close() {
  if (closing_) return;
  closing_ = true;
  close_ticker();
  uv_close(&stream_.handle, [](uv_handle_t* handle) { of(handle).one_handle_closed(); });
}

void PeerConnection::reset() {
  const auto closed = [](uv_handle_t* handle) { of(handle).one_handle_closed(); };
  // A unix socket has no reset.
  if (stream_.handle.type != UV_TCP || uv_tcp_close_reset(&stream_.tcp, closed) != 0) {
    close();
    return;
  }
  closing_ = true;
  close_ticker();
}

void PeerConnection::close_ticker() {
  if (ticker_ == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&ticker_->timer), [](uv_handle_t* timer) {
    reinterpret_cast<Ticker*>(timer)->connection->one_handle_closed();
  });
}

void PeerConnection::one_handle_closed() {
  if (--open_handles_ > 0) return;
  const auto alive = std::move(self_);
  const auto events = std::move(events_);
  events_ = {};
  if (events.closed) events.closed();
}

}  // namespace djcache::harness
