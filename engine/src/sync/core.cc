#include "sync/core.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <string>
#include <system_error>

#include "fork_count.h"
#include "settings/resolve.h"

namespace djcache::sync {

namespace {

// An error only when no alias at all can work.
Result<void> check_any(const Settings& settings) {
  std::set<std::string> broken;
  for (const SettingsFinding& finding : settings.findings()) {
    if (finding.severity == SettingsFinding::Severity::error) broken.insert(finding.alias);
  }
  const bool one_works =
      std::any_of(settings.caches.begin(), settings.caches.end(),
                  [&](const auto& each) { return !broken.contains(each.first); });
  return one_works ? Result<void>() : settings.check();
}

// How much longer than its limit a call waits for a loop that should have answered by then.
constexpr milliseconds grace{1000};
// Looks at the answer before going to sleep.
constexpr int looks = 20;

thread_local const Core* loop_of_this_thread = nullptr;

Error late(const char* what) {
  return {Errc::timeout, std::string("the loop thread did not answer in time (") + what +
                             "): a callback of the program's keeps it busy"};
}

// Signals are for the program's own threads.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Error engine_is_gone() { return {Errc::closed, "the SyncEngine has been stopped"}; }

Error why_dropped() {
  return std::uncaught_exceptions() > 0 ? Error{Errc::no_memory, "no memory left"}
                                        : engine_is_gone();
}

Core::Core(Settings settings) : settings_(std::move(settings)), born_(fork_count()) {}

Core::~Core() {
  for (Submission* late : late_) late->release();
  if (wake_up_ >= 0) ::close(wake_up_);
}

// --- Starting and stopping.

Result<void> Core::start() {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::not_started) {
    return {Errc::closed, "a SyncEngine starts once: this one runs or has been stopped"};
  }
  if (auto wrong = check_any(settings_); !wrong.ok()) return wrong;
  if (std::string problem = open_loop(); !problem.empty()) {
    return {Errc::overloaded, "no loop thread could be started: " + problem};
  }
  phase_ = Phase::running;
  return {};
}

std::string Core::open_loop() {
  wake_up_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_up_ < 0) return std::generic_category().message(errno);
  if (const int code = uv_loop_init(&loop_); code != 0) return uv_strerror(code);
  uv_poll_init(&loop_, &poll_, wake_up_);
  uv_prepare_init(&loop_, &prepare_);
  uv_check_init(&loop_, &check_);
  poll_.data = prepare_.data = check_.data = this;
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    std::uint64_t count;
    (void)!::read(static_cast<Core*>(handle->data)->wake_up_, &count, sizeof count);
  });
  uv_prepare_start(&prepare_, [](uv_prepare_t* p) { static_cast<Core*>(p->data)->before_poll(); });
  uv_check_start(&check_, [](uv_check_t* c) { static_cast<Core*>(c->data)->after_poll(); });
  try {
    const NoSignals no_signals;
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
  } catch (const std::system_error& error) {
    close_wake_up();
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
    return error.what();
  }
  return {};
}

Result<void> Core::stop() {
  if (is_of_parent()) return *refuse();
  if (loop_of_this_thread == this) return *refuse();
  const std::lock_guard lock(mutex_);
  const Phase before = phase_.exchange(Phase::stopped);
  if (before == Phase::running) {
    stop_wanted_ = true;
    wake_loop();
    thread_.join();
  }
  return {};
}

void Core::stop_without_waiting() {
  if (loop_of_this_thread != this) return (void)stop();
  phase_ = Phase::stopped;
  stop_wanted_ = true;
  if (thread_.joinable()) thread_.detach();  // it keeps this alive to its own end
}

bool Core::is_of_parent() const { return born_ != fork_count(); }

milliseconds Core::limit_of(std::string_view alias) const {
  const auto it = settings_.caches.find(alias);
  return settings::command_limit(it == settings_.caches.end() ? CacheSettings() : it->second);
}

// --- Callers.

