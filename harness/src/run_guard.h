// The handles of LoopRunner on its loop: a timer that ends a run at its limit and optionally wakes
// the loop in between, and a prepare handle that evaluates the predicate before the loop waits.
//
// Without the prepare handle, a timer that is due when uv_run(UV_RUN_ONCE) begins would run and
// make the predicate true, and the same turn would then still wait in poll, up to the limit.
#pragma once

#include <uv.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <djcache/harness/loop_runner.h>

namespace djcache::harness {

class LoopRunner::RunGuard {
 public:
  explicit RunGuard(uv_loop_t& loop) {
    uv_timer_init(&loop, &timer_);
    uv_prepare_init(&loop, &prepare_);
    for (uv_handle_t* handle : {timer_handle(), prepare_handle()}) mark_as_harness(handle);
  }

  // `predicate` must outlive the run.
  void start(const RunOptions& options, const Predicate& predicate) {
    uv_loop_t* loop = timer_.loop;
    uv_update_time(loop);  // the test may have blocked since the last turn
    const auto limit = as_ms(options.limit);
    const auto step = as_ms(options.check_every);
    end_ = uv_now(loop) + limit;
    expired_ = limit == 0;
    predicate_ = &predicate;
    uv_timer_start(&timer_, on_tick, step > 0 && step < limit ? step : limit, step);
    uv_prepare_start(&prepare_, before_waiting);
  }

  void stop() {
    uv_timer_stop(&timer_);
    uv_prepare_stop(&prepare_);
    predicate_ = nullptr;
  }

  // Do not destroy until closed() is true, some turns later.
  void close() {
    uv_close(timer_handle(),
             [](uv_handle_t* handle) { ++container(handle, offsetof(RunGuard, timer_)).closed_; });
    uv_close(prepare_handle(), [](uv_handle_t* handle) {
      ++container(handle, offsetof(RunGuard, prepare_)).closed_;
    });
  }

  bool expired() const { return expired_; }
  bool closed() const { return closed_ == 2; }

 private:
  static std::uint64_t as_ms(std::chrono::milliseconds duration) {
    return duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0;
  }

  // handle->data holds the mark, so the object is found by the offset of the handle in it.
  template <class Handle>
  static RunGuard& container(Handle* handle, std::size_t offset) {
    return *reinterpret_cast<RunGuard*>(reinterpret_cast<char*>(handle) - offset);
  }

  static void on_tick(uv_timer_t* timer) {
    auto& self = container(timer, offsetof(RunGuard, timer_));
    self.expired_ = uv_now(timer->loop) >= self.end_;
  }

  static void before_waiting(uv_prepare_t* prepare) {
    const auto& self = container(prepare, offsetof(RunGuard, prepare_));
    if (self.expired_ || (*self.predicate_)()) uv_stop(prepare->loop);
  }

  uv_handle_t* timer_handle() { return reinterpret_cast<uv_handle_t*>(&timer_); }
  uv_handle_t* prepare_handle() { return reinterpret_cast<uv_handle_t*>(&prepare_); }

  uv_timer_t timer_{};
  uv_prepare_t prepare_{};
  const Predicate* predicate_ = nullptr;
  std::uint64_t end_ = 0;
  bool expired_ = false;
  int closed_ = 0;
};

}  // namespace djcache::harness
