// Loop: a libuv loop in virtual time: the state behind the libuv functions that the engine calls.
//
// One turn follows the order of libuv 1.44: timers, idle handles, the poll (events of the world),
// closing handles. The functions themselves are in uv_loop.cc, uv_poll.cc and system_calls.cc.
#pragma once

#include <uv.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "simulation/memory.h"
#include "simulation/world.h"

namespace djcache::simulation {

// The state of a uv_handle_t.
struct Handle {
  enum class Kind : std::uint8_t { idle, timer, async, poll };

  uv_handle_t* uv = nullptr;
  Kind kind{};
  bool active = false;
  bool referenced = true;
  bool closing = false;
  uv_close_cb closed = nullptr;

  uv_idle_cb on_idle = nullptr;
  uv_async_cb on_async = nullptr;
  uv_timer_cb on_timer = nullptr;
  std::uint64_t due_ms = 0;

  uv_poll_cb on_poll = nullptr;
  int events = 0;  // that are watched for
  int descriptor = -1;
};

// Handles the events.
class EventSink {
 public:
  virtual void happen(const Event& event) = 0;
  virtual void poll_closed(Handle& handle) = 0;  // nothing watches its descriptor any more

 protected:
  ~EventSink() = default;
};

class Loop {
 public:
  Loop(World& world, EventSink& sink) : world_(world), sink_(sink) {}
  static Loop& of(const uv_loop_t* loop) { return *static_cast<Loop*>(loop->data); }

  void reset();
  uv_loop_t& uv() { return uv_; }
  World& world() { return world_; }

  // One turn, sleeping until the next event. False: there will never be one.
  bool turn();
  // Whether uv_run() continues.
  bool alive() const;
  std::size_t handles() const { return handles_.size(); }
  std::uint64_t now_ms() const { return now_ms_; }
  std::uint64_t turns() const { return turns_; }
  std::size_t requests = 0;  // pending name resolutions

  Handle& add(uv_handle_t* handle, Handle::Kind kind);
  static Handle& of(const uv_handle_t* handle) {
    return *static_cast<Handle*>(handle->u.reserved[0]);
  }
  void close(Handle& handle, uv_close_cb closed);
  // Calls one of the engine's callbacks.
  template <class F>
  static void call(F callback) {
    const Inside engine;
    callback();
  }

 private:
  void run_timers();
  void run_idle();
  bool poll();
  void run_closing();
  std::uint64_t next_timer_ms() const;
  void finish_closing(Handle& handle);

  World& world_;
  EventSink& sink_;
  uv_loop_t uv_{};
  std::uint64_t now_ms_ = 0;
  std::uint64_t turns_ = 0;
  std::vector<std::unique_ptr<Handle>> handles_;
  std::vector<std::unique_ptr<Handle>> spare_;
  std::vector<Handle*> closing_;
  std::vector<Handle*> looking_at_;
};

}  // namespace djcache::simulation
