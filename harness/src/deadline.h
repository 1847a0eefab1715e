// A point in time at which waiting ends, and short pauses until then.
#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace djcache::harness {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds limit) : end_(Clock::now() + limit) {}

  bool passed() const { return Clock::now() >= end_; }

  // For poll(): rounded up, so that a wait of less than a millisecond does not spin.
  int left_ms() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }

  // Pause between two checks of something that cannot be polled (a process, a missing socket).
  void pause() const { ::poll(nullptr, 0, std::min(2, left_ms())); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
};

}  // namespace djcache::harness
