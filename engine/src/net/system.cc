#include "net/system.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace djcache::net::system {

namespace {

// Retries a call that a signal interrupted.
template <class Call>
auto result_of(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result < 0 ? -errno : result;
}

}  // namespace

int open_socket(int family) {
  return result_of([&] { return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); });
}

int connect(int descriptor, const sockaddr* address, socklen_t size) {
  if (::connect(descriptor, address, size) == 0) return 0;
  // An interrupted connect continues in the background.
  return errno == EINPROGRESS || errno == EINTR ? 0 : -errno;
}

int connect_error(int descriptor) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -errno;
  return -error;
}

void set_tcp_options(int descriptor) {
  const auto set = [descriptor](int level, int option, int value) {
    (void)::setsockopt(descriptor, level, option, &value, sizeof value);
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

ssize_t receive(int descriptor, char* to, std::size_t room) {
  return result_of([&] { return ::recv(descriptor, to, room, 0); });
}

ssize_t peek(int descriptor) {
  char byte;
  return result_of([&] { return ::recv(descriptor, &byte, 1, MSG_PEEK); });
}

// MSG_NOSIGNAL: a closed peer is an error of the connection, not a SIGPIPE for the program.
ssize_t send(int descriptor, const link::OutBuffer::Piece* pieces, std::size_t count) {
  if (count == 1) {
    return result_of([&] { return ::send(descriptor, pieces->data, pieces->size, MSG_NOSIGNAL); });
  }
  iovec parts[pieces_max];
  count = std::min(count, pieces_max);
  for (std::size_t i = 0; i < count; ++i) {
    parts[i] = {const_cast<char*>(pieces[i].data), pieces[i].size};
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  return result_of([&] { return ::sendmsg(descriptor, &message, MSG_NOSIGNAL); });
}

void shut_down(int descriptor) { (void)::shutdown(descriptor, SHUT_RDWR); }

void close(int descriptor) { (void)::close(descriptor); }

}  // namespace djcache::net::system
