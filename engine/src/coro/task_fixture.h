// A task type as a user might write it: starts at once, may be destroyed while it waits, and can be
// awaited. Independent of djcache.
#pragma once

#include <coroutine>
#include <exception>
#include <utility>

namespace djcache {

class Task {
 public:
  struct promise_type {
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct GoOn {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
          const auto then = ended.promise().next;
          return then ? then : std::noop_coroutine();
        }
        void await_resume() noexcept {}
      };
      return GoOn{};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
    std::coroutine_handle<> next;
  };

  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  ~Task() { destroy(); }

  bool ended() const { return !handle_ || handle_.done(); }
  void destroy() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }

  bool await_ready() const { return ended(); }
  void await_suspend(std::coroutine_handle<> next) { handle_.promise().next = next; }
  void await_resume() const {}

 private:
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace djcache
