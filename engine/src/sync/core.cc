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

// Set on the loop's thread. (A driving caller runs no function of the program.)
thread_local const Core* loop_of_this_thread = nullptr;

// Whether the settings have functions that must return a result, and so cannot be postponed.
bool asks_the_program(const Settings& settings, const SyncOptions& options) {
  return settings.on_work ||
         std::any_of(settings.caches.begin(), settings.caches.end(), [&](const auto& each) {
           return (each.second.key_function && !options.key_function_on_callers) ||
                  each.second.credentials;
         });
}

// Blocks all signals: they are for the program's own threads.
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

Core::Core(Settings settings, SyncOptions options)
    : settings_(std::move(settings)),
      options_(std::move(options)),
      on_event_(settings_.on_event),
      on_warning_(settings_.on_warning),
      callers_drive_(!asks_the_program(settings_, options_)),
      born_(fork_count()) {
  if (on_event_) {
    settings_.on_event = [this](const PoolEvent& event) {
      if (thread_drives()) return on_event_(event);
      hooks_.push_back([this, event] { on_event_(event); });
    };
  }
  if (on_warning_) {
    settings_.on_warning = [this](std::string_view alias, std::string_view message) {
      if (thread_drives()) return on_warning_(alias, message);
      hooks_.push_back([this, alias = std::string(alias), message = std::string(message)] {
        on_warning_(alias, message);
      });
    };
  }
}

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
  uv_timer_init(&loop_, &limit_);
  poll_.data = prepare_.data = check_.data = this;
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
    std::uint64_t count;
    (void)!::read(static_cast<Core*>(handle->data)->wake_up_, &count, sizeof count);
  });
  uv_prepare_start(&prepare_, [](uv_prepare_t* p) { static_cast<Core*>(p->data)->before_poll(); });
  uv_check_start(&check_, [](uv_check_t* c) { static_cast<Core*>(c->data)->after_poll(); });
  try {
    const NoSignals no_signals;
    thread_ = std::thread([self = shared_from_this()] {
      loop_of_this_thread = self.get();
      self->run();
    });
  } catch (const std::system_error& error) {
    close_handles();
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
    return error.what();
  }
  return {};
}

void Core::close_handles() {
  for (void* handle : {static_cast<void*>(&poll_), static_cast<void*>(&prepare_),
                       static_cast<void*>(&check_), static_cast<void*>(&limit_)}) {
    uv_close(static_cast<uv_handle_t*>(handle), nullptr);
  }
}

Result<void> Core::stop() {
  if (is_of_parent()) return *refuse();
  if (loop_of_this_thread == this) return *refuse();
  const std::lock_guard lock(mutex_);
  const Phase before = phase_.exchange(Phase::stopped);
  if (before == Phase::running) {
    stop_wanted_ = true;
    see_to_it();
    thread_.join();
  }
  return {};
}

void Core::stop_without_waiting() {
  if (loop_of_this_thread != this) return (void)stop();
  phase_ = Phase::stopped;
  stop_wanted_ = true;
  if (thread_.joinable()) thread_.detach();  // the thread keeps this alive until it ends
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

void Core::keep(Submission* late) {
  const std::lock_guard lock(mutex_);
  late_.push_back(late);
}

}  // namespace djcache::sync
