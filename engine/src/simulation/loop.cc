#include "simulation/loop.h"

#include <algorithm>
#include <utility>

namespace djcache::simulation {

void Loop::reset() {
  for (auto& handle : handles_) spare_.push_back(std::move(handle));
  handles_.clear();
  closing_.clear();
  requests = 0;
  turns_ = 0;
  uv_.data = this;
  now_ms_ = world_.now / 1000;
}

Handle& Loop::add(uv_handle_t* uv, Handle::Kind kind) {
  if (spare_.empty()) spare_.push_back(std::make_unique<Handle>());
  std::unique_ptr<Handle> handle = std::move(spare_.back());
  spare_.pop_back();
  *handle = Handle{};
  handle->uv = uv;
  handle->kind = kind;
  uv->loop = &uv_;
  uv->u.reserved[0] = handle.get();
  handles_.push_back(std::move(handle));
  return *handles_.back();
}

void Loop::close(Handle& handle, uv_close_cb closed) {
  if (handle.closing) return world_.fail("uv_close() of a handle that is closing");
  handle.closing = true;
  handle.active = false;
  handle.closed = closed;
  if (handle.kind == Handle::Kind::poll) sink_.poll_closed(handle);
  closing_.push_back(&handle);
}

bool Loop::alive() const {
  if (requests > 0 || !closing_.empty()) return true;
  return std::any_of(handles_.begin(), handles_.end(),
                     [](const auto& each) { return each->active && each->referenced; });
}

bool Loop::turn() {
  ++turns_;
  now_ms_ = world_.now / 1000;
  run_timers();
  run_idle();
  const bool more = poll();
  run_closing();
  return more;
}

void Loop::run_timers() {
  // Bounded: a timer that is restarted with no delay must not prevent polling forever.
  for (int bound = 0; bound < 100; ++bound) {
    const auto first = std::min_element(handles_.begin(), handles_.end(), [](auto& a, auto& b) {
      const auto due = [](const Handle& handle) {
        return handle.kind == Handle::Kind::timer && handle.active ? handle.due_ms : UINT64_MAX;
      };
      return due(*a) < due(*b);
    });
    if (first == handles_.end()) return;
    Handle& timer = **first;
    if (timer.kind != Handle::Kind::timer || !timer.active || timer.due_ms > now_ms_) return;
    timer.active = false;
    call([&] { timer.on_timer(reinterpret_cast<uv_timer_t*>(timer.uv)); });
  }
  world_.fail("timers keep the loop from its poll");
}

void Loop::run_idle() {
  looking_at_.clear();
  for (auto& each : handles_) {
    if (each->kind == Handle::Kind::idle && each->active) looking_at_.push_back(each.get());
  }
  for (Handle* each : looking_at_) {
    if (!each->active) continue;
    call([&] { each->on_idle(reinterpret_cast<uv_idle_t*>(each->uv)); });
  }
}

std::uint64_t Loop::next_timer_ms() const {
  std::uint64_t next = UINT64_MAX;
  for (const auto& each : handles_) {
    if (each->kind == Handle::Kind::timer && each->active) next = std::min(next, each->due_ms);
  }
  return next;
}

bool Loop::poll() {
  const bool at_once =
      !closing_.empty() || std::any_of(handles_.begin(), handles_.end(), [](const auto& each) {
        return each->active && each->kind == Handle::Kind::idle;
      });
  if (!at_once && world_.next_event() > world_.now) {
    const std::uint64_t timer = next_timer_ms();
    const Micros wake = std::min(world_.next_event(), timer == UINT64_MAX ? never : timer * 1000);
    if (wake == never) return false;
    world_.now = std::max(world_.now, wake);
  }
  now_ms_ = world_.now / 1000;
  // Only events from before the poll, and not always all of them.
  const std::uint64_t order = world_.last_order();
  Event event;
  while (world_.take_due(order, event)) {
    sink_.happen(event);
    if (world_.failed() || world_.random.one_in(16)) break;
  }
  return true;
}

void Loop::run_closing() {
  std::vector<Handle*> due;
  due.swap(closing_);
  for (Handle* each : due) finish_closing(*each);
  due.clear();
  if (closing_.empty()) closing_.swap(due);
}

void Loop::finish_closing(Handle& handle) {
  const auto it = std::find_if(handles_.begin(), handles_.end(),
                               [&](const auto& each) { return each.get() == &handle; });
  uv_handle_t* uv = handle.uv;
  const uv_close_cb closed = handle.closed;
  spare_.push_back(std::move(*it));
  handles_.erase(it);
  if (closed != nullptr) call([&] { closed(uv); });
}

}  // namespace djcache::simulation
