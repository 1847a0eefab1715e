// A TCP address that swallows connection attempts: its queue is full and nothing accepts, so the
// system neither answers nor refuses. For tests of connecting.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace djcache {

class SilentListener {
 public:
  SilentListener() {
    const int listener = open_socket();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ok_ = ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
          ::listen(listener, 0) == 0 &&
          ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = ntohs(address.sin_port);
    // Linux accepts one more than the length of the queue.
    for (int i = 0; i < 4; ++i) {
      (void)::connect(open_socket(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
  }
  ~SilentListener() {
    for (const int fd : sockets_) ::close(fd);
  }
  SilentListener(const SilentListener&) = delete;
  SilentListener& operator=(const SilentListener&) = delete;

  bool ok() const { return ok_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }

 private:
  int open_socket() {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    return sockets_.back();
  }

  std::vector<int> sockets_;
  std::uint16_t port_ = 0;
  bool ok_ = false;
};

}  // namespace djcache
