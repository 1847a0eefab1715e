// A word that a thread can sleep on until another thread wakes it, or until a deadline, which
// std::atomic::wait lacks. Linux only. Must not know what the word means.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>

namespace djcache::sync {

using Word = std::atomic<std::uint32_t>;
static_assert(sizeof(Word) == 4 && Word::is_always_lock_free);

// Returns when the word is not `seen`, when woken, at the deadline, or spuriously.
inline void futex_wait(const Word& word, std::uint32_t seen,
                       std::chrono::steady_clock::time_point deadline) {
  const auto time = deadline.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  timespec until{};
  until.tv_sec = static_cast<std::time_t>(seconds.count());
  until.tv_nsec = static_cast<long>(std::chrono::nanoseconds(time - seconds).count());
  // The only variant that takes an absolute time of the monotonic clock.
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, seen, &until, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

// The word's memory may be gone already: only its address is used.
inline void futex_wake(const Word* word) {
  ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace djcache::sync
