#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace djcache::net {

namespace {

constexpr std::size_t pieces_max = 16;

std::size_t to_buffers(const link::OutBuffer::Piece* pieces, std::size_t count, uv_buf_t* buffers) {
  count = std::min(count, pieces_max);
  for (std::size_t i = 0; i < count; ++i) {
    buffers[i] =
        uv_buf_init(const_cast<char*>(pieces[i].data), static_cast<unsigned>(pieces[i].size));
  }
  return count;
}

std::string address_text(const sockaddr_storage& address) {
  char text[64] = "?";
  if (address.ss_family == AF_INET) {
    uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&address), text, sizeof text);
  } else {
    uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&address), text, sizeof text);
  }
  return text;
}

Socket& self(void* data) { return *static_cast<Socket*>(data); }

using AddressList = std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)>;

}  // namespace

std::uint64_t monotonic_ms() { return uv_hrtime() / 1'000'000; }
std::uint64_t monotonic_us() { return uv_hrtime() / 1'000; }

Socket* Socket::open(uv_loop_t& loop, Owner& owner, const Target& target, std::uint64_t budget_ms) {
  auto* socket = new Socket(owner, target, budget_ms);
  socket->guarded([&] { socket->start(loop); });
  return socket;
}

// Without memory there is no connection. What the owner does when told is his own business.
template <class Work>
void Socket::guarded(Work work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    attempt_deadline_ = UINT64_MAX;
    if (state_ != State::closing) fail("no memory left");
  }
}

Socket::Socket(Owner& owner, Target target, std::uint64_t budget_ms)
    : owner_(&owner), target_(std::move(target)), budget_end_(monotonic_ms() + budget_ms) {}

// --- From a name to a connection.

void Socket::start(uv_loop_t& loop) {
  loop_ = &loop;
  if (target_.unix_socket) return connect_to_path();
  sockaddr_storage address{};
  const char* host = target_.host.c_str();
  if (uv_ip4_addr(host, target_.port, reinterpret_cast<sockaddr_in*>(&address)) == 0 ||
      uv_ip6_addr(host, target_.port, reinterpret_cast<sockaddr_in6*>(&address)) == 0) {
    addresses_.push_back(address);
    return try_next_address();
  }
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  resolve_request_.data = this;
  const auto done = [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
    Socket& socket = self(request->data);
    const AddressList addresses(list, &uv_freeaddrinfo);
    socket.guarded([&] { socket.resolved(status, list); });
  };
  const int error = uv_getaddrinfo(&loop, &resolve_request_, done, host, nullptr, &hints);
  if (error != 0) return fail("cannot resolve " + target_.host + ": " + uv_strerror(error));
  resolving_ = true;
}

void Socket::resolved(int status, addrinfo* list) {
  resolving_ = false;
  if (state_ == State::closing) return delete_if_done();
  for (const addrinfo* info = list; status == 0 && info != nullptr; info = info->ai_next) {
    if (info->ai_addrlen > sizeof(sockaddr_storage)) continue;
    sockaddr_storage address{};
    std::memcpy(&address, info->ai_addr, info->ai_addrlen);
    const in_port_t port = htons(target_.port);
    if (info->ai_family == AF_INET) {
      reinterpret_cast<sockaddr_in*>(&address)->sin_port = port;
    } else if (info->ai_family == AF_INET6) {
      reinterpret_cast<sockaddr_in6*>(&address)->sin6_port = port;
    } else {
      continue;
    }
    addresses_.push_back(address);
  }
  if (status != 0) return fail("cannot resolve " + target_.host + ": " + uv_strerror(status));
  if (addresses_.empty()) return fail("cannot resolve " + target_.host + ": it has no address");
  try_next_address();
  if (owner_ != nullptr) owner_->socket_tries(*this);
}

void Socket::try_next_address() {
  connect_to(reinterpret_cast<const sockaddr*>(&addresses_[next_address_]));
}

void Socket::connect_to(const sockaddr* address) {
  state_ = State::connecting;
  // An address that swallows packets must leave time for the ones after it.
  const std::uint64_t now = monotonic_ms();
  const std::size_t left = addresses_.size() - next_address_;
  const std::uint64_t budget = budget_end_ > now ? budget_end_ - now : 0;
  attempt_deadline_ = left > 1 ? now + budget / left : UINT64_MAX;
  int error = uv_tcp_init(loop_, &handle_.tcp);
  if (error != 0) return address_failed(uv_strerror(error));
  handle_open_ = true;
  handle_.tcp.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle_.tcp));
  connect_request_.data = this;
  error = uv_tcp_connect(
      &connect_request_, &handle_.tcp, address,
      [](uv_connect_t* request, int status) { self(request->data).told_of_connect(status); });
  if (error != 0) address_failed(uv_strerror(error));
}

void Socket::connect_to_path() {
  state_ = State::connecting;
  if (target_.host.size() >= sizeof(sockaddr_un{}.sun_path)) {
    return fail("the path of the unix socket is longer than the system allows");
  }
  const int error = uv_pipe_init(loop_, &handle_.pipe, 0);
  if (error != 0) return fail(uv_strerror(error));
  handle_open_ = true;
  handle_.pipe.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle_.pipe));
  connect_request_.data = this;
  uv_pipe_connect(
      &connect_request_, &handle_.pipe, target_.host.c_str(),
      [](uv_connect_t* request, int status) { self(request->data).told_of_connect(status); });
}

void Socket::told_of_connect(int status) {
  guarded([this, status] { connect_finished(status); });
}

