// Core: the loop behind a SyncEngine, its thread, and how other threads call into it.
//
// One thread at a time drives the loop: a caller's while its call is the only one, or else the
// loop's thread, the only one on which functions of the program run. See
// decisions/callers-drive.md.
//
// Kept alive by the engine, by every cache and pool made from it, and by the thread itself.
#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <djcache/sync_cache.h>

#include "sync/queue.h"
#include "sync/wheel.h"

namespace djcache::sync {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

class Core final : public std::enable_shared_from_this<Core>, private Waker {
 public:
  Core(Settings settings, SyncOptions options);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Result<void> start();
  Result<void> stop();
  // For the loop's own thread, which cannot wait for its own end: that comes when the callback
  // returns.
  void stop_without_waiting();
  // Whether this is a child of the process that made it: everything belongs to the parent.
  bool is_of_parent() const;
  bool is_running() const { return phase_ == Phase::running && !is_of_parent(); }
  std::size_t calls() const { return calls_.load(std::memory_order_relaxed); }
  std::uint64_t calls_begun() const { return begun_.load(std::memory_order_acquire); }
  milliseconds limit_of(std::string_view alias) const;

  // Runs start(engine, settle) on the loop and waits until `settle` is called with a T, or with
  // something that T can be made of. T can be made of an Error, too.
  template <class T, class Start>
  T call(milliseconds limit, Start start) {
    if (auto refused = refuse()) return T(*std::move(refused));
    auto* call = new CallOf<T, Start>(*this, start);
    return submit_and_wait<T>(*call, limit);
  }
  // For other kinds of calls. Consumes a reference of the caller's.
  template <class T>
  T submit_and_wait(Answer<T>& call, milliseconds limit) {
    const Reference reference(call);
    const Counted counted(calls_);
    if (!submit(call)) return T(engine_is_gone());
    std::optional<Error> gave_up = wait(call, limit);
    return gave_up ? T(*std::move(gave_up)) : call.take();
  }

  // --- The parts of submit_and_wait().
  Waker& waker() { return *this; }
  std::atomic<std::size_t>& counter() { return calls_; }
  std::optional<Error> refuse() const;  // why this thread must not wait here now
  bool submit(Submission& submission);  // false: the engine is gone. wait() lets it begin
  bool post(Submission& submission);    // the same without a wait()
  // Keeps a submission that was refused, until the loop's thread has ended. Takes a reference.
  void keep(Submission* late);
  // Waits for the result, or for a producer to be due; meanwhile this thread may drive the loop. An
  // error: the limit has passed, and the loop no longer uses the caller's stack.
  std::optional<Error> wait(Submission& submission, milliseconds limit);

  struct Reference {
    explicit Reference(Submission& of) : submission(of) {}
    Reference(const Reference&) = delete;
    ~Reference() { submission.release(); }
    Submission& submission;
  };
  struct Counted {
    explicit Counted(std::atomic<std::size_t>& in) : count(in) { count.fetch_add(1); }
    Counted(const Counted&) = delete;
    ~Counted() { count.fetch_sub(1); }
    std::atomic<std::size_t>& count;
  };
  // While one exists, no caller drives: for calls that run a function of the program.
  struct OnLoopThread : private Counted {
    explicit OnLoopThread(Core& core) : Counted(core.bound_to_thread_) {}
  };

 private:
  enum class Phase : std::uint8_t { not_started, running, stopped };

  // On calling threads.
  std::optional<Error> sleep(Submission& submission, Clock::time_point deadline);
  static std::optional<Error> give_up(Submission& submission, const Error& why);
  Clock::time_point next_question(Clock::time_point deadline) const;
  void drive(Submission& own, Clock::time_point deadline) noexcept;
  void leave();
  bool may_drive() const;
  void see_to_it();
  void wake_loop();

  // On the loop's thread.
  std::string open_loop();
  void close_handles();
  void run();
  void stand_by();
  void end();

  // On the driving thread.
  bool thread_drives() const { return driver_ == nullptr; }
  bool thread_is_needed() const;
  bool may_leave();
  void limit_driver();
  void before_poll();
  void after_poll();
  void begin_calls();
  void begin(Submission* list);
  void tell(Submission& submission, std::uint32_t word) override;
  void wake_callers();

  Settings settings_;  // its hooks call the two below
  const SyncOptions options_;
  const decltype(Settings::on_event) on_event_;
  const decltype(Settings::on_warning) on_warning_;
  const bool callers_drive_;
  std::vector<Submission*> late_;  // under mutex_
  const std::uint32_t born_;       // the fork count at construction
  std::mutex mutex_;               // of starting and stopping
  std::atomic<Phase> phase_ = Phase::not_started;
  std::thread thread_;
  Queue queue_;
  Wheel wheel_;
  std::atomic<bool> loop_sleeps_ = false;
  std::atomic<bool> stop_wanted_ = false;
  std::atomic<std::size_t> calls_ = 0;
  std::atomic<std::size_t> waiting_ = 0;  // threads in wait()
  std::atomic<std::size_t> bound_to_thread_ = 0;
  std::atomic<std::uint64_t> begun_ = 0;
  std::atomic<std::uint64_t> polls_ = 0;
  int wake_up_ = -1;  // an eventfd that outlives the loop, so that a late wake-up is harmless

  // --- For the driving thread only.
  uv_loop_t loop_{};
  uv_poll_t poll_{};
  uv_prepare_t prepare_{};
  uv_check_t check_{};
  uv_timer_t limit_{};  // of a driving caller
  std::optional<Engine> engine_;
  Submission* driver_ = nullptr;     // of the caller that drives
  std::uint32_t thread_number_ = 0;  // of the loop's thread, once it has released the wheel
  Clock::time_point driver_deadline_;
  Submission* backlog_ = nullptr;             // taken but not begun, left to the loop's thread
  std::vector<Submission*> asleep_;           // have their result, and are to be woken
  std::vector<std::function<void()>> hooks_;  // due, left to the loop's thread
  std::size_t told_ = 0;                      // calls that got their result since the last poll
  int alone_ = 0;                             // calls in a row that were the only one
  int alone_wanted_ = 1;                      // callers may drive after this many
};

}  // namespace djcache::sync
