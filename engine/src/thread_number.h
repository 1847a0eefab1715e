// A number for each thread, by which an engine knows its loop's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace djcache {

namespace detail {
inline constinit thread_local std::uint32_t own_thread_number = 0;
}  // namespace detail

// The system's ids do not serve: a thread may get that of one that has ended.
inline std::uint32_t thread_number() {
  static std::atomic<std::uint32_t> last = 0;
  std::uint32_t& own = detail::own_thread_number;
  if (own == 0) [[unlikely]] {
    own = last.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  return own;
}

// While it exists, the running thread counts as another one: it drives that thread's loop, which
// waits meanwhile.
class StandsIn {
 public:
  explicit StandsIn(std::uint32_t other) : own_(std::exchange(detail::own_thread_number, other)) {}
  ~StandsIn() { detail::own_thread_number = own_; }
  StandsIn(const StandsIn&) = delete;

 private:
  const std::uint32_t own_;
};

}  // namespace djcache