void Socket::connect_finished(int status) {
  if (state_ == State::closing || status == UV_ECANCELED) return;
  if (status != 0) return address_failed(uv_strerror(status));
  attempt_deadline_ = UINT64_MAX;
  state_ = State::open;
  set_options();
  const int error = uv_read_start(
      stream(),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        Socket& socket = self(handle->data);
        *buffer =
            socket.owner_ != nullptr ? socket.owner_->socket_space() : uv_buf_init(nullptr, 0);
      },
      [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
        Socket& socket = self(stream->data);
        if (socket.owner_ == nullptr || size == 0) return;
        if (size > 0) {
          socket.owner_->socket_bytes(socket, {buffer->base, static_cast<std::size_t>(size)});
        } else {
          uv_read_stop(stream);
          socket.owner_->socket_lost(socket, size == UV_EOF ? "the server closed the connection"
                                                            : uv_strerror(static_cast<int>(size)));
        }
      });
  if (error != 0) return address_failed(uv_strerror(error));
  if (owner_ != nullptr) owner_->socket_connected(*this);
}

// Best effort: a system without one of these options still has a connection.
void Socket::set_options() {
  if (target_.unix_socket) return;
  uv_os_fd_t fd;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&handle_.tcp), &fd) != 0) return;
  const auto set = [fd](int level, int option, int value) {
    (void)setsockopt(fd, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef __linux__
  // Dead peers are found after 30 + 3 * 5 s when idle. Keep-alive is silent while data is
  // unacknowledged; TCP_USER_TIMEOUT covers that, with the same bound.
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 45'000);
#endif
}

void Socket::give_up_address() {
  if (state_ != State::connecting) return;
  guarded([this] { address_failed("no answer in its share of the time"); });
}

void Socket::address_failed(std::string reason) {
  attempt_deadline_ = UINT64_MAX;
  if (!reasons_.empty()) reasons_ += "; ";
  if (!target_.unix_socket && addresses_.size() > 1) {
    reasons_ += address_text(addresses_[next_address_]) + ": ";
  }
  reasons_ += reason;
  ++next_address_;
  if (next_address_ >= addresses_.size()) return fail(reasons_);
  if (!handle_open_) return try_next_address();
  state_ = State::resolving;  // between two addresses: the handle must close first
  close_handle();
}

// Never inside open(): the owner hears of it once the handle, if any, has closed.
void Socket::fail(std::string reason) {
  reasons_ = std::move(reason);
  last_address_failed_ = true;
  state_ = State::closing;
  if (handle_open_) return close_handle();
  // A handle of its own carries the news to a later turn.
  if (uv_tcp_init(loop_, &handle_.tcp) == 0) {
    handle_open_ = true;
    handle_.tcp.data = this;
    close_handle();
  }
}

// --- Writing.

ssize_t Socket::try_write(const link::OutBuffer::Piece* pieces, std::size_t count) {
  uv_buf_t buffers[pieces_max] = {};
  count = to_buffers(pieces, count, buffers);
  return uv_try_write(stream(), buffers, static_cast<unsigned>(count));
}

int Socket::write(const link::OutBuffer::Piece* pieces, std::size_t count) {
  uv_buf_t buffers[pieces_max] = {};
  count = to_buffers(pieces, count, buffers);
  write_request_.data = this;
  const auto done = [](uv_write_t* request, int status) {
    Socket& socket = self(request->data);
    socket.writing_ = false;
    if (socket.owner_ == nullptr || socket.state_ != State::open || status == UV_ECANCELED) return;
    if (status != 0) {
      socket.owner_->socket_lost(socket, uv_strerror(status));
    } else {
      socket.owner_->socket_writable(socket);
    }
  };
  const int error =
      uv_write(&write_request_, stream(), buffers, static_cast<unsigned>(count), done);
  writing_ = error == 0;
  if (writing_) {
    for (std::size_t i = 0; i < count; ++i) unwritten_ += pieces[i].size;
  }
  return error;
}

std::size_t Socket::progress() {
  if (unwritten_ == 0) return 0;
  const std::size_t left = writing_ ? uv_stream_get_write_queue_size(stream()) : 0;
  return std::exchange(unwritten_, left) - left;
}

// --- The end.

void Socket::close() {
  const State before = state_;
  if (before == State::closing) return;
  state_ = State::closing;
  attempt_deadline_ = UINT64_MAX;
  if (resolving_) {
    // A resolution that a thread has begun cannot be stopped; resolved() waits for its end.
    uv_cancel(reinterpret_cast<uv_req_t*>(&resolve_request_));
    return;
  }
  close_handle();
}

void Socket::close_handle() {
  auto* handle = reinterpret_cast<uv_handle_t*>(&handle_);
  if (!handle_open_ || uv_is_closing(handle)) return;
  uv_close(handle, [](uv_handle_t* closed) { self(closed->data).handle_closed(); });
}

void Socket::handle_closed() {
  handle_open_ = false;
  if (state_ == State::resolving) {
    return guarded([this] {
      try_next_address();
      if (owner_ != nullptr) owner_->socket_tries(*this);
    });
  }
  if (last_address_failed_ && owner_ != nullptr) {
    last_address_failed_ = false;
    owner_->socket_failed(*this, reasons_);
  }
  delete_if_done();
}

void Socket::delete_if_done() {
  if (handle_open_ || resolving_) return;
  if (owner_ != nullptr) owner_->socket_gone(*this);
  delete this;
}

}  // namespace djcache::net
