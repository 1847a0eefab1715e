// A clock that is read often and need not be exact. In a file of its own, so that a program with
// virtual time can link another.
#include <ctime>

#include "net/runtime.h"

namespace djcache::net {

link::Millis Runtime::coarse_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return static_cast<link::Millis>(time.tv_sec) * 1000 +
         static_cast<link::Millis>(time.tv_nsec) / 1'000'000;
}

}  // namespace djcache::net