std::optional<Error> Core::refuse() const {
  if (is_of_parent()) [[unlikely]] {
    return Error{Errc::closed,
                 "the SyncEngine was made before fork() and belongs to the parent: make one of the "
                 "child's own"};
  }
  if (loop_of_this_thread == this) [[unlikely]] {
    return Error{Errc::would_deadlock,
                 "a blocking call from the loop thread of its own SyncEngine (on_event, on_warning "
                 "and KEY_FUNCTION run there)"};
  }
  const Phase phase = phase_.load(std::memory_order_relaxed);
  if (phase == Phase::running) [[likely]] {
    return {};
  }
  if (phase == Phase::stopped) return engine_is_gone();
  if (auto wrong = check_any(settings_); !wrong.ok()) return wrong.error();
  return Error{Errc::closed, "the SyncEngine has not been started"};
}

bool Core::submit(Submission& submission) {
  submission.hold();  // the queue's
  if (!queue_.push(submission)) {
    submission.release();
    return false;
  }
  begun_.fetch_add(1, std::memory_order_release);
  if (loop_sleeps_.load(std::memory_order_seq_cst)) wake_loop();
  return true;
}

std::optional<Error> Core::wait(Submission& submission, milliseconds limit) {
  Word& word = submission.word;
  for (int i = 0; i < looks; ++i) {
    if (word.load(std::memory_order_acquire) >= Submission::to_produce) return {};
  }
  const auto deadline = Clock::now() + limit + grace;
  for (;;) {
    std::uint32_t seen = Submission::waiting;
    if (!word.compare_exchange_strong(seen, Submission::asleep, std::memory_order_acquire) &&
        seen != Submission::asleep) {
      return {};
    }
    futex_wait(word, Submission::asleep, deadline);
    if (word.load(std::memory_order_acquire) >= Submission::to_produce) return {};
    if (Clock::now() < deadline) continue;
    auto claim = Submission::Claim::queued;
    if (submission.claim.compare_exchange_strong(claim, Submission::Claim::abandoned)) {
      return late("not begun; not sent");
    }
    // It reads our arguments right now: that takes no longer than a KEY_FUNCTION.
    while (submission.claim.load(std::memory_order_acquire) == Submission::Claim::issuing) {
      std::this_thread::yield();
    }
    return late("begun; may have been executed");
  }
}

void Core::keep(Submission* late) {
  const std::lock_guard lock(mutex_);
  late_.push_back(late);
}

// Whoever finds the loop asleep wakes it, once.
void Core::wake_loop() {
  if (!loop_sleeps_.exchange(false, std::memory_order_seq_cst) && !stop_wanted_) return;
  const std::uint64_t one = 1;
  (void)!::write(wake_up_, &one, sizeof one);
}

// --- The loop.

void Core::run() {
  loop_of_this_thread = this;
  engine_.emplace(loop_, settings_);
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

void Core::before_poll() {
  wake_callers();
  // Said first and looked at afterwards, so that no submission falls in between.
  loop_sleeps_.store(true, std::memory_order_seq_cst);
  if (queue_.empty() && !stop_wanted_) return;
  // It stays said: what comes from now on wakes the poll that follows, whatever its timeout.
  begin_calls();
  wake_callers();
}

void Core::after_poll() {
  loop_sleeps_.store(false, std::memory_order_relaxed);
  wake_callers();
  begin_calls();
}

void Core::begin_calls() {
  for (Submission* next = queue_.take(); next != nullptr;) {
    Submission* submission = std::exchange(next, next->next);
    submission->begin(*engine_);
    submission->release();
  }
  if (stop_wanted_) end();
}

void Core::end() {
  for (Submission* next = queue_.close(); next != nullptr;) {
    Submission* submission = std::exchange(next, next->next);
    submission->refuse();
    submission->release();
  }
  engine_.reset();  // every callback that waits is destroyed, which refuses its caller
  wake_callers();
  close_wake_up();
}

void Core::close_wake_up() {
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&check_), nullptr);
}

void Core::tell(Submission& submission, std::uint32_t word) {
  submission.hold();
  if (submission.word.exchange(word, std::memory_order_acq_rel) == Submission::asleep) {
    asleep_.push_back(&submission);
  } else {
    submission.release();
  }
}

// All of a batch together: one that wakes at once takes the processor from those behind it.
void Core::wake_callers() {
  for (Submission* submission : asleep_) {
    const Word* word = &submission->word;
    submission->release();
    futex_wake(word);
  }
  asleep_.clear();
}

}  // namespace djcache::sync
