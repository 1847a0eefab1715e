#include "fork_count.h"

#include <pthread.h>

#include <atomic>

namespace djcache {

namespace {
std::atomic<std::uint32_t> forks = 0;
}

std::uint32_t fork_count() {
  static const int registered =
      ::pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  return forks.load(std::memory_order_relaxed);
}

}  // namespace djcache
