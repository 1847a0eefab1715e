// LoopClock: counts the milliseconds in which the loop was able to run. Deadlines use this clock.
//
// If a program blocks the loop (a long callback, no uv_run for a while), its operations must not
// have timed out when the loop continues: the sockets were not read meanwhile. While operations are
// pending, the engine is woken every few milliseconds, and any delay beyond that is not counted.
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

  // The longest sleep until `next` on this clock, such that the loop is seen running. A blocked
  // loop costs pending operations no more than one such sleep.
  static Millis nap(Millis now, Millis next) {
    const Millis left = next > now ? next - now : 0;
    return std::min(left, std::clamp<Millis>(left / 128, shortest, longest));
  }
  // A timer will fire in `delay` milliseconds unless the loop is blocked.
  void sleep(Millis delay) { expected_by_ = source_() + delay + slack; }
  // No timer will fire: nothing is pending, so no time can be lost.
  void rest() { expected_by_ = never; }

  static constexpr Millis shortest = 1;
  static constexpr Millis longest = 100;
  static constexpr Millis slack = 1;  // timers may be late by this much

 private:
  static constexpr Millis never = std::numeric_limits<Millis>::max();

  Source source_;
  Millis held_ = 0;
  Millis expected_by_ = never;
};

}  // namespace djcache::net
