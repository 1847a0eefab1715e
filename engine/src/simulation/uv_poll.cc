// Replaces libuv in the programs of this room: descriptors and names.
#include <arpa/inet.h>
#include <netdb.h>
#include <uv.h>

#include <cstring>

#include "simulation/memory.h"
#include "simulation/simulation.h"

using djcache::simulation::Handle;
using djcache::simulation::Loop;
using djcache::simulation::Outside;
using djcache::simulation::Simulation;

namespace {
Handle& of(const uv_poll_t* poll) { return Loop::of(reinterpret_cast<const uv_handle_t*>(poll)); }
}  // namespace

extern "C" {

int uv_poll_init(uv_loop_t* loop, uv_poll_t* poll, int descriptor) {
  const Outside world;
  Handle& handle = Loop::of(loop).add(reinterpret_cast<uv_handle_t*>(poll), Handle::Kind::poll);
  handle.descriptor = descriptor;
  Simulation::current().network().watch(descriptor, &handle);
  return 0;
}
int uv_poll_start(uv_poll_t* poll, int events, uv_poll_cb callback) {
  const Outside world;
  Handle& handle = of(poll);
  handle.events = events;
  handle.on_poll = callback;
  handle.active = !handle.closing;
  Simulation::current().network().look_later(handle.descriptor);
  return 0;
}
int uv_poll_stop(uv_poll_t* poll) {
  const Outside world;
  of(poll).active = false;
  return 0;
}

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
