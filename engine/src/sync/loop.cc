// The loop of a Core: its thread, and what the driving thread does in each turn.
#include <algorithm>
#include <utility>

#include "sync/core.h"
#include "thread_number.h"

namespace djcache::sync {

namespace {
// How long the loop may go undriven between calls. A shorter time wakes its thread more often
// without need; a longer one delays whatever no call waits for, such as timers.
constexpr milliseconds undriven{10};
// After concurrent calls, callers drive again once this many calls in a row were the only one.
constexpr int alone_after_crowd = 8;
}  // namespace

// --- The loop's thread.

void Core::run() {
  thread_number_ = thread_number();
  engine_.emplace(loop_, settings_);
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) stand_by();
  uv_loop_close(&loop_);
}

// Leaves the loop to callers until this thread is needed, or until no caller has driven it for a
// while.
void Core::stand_by() {
  wake_callers();
  alone_ = 0;
  wheel_.let_go();
  // A call submitted before that relies on this thread.
  const bool needed = !queue_.empty() || stop_wanted_ || bound_to_thread_ > 0;
  if (needed && wheel_.take_back()) return;
  alone_wanted_ = alone_after_crowd;
  for (;;) {
    const auto polls = polls_.load(std::memory_order_relaxed);
    if (wheel_.await_summons(Clock::now() + undriven)) break;
    const bool served = polls_.load(std::memory_order_relaxed) != polls || loop_sleeps_;
    if (!served && wheel_.take_back()) {
      alone_wanted_ = 1;
      break;
    }
  }
  for (auto& hook : std::exchange(hooks_, {})) hook();
}

void Core::end() {
  for (Submission* next = queue_.close(); next != nullptr;) {
    Submission* submission = std::exchange(next, next->next);
    submission->refuse();
    submission->release();
  }
  engine_.reset();  // destroys every pending callback, which refuses its caller
  wake_callers();
  close_handles();
}

// --- On the driving thread.

bool Core::thread_is_needed() const {
  return backlog_ != nullptr || !hooks_.empty() || stop_wanted_ || bound_to_thread_ > 0;
}

// After a poll: whether the driving thread may stop driving.
bool Core::may_leave() {
  const std::size_t told_now = std::exchange(told_, 0);
  if (!thread_drives()) return told(*driver_) || thread_is_needed();
  if (told_now > 0) alone_ = told_now == 1 && waiting_.load() <= 1 ? alone_ + 1 : 0;
  return alone_ >= alone_wanted_ && queue_.empty() && may_drive();
}

// Most results arrive with the first poll; the timer is for calls that take longer.
void Core::limit_driver() {
  if (uv_is_active(reinterpret_cast<uv_handle_t*>(&limit_)) != 0) return;
  const auto left = std::chrono::ceil<milliseconds>(driver_deadline_ - Clock::now());
  uv_timer_start(
      &limit_, [](uv_timer_t* timer) { uv_stop(timer->loop); },
      static_cast<std::uint64_t>(std::max<milliseconds::rep>(left.count(), 0)), 0);
}

void Core::before_poll() {
  wake_callers();
  polls_.fetch_add(1, std::memory_order_relaxed);
  // Set the flag before checking the queue, or a submission could be missed.
  loop_sleeps_.store(true, std::memory_order_seq_cst);
  if (!queue_.empty() || stop_wanted_) {
    // The flag stays set: a later submission wakes the poll that follows, whatever its timeout.
    begin_calls();
    wake_callers();
  }
  // A driver that has its result must not block in the poll that follows.
  if (!thread_drives() && (told(*driver_) || thread_is_needed())) uv_stop(&loop_);
}

void Core::after_poll() {
  loop_sleeps_.store(false, std::memory_order_relaxed);
  wake_callers();
  if (may_leave()) return uv_stop(&loop_);
  if (!thread_drives()) limit_driver();
  begin_calls();
}

void Core::begin_calls() {
  if (thread_drives()) {
    begin(std::exchange(backlog_, nullptr));
    begin(queue_.take());
    if (stop_wanted_) end();
  } else if (!thread_is_needed()) {
    Submission* const list = queue_.take();
    // Checked again: a call that needs the loop's thread is counted before it is submitted.
    thread_is_needed() ? void(backlog_ = list) : begin(list);
  }
}

void Core::begin(Submission* list) {
  while (list != nullptr) {
    Submission* submission = std::exchange(list, list->next);
    submission->begin(*engine_);
    submission->release();
  }
}

void Core::tell(Submission& submission, std::uint32_t word) {
  ++told_;
  submission.hold();
  if (submission.word.exchange(word, std::memory_order_acq_rel) == Submission::asleep) {
    asleep_.push_back(&submission);
  } else {
    submission.release();
  }
}

// Once per batch: a caller woken at once would take the processor from this thread.
void Core::wake_callers() {
  for (Submission* submission : asleep_) {
    const Word* word = &submission->word;
    submission->release();
    futex_wake(word);
  }
  asleep_.clear();
}

}  // namespace djcache::sync
