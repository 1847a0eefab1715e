#include "net/transport.h"

#include <uv.h>

#include "net/system.h"

namespace djcache::net {

ssize_t PlainTransport::read(char* to, std::size_t room) {
  return system::receive(descriptor_, to, room);
}

ssize_t PlainTransport::write(const link::OutBuffer::Piece* pieces, std::size_t count) {
  return system::send(descriptor_, pieces, count);
}

bool PlainTransport::quiet() { return system::peek(descriptor_) == UV_EAGAIN; }

}  // namespace djcache::net
