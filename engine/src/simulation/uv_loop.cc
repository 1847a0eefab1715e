// Replaces libuv in the programs of this room: time, timers, turns, and closing.
#include <uv.h>

#include "engine/random_seed.h"
#include "net/runtime.h"
#include "simulation/loop.h"
#include "simulation/memory.h"

using djcache::simulation::Handle;
using djcache::simulation::Loop;
using djcache::simulation::Outside;
using djcache::simulation::World;

namespace djcache {
link::Millis net::Runtime::coarse_now() { return World::current().now / 1000; }
std::uint64_t detail::random_seed() { return World::current().random.next(); }
}  // namespace djcache

namespace {
template <class T>
Handle& add(uv_loop_t* loop, T* handle, Handle::Kind kind) {
  return Loop::of(loop).add(reinterpret_cast<uv_handle_t*>(handle), kind);
}
template <class T>
Handle& of(const T* handle) {
  return Loop::of(reinterpret_cast<const uv_handle_t*>(handle));
}
}  // namespace

extern "C" {

uint64_t uv_hrtime(void) { return World::current().now * 1000; }
uint64_t uv_now(const uv_loop_t* loop) { return Loop::of(loop).now_ms(); }

int uv_idle_init(uv_loop_t* loop, uv_idle_t* idle) {
  const Outside world;
  add(loop, idle, Handle::Kind::idle);
  return 0;
}
int uv_idle_start(uv_idle_t* idle, uv_idle_cb callback) {
  const Outside world;
  Handle& handle = of(idle);
  handle.on_idle = callback;
  handle.active = !handle.closing;
  return 0;
}
int uv_idle_stop(uv_idle_t* idle) {
  const Outside world;
  of(idle).active = false;
  return 0;
}

int uv_timer_init(uv_loop_t* loop, uv_timer_t* timer) {
  const Outside world;
  add(loop, timer, Handle::Kind::timer);
  return 0;
}
int uv_timer_start(uv_timer_t* timer, uv_timer_cb callback, uint64_t timeout, uint64_t) {
  const Outside world;
  Handle& handle = of(timer);
  if (handle.closing) return UV_EINVAL;
  handle.on_timer = callback;
  handle.due_ms = uv_now(timer->loop) + timeout;
  handle.active = true;
  return 0;
}

int uv_async_init(uv_loop_t* loop, uv_async_t* async, uv_async_cb callback) {
  const Outside world;
  Handle& handle = add(loop, async, Handle::Kind::async);
  handle.on_async = callback;
  handle.active = true;
  return 0;
}
int uv_async_send(uv_async_t*) {
  const Outside world;
  World::current().fail("uv_async_send(): no other thread lives in this world");
  return 0;
}

int uv_is_active(const uv_handle_t* handle) { return Loop::of(handle).active ? 1 : 0; }
int uv_is_closing(const uv_handle_t* handle) { return Loop::of(handle).closing ? 1 : 0; }
void uv_ref(uv_handle_t* handle) { Loop::of(handle).referenced = true; }
void uv_unref(uv_handle_t* handle) { Loop::of(handle).referenced = false; }
void uv_close(uv_handle_t* handle, uv_close_cb closed) {
  const Outside world;
  Loop::of(handle->loop).close(Loop::of(handle), closed);
}

const char* uv_strerror(int error) {
  switch (error) {
    case UV_ECONNRESET:
      return "connection reset by peer";
    case UV_EPIPE:
      return "broken pipe";
    case UV_ENETUNREACH:
      return "network is unreachable";
    case UV_ECONNREFUSED:
      return "connection refused";
    case UV_EAI_NONAME:
      return "unknown node or service";
    default:
      return "another error";
  }
}

}  // extern "C"
