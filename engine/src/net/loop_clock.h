// LoopClock: the milliseconds in which the loop was able to run. Deadlines are counted by it.
//
// A program that holds the loop up (a long callback, no uv_run for a while) must not find its operations
// timed out when it comes back: nobody looked at the socket meanwhile. While operations are pending, the
// engine asks to be woken every few milliseconds; whatever the loop is late by does not count.
//
// Pure: the clock is a parameter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace djcache::net {

class LoopClock {
 public:
  using Millis = std::uint64_t;
  using Source = Millis (*)();

  explicit LoopClock(Source source) : source_(source) {}

  Millis now() {
    const Millis time = source_();
    if (time > expected_by_) [[unlikely]] {
      held_ += time - expected_by_;
      expected_by_ = time;
    }
    return time - held_;
  }

  // How long to sleep at most until the moment `next` of this clock: the loop is to be seen running
  // meanwhile. Each time it is held up costs what is pending no more than that.
  static Millis nap(Millis now, Millis next) {
    const Millis left = next > now ? next - now : 0;
    return std::min(left, std::clamp<Millis>(left / 128, shortest, longest));
  }
  // A timer will fire in `delay` milliseconds, unless the loop is held up.
  void sleep(Millis delay) { expected_by_ = source_() + delay + slack; }
  // No timer will fire: nothing is pending, and no time is lost.
  void rest() { expected_by_ = never; }

  static constexpr Millis shortest = 1;
  static constexpr Millis longest = 100;
  static constexpr Millis slack = 1;  // timers are late by as much

 private:
  static constexpr Millis never = std::numeric_limits<Millis>::max();

  Source source_;
  Millis held_ = 0;
  Millis expected_by_ = never;
};

}  // namespace djcache::net
