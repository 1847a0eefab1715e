// Wheel: who drives the loop now: the loop's thread, a caller, or nobody. Never two.
//
// What one driver did, the next one sees. Must not know what driving is.
#pragma once

#include "sync/futex.h"

namespace djcache::sync {

class Wheel {
 public:
  // --- Callers.
  bool take() { return change(nobody, caller); }
  // REQUIRES: taken. Whoever lets go looks for work afterwards that nobody else may have seen.
  void let_go() { holder_.store(nobody, std::memory_order_seq_cst); }
  // REQUIRES: taken. The loop's thread goes on.
  void pass_on() {
    holder_.store(loop_thread, std::memory_order_seq_cst);
    futex_wake(&holder_);
  }
  // If nobody drives, the loop's thread is to.
  bool summon() {
    if (holder_.load(std::memory_order_seq_cst) != nobody || !change(nobody, loop_thread)) {
      return false;
    }
    futex_wake(&holder_);
    return true;
  }

  // --- The loop's thread, which drives at first.
  // After let_go().
  bool take_back() { return change(nobody, loop_thread); }
  // Whether it was summoned until then.
  bool await_summons(std::chrono::steady_clock::time_point until) const {
    for (;;) {
      const std::uint32_t holder = holder_.load(std::memory_order_acquire);
      if (holder == loop_thread) return true;
      if (std::chrono::steady_clock::now() >= until) return false;
      futex_wait(holder_, holder, until);
    }
  }

 private:
  enum : std::uint32_t { nobody, caller, loop_thread };

  bool change(std::uint32_t from, std::uint32_t to) {
    return holder_.compare_exchange_strong(from, to, std::memory_order_seq_cst);
  }

  Word holder_ = loop_thread;
};

}  // namespace djcache::sync
