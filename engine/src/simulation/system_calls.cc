// Replaces the system calls of net/ in the programs of this room.
#include <arpa/inet.h>

#include "net/system.h"
#include "simulation/memory.h"
#include "simulation/simulation.h"

namespace djcache::net::system {

using simulation::Network;
using simulation::Outside;

namespace {
Network& network() { return simulation::Simulation::current().network(); }
}  // namespace

int open_socket(int) {
  const Outside world;
  return network().open();
}

int connect(int descriptor, const sockaddr* address, socklen_t) {
  const Outside world;
  const auto* ip4 = reinterpret_cast<const sockaddr_in*>(address);
  return network().connect(descriptor, ntohl(ip4->sin_addr.s_addr) & 0xff);
}

int connect_error(int descriptor) {
  const Outside world;
  return network().take_error(descriptor);
}

void set_tcp_options(int) {}

ssize_t receive(int descriptor, char* to, std::size_t room) {
  const Outside world;
  return network().receive(descriptor, to, room);
}

ssize_t peek(int descriptor) {
  const Outside world;
  return network().peek(descriptor);
}

// Like the system, it may take the rest of one piece and the beginning of the next.
ssize_t send(int descriptor, const link::OutBuffer::Piece* pieces, std::size_t count) {
  const Outside world;
  ssize_t taken = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const ssize_t now = network().send(descriptor, {pieces[i].data, pieces[i].size});
    if (now < 0) return taken > 0 ? taken : now;
    taken += now;
    if (static_cast<std::size_t>(now) < pieces[i].size) break;
  }
  return taken;
}

void shut_down(int descriptor) {
  const Outside world;
  network().shut_down(descriptor);
}

void close(int descriptor) {
  const Outside world;
  network().close(descriptor);
}

}  // namespace djcache::net::system
