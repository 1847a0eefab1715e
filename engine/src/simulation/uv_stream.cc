// Stands in for libuv in the programs of this room: streams and names.
#include <arpa/inet.h>
#include <netdb.h>
#include <uv.h>

#include <cstring>

#include "simulation/memory.h"
#include "simulation/simulation.h"

using djcache::simulation::Event;
using djcache::simulation::Handle;
using djcache::simulation::Loop;
using djcache::simulation::Network;
using djcache::simulation::Outside;
using djcache::simulation::Simulation;

namespace {

Handle& of(const uv_stream_t* stream) {
  return Loop::of(reinterpret_cast<const uv_handle_t*>(stream));
}
Network& network() { return Simulation::current().network(); }

std::size_t to_pieces(const uv_buf_t* buffers, unsigned count, Handle::Piece* pieces) {
  for (unsigned i = 0; i < count; ++i) pieces[i] = {buffers[i].base, buffers[i].len};
  return count;
}

constexpr unsigned buffers_max = 64;

}  // namespace

extern "C" {

int uv_tcp_init(uv_loop_t* loop, uv_tcp_t* tcp) {
  const Outside world;
  Loop::of(loop).add(reinterpret_cast<uv_handle_t*>(tcp), Handle::Kind::stream);
  return 0;
}
int uv_pipe_init(uv_loop_t* loop, uv_pipe_t* pipe, int) {
  const Outside world;
  Loop::of(loop).add(reinterpret_cast<uv_handle_t*>(pipe), Handle::Kind::stream);
  return 0;
}
void uv_pipe_connect(uv_connect_t*, uv_pipe_t*, const char*, uv_connect_cb) {
  const Outside world;
  djcache::simulation::World::current().fail("no unix socket exists in this world");
}

int uv_tcp_connect(uv_connect_t* request, uv_tcp_t* tcp, const sockaddr* address,
                   uv_connect_cb callback) {
  const Outside world;
  auto* stream = reinterpret_cast<uv_stream_t*>(tcp);
  request->cb = callback;
  request->handle = stream;
  of(stream).connecting = request;
  // Nobody lives at 10.0.0.9.
  const auto* ip4 = reinterpret_cast<const sockaddr_in*>(address);
  network().connect(of(stream), (ntohl(ip4->sin_addr.s_addr) & 0xff) != 9);
  return 0;
}

int uv_read_start(uv_stream_t* stream, uv_alloc_cb alloc, uv_read_cb read) {
  const Outside world;
  of(stream).alloc = alloc;
  of(stream).read = read;
  of(stream).active = true;
  return 0;
}
int uv_read_stop(uv_stream_t* stream) {
  const Outside world;
  of(stream).read = nullptr;
  of(stream).active = false;
  return 0;
}

int uv_try_write(uv_stream_t* stream, const uv_buf_t* buffers, unsigned count) {
  const Outside world;
  Handle& handle = of(stream);
  if (handle.connecting != nullptr || handle.writing != nullptr) return UV_EAGAIN;
  Handle::Piece pieces[buffers_max];
  const long taken = network().write(handle, pieces, to_pieces(buffers, count, pieces));
  return static_cast<int>(taken == 0 ? static_cast<long>(UV_EAGAIN) : taken);
}

int uv_write(uv_write_t* request, uv_stream_t* stream, const uv_buf_t* buffers, unsigned count,
             uv_write_cb callback) {
  const Outside world;
  Handle& handle = of(stream);
  if (handle.writing != nullptr) {
    djcache::simulation::World::current().fail("uv_write() while another write is under way");
    return UV_EINVAL;
  }
  request->cb = callback;
  request->handle = stream;
  handle.writing = request;
  handle.write_ended = false;
  handle.unwritten.resize(count);
  to_pieces(buffers, count, handle.unwritten.data());
  handle.unwritten_bytes = 0;
  for (const auto& piece : handle.unwritten) handle.unwritten_bytes += piece.size;
  return 0;
}
size_t uv_stream_get_write_queue_size(const uv_stream_t* stream) {
  return of(stream).unwritten_bytes;
}

int uv_fileno(const uv_handle_t*, uv_os_fd_t*) { return UV_EBADF; }

// --- Names.

int uv_ip4_addr(const char* text, int port, sockaddr_in* address) {
  std::memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_port = htons(static_cast<uint16_t>(port));
  return inet_pton(AF_INET, text, &address->sin_addr) == 1 ? 0 : UV_EINVAL;
}
int uv_ip6_addr(const char*, int, sockaddr_in6*) { return UV_EINVAL; }
int uv_ip4_name(const sockaddr_in* address, char* text, size_t size) {
  return inet_ntop(AF_INET, &address->sin_addr, text, static_cast<socklen_t>(size)) ? 0 : UV_EINVAL;
}
int uv_ip6_name(const sockaddr_in6*, char*, size_t) { return UV_EINVAL; }

int uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* request, uv_getaddrinfo_cb callback,
                   const char*, const char*, const addrinfo*) {
  const Outside world;
  request->loop = loop;
  request->cb = callback;
  Simulation::current().resolve(*request);
  return 0;
}
void uv_freeaddrinfo(addrinfo* list) {
  const Outside world;
  while (list != nullptr) {
    addrinfo* next = list->ai_next;
    delete reinterpret_cast<sockaddr_in*>(list->ai_addr);
    delete list;
    list = next;
  }
}
int uv_cancel(uv_req_t*) { return UV_EBUSY; }  // a thread has begun

}  // extern "C"
