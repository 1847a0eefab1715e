#include "blocking_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace djcache::harness {
namespace {

std::string error_text(int number) { return std::strerror(number); }

bool would_block(int number) { return number == EAGAIN || number == EWOULDBLOCK; }

}  // namespace

Outcome BlockingSocket::connect_tcp(const std::string& host, std::uint16_t port,
                                    const Deadline& deadline) {
  const std::string service = std::to_string(port), name = host + ":" + service;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), service.c_str(), &wanted, &found);
  if (error != 0) return {"'" + host + "' has no address: " + ::gai_strerror(error)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  Outcome outcome;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    outcome = connect_to(each->ai_addr, each->ai_addrlen, name, deadline);
    if (outcome) break;
  }
  return outcome;
}

Outcome BlockingSocket::connect_unix(const std::string& path, const Deadline& deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return {"the socket path is too long: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address, path, deadline);
}

Outcome BlockingSocket::connect_to(const sockaddr* address, socklen_t size, const std::string& name,
                                   const Deadline& deadline) {
  close();
  fd_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return {"cannot make a socket: " + error_text(errno)};
  int error = ::connect(fd_, address, size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    if (auto waited = wait_for(POLLOUT, deadline); !waited) {
      close();
      return {"cannot connect to " + name + ": " + waited.problem};
    }
    socklen_t length = sizeof error;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  }
  if (error != 0) {
    close();
    return {"cannot connect to " + name + ": " + error_text(error)};
  }
  const int on = 1;  // fails on a unix socket, which is harmless
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

Outcome BlockingSocket::wait_for(short events, const Deadline& deadline) const {
  while (true) {
    pollfd waiting{.fd = fd_, .events = events, .revents = 0};
    const int ready = ::poll(&waiting, 1, deadline.left_ms());
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return {"poll failed: " + error_text(errno)};
    if (deadline.passed()) return {"the limit has passed"};
  }
}

Outcome BlockingSocket::send_all(std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (would_block(errno)) {
      if (auto waited = wait_for(POLLOUT, deadline); !waited) return waited;
    } else if (errno != EINTR) {
      return {"cannot send: " + error_text(errno)};
    }
  }
  return {};
}

Outcome BlockingSocket::receive_some(std::string& into, const Deadline& deadline) {
  char buffer[64 * 1024];
  while (true) {
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) {
      into.append(buffer, static_cast<std::size_t>(got));
      return {};
    }
    if (got == 0) return {"the server has ended the connection"};
    if (would_block(errno)) {
      if (auto waited = wait_for(POLLIN, deadline); !waited) return waited;
    } else if (errno != EINTR) {
      return {"cannot receive: " + error_text(errno)};
    }
  }
}

bool BlockingSocket::stale() const {
  char byte;
  const ssize_t got = ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || !would_block(errno);
}

void BlockingSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace djcache::harness
