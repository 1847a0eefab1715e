// Wheel: which thread drives the loop: the loop's own, a caller's, or none. Never two.
//
// Taking the wheel synchronizes with the previous driver. Must not know what driving is.
#pragma once

#include "sync/futex.h"

namespace djcache::sync {

class Wheel {
 public:
  // --- Callers.
  bool take() { return change(none, caller); }
  // REQUIRES: taken. Afterwards the caller checks for work that came in before this.
  void let_go() { holder_.store(none, std::memory_order_seq_cst); }
  // REQUIRES: taken. The loop's thread takes over.
  void pass_on() {
    holder_.store(loop_thread, std::memory_order_seq_cst);
    futex_wake(&holder_);
  }
  // If no thread drives, the loop's thread takes over: true.
  bool summon() {
    if (holder_.load(std::memory_order_seq_cst) != none || !change(none, loop_thread)) {
      return false;
    }
    futex_wake(&holder_);
    return true;
  }

  // --- The loop's thread, which drives first.
  // After let_go().
  bool take_back() { return change(none, loop_thread); }
  // False: not summoned by then.
  bool await_summons(std::chrono::steady_clock::time_point until) const {
    for (;;) {
      const std::uint32_t holder = holder_.load(std::memory_order_acquire);
      if (holder == loop_thread) return true;
      if (std::chrono::steady_clock::now() >= until) return false;
      futex_wait(holder_, holder, until);
    }
  }

 private:
  enum : std::uint32_t { none, caller, loop_thread };

  bool change(std::uint32_t from, std::uint32_t to) {
    return holder_.compare_exchange_strong(from, to, std::memory_order_seq_cst);
  }

  Word holder_ = loop_thread;
};

}  // namespace djcache::sync
