// How a calling thread gets its result: it drives the loop while its call is the only one, or
// sleeps until the driving thread wakes it.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sync/core.h"
#include "thread_number.h"

namespace djcache::sync {

namespace {

// How much longer than its own limit a call waits for the loop, which should have reported by then.
constexpr milliseconds grace{1000};
// How often a caller checks for its result before it goes to sleep.
constexpr int looks = 20;

Error late(const Error& why, const char* what) {
  std::string detail = why.detail + " (" + what + ")";
  if (why.code == Errc::timeout) detail += ": a callback of the program's keeps it busy";
  return {why.code, std::move(detail)};
}

// Postpones the cancellation of this thread until the call has ended: it may hold the wheel.
class NotCancelled {
 public:
  NotCancelled() { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~NotCancelled() { ::pthread_setcancelstate(before_, nullptr); }
  NotCancelled(const NotCancelled&) = delete;

 private:
  int before_ = 0;
};

}  // namespace

bool Core::submit(Submission& submission) {
  submission.hold();  // the queue's reference
  if (!queue_.push(submission)) {
    submission.release();
    return false;
  }
  begun_.fetch_add(1, std::memory_order_release);
  return true;
}

bool Core::post(Submission& submission) {
  if (!submit(submission)) return false;
  see_to_it();
  return true;
}

std::optional<Error> Core::wait(Submission& submission, milliseconds limit) {
  const NotCancelled not_cancelled;
  // Counted before checking the wheel: a thread that releases the wheel checks the count later.
  const Counted waits(waiting_);
  const auto deadline = Clock::now() + limit + grace;
  if (may_drive() && wheel_.take()) {
    drive(submission, next_question(deadline));
    if (told(submission)) return {};
    see_to_it();  // from here on it sleeps
  } else {
    see_to_it();
    for (int i = 0; i < looks; ++i) {
      if (told(submission)) return {};
    }
  }
  return sleep(submission, deadline);
}

std::optional<Error> Core::sleep(Submission& submission, Clock::time_point deadline) {
  Word& word = submission.word;
  for (;;) {
    std::uint32_t seen = Submission::waiting;
    if (!word.compare_exchange_strong(seen, Submission::asleep, std::memory_order_acquire) &&
        seen != Submission::asleep) {
      return {};
    }
    futex_wait(word, Submission::asleep, next_question(deadline));
    if (told(submission)) return {};
    if (options_.go_on && !options_.go_on()) {
      return give_up(submission, {Errc::cancelled, "the caller gave up"});
    }
    if (Clock::now() >= deadline) {
      return give_up(submission, {Errc::timeout, "the loop thread did not answer in time"});
    }
  }
}

// Nobody may touch the caller's stack afterwards.
std::optional<Error> Core::give_up(Submission& submission, const Error& why) {
  auto claim = Submission::Claim::queued;
  if (submission.claim.compare_exchange_strong(claim, Submission::Claim::abandoned)) {
    return late(why, "not begun; not sent");
  }
  // The driving thread is reading our arguments: that takes no longer than a KEY_FUNCTION.
  while (submission.claim.load(std::memory_order_acquire) == Submission::Claim::issuing) {
    std::this_thread::yield();
  }
  return late(why, "begun; may have been executed");
}

// When to look up from waiting: at the deadline, or earlier to ask whether to go on.
Clock::time_point Core::next_question(Clock::time_point deadline) const {
  return options_.go_on ? std::min(deadline, Clock::now() + options_.ask_every) : deadline;
}

// --- Driving.

bool Core::may_drive() const {
  return callers_drive_ && bound_to_thread_.load() == 0 &&
         !stop_wanted_.load(std::memory_order_relaxed);
}

// Drives until `own` has its result, or the loop's thread has to take over.
void Core::drive(Submission& own, Clock::time_point deadline) noexcept {
  const StandsIn stands_in(thread_number_);
  driver_ = &own;
  driver_deadline_ = deadline;
  begin_calls();
  // Runs until stopped after a poll. (UV_RUN_ONCE does not sleep in a turn that had work to do.)
  if (!told(own) && !thread_is_needed()) uv_run(&loop_, UV_RUN_DEFAULT);
  uv_timer_stop(&limit_);
  wake_callers();
  driver_ = nullptr;
  leave();
}

// While several calls are pending, the loop's thread serves them better than one of the callers.
void Core::leave() {
  if (thread_is_needed()) return wheel_.pass_on();
  wheel_.let_go();
  if (!queue_.empty() || waiting_.load() > 1 || stop_wanted_) wheel_.summon();
}

// Makes sure that a submission is begun: by the driving thread, or else by the loop's thread.
void Core::see_to_it() {
  if (wheel_.summon()) return;
  if (loop_sleeps_.load(std::memory_order_seq_cst) || stop_wanted_) wake_loop();
}

// The first thread to find the loop asleep wakes it.
void Core::wake_loop() {
  if (!loop_sleeps_.exchange(false, std::memory_order_seq_cst) && !stop_wanted_) return;
  const std::uint64_t one = 1;
  (void)!::write(wake_up_, &one, sizeof one);
}

}  // namespace djcache::sync
