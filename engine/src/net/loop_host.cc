#include "net/loop_host.h"

namespace djcache::net {

LoopHost* LoopHost::open(uv_loop_t& loop, Owner& owner) {
  auto* host = new LoopHost(owner);
  // Neither can fail: they only set up the handles.
  uv_idle_init(&loop, &host->turn_);
  uv_timer_init(&loop, &host->timer_);
  host->turn_.data = host->timer_.data = host;
  host->open_handles_ = 2;
  uv_unref(reinterpret_cast<uv_handle_t*>(&host->timer_));
  return host;
}

void LoopHost::want_turn(bool wanted) {
  if (wanted == turn_wanted()) return;
  if (!wanted) {
    uv_idle_stop(&turn_);
    return;
  }
  // Idle rather than prepare: an active idle handle also keeps the loop from sleeping, and
  // uv_backend_timeout() at 0 for programs that drive the loop themselves.
  uv_idle_start(&turn_, [](uv_idle_t* handle) {
    auto* host = static_cast<LoopHost*>(handle->data);
    if (host->owner_ != nullptr) host->owner_->host_turn();
  });
}

bool LoopHost::turn_wanted() const {
  return uv_is_active(reinterpret_cast<const uv_handle_t*>(&turn_)) != 0;
}

void LoopHost::start_timer(std::uint64_t delay_ms) {
  uv_timer_start(
      &timer_,
      [](uv_timer_t* handle) {
        auto* host = static_cast<LoopHost*>(handle->data);
        if (host->owner_ != nullptr) host->owner_->host_timer();
      },
      delay_ms, 0);
}

void LoopHost::keep_loop_alive(bool keep) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&timer_);
  keep ? uv_ref(handle) : uv_unref(handle);
}

void LoopHost::close() {
  const auto done = [](uv_handle_t* handle) { static_cast<LoopHost*>(handle->data)->closed(); };
  uv_close(reinterpret_cast<uv_handle_t*>(&turn_), done);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), done);
}

void LoopHost::closed() {
  if (--open_handles_ > 0) return;
  if (owner_ != nullptr) owner_->host_closed(*this);
  delete this;
}

}  // namespace djcache::net
