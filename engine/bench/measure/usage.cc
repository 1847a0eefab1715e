#include "measure/usage.h"

#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "measure/allocations.h"

namespace djcache::bench {
namespace {

std::uint64_t to_ns(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_usec) * 1'000;
}

int open_instruction_counter() {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
  attributes.exclude_kernel = 1;
  attributes.exclude_hv = 1;
  attributes.inherit = 1;  // include threads that a client starts later
  return static_cast<int>(
      syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

UsageMeter::UsageMeter() : counter_(open_instruction_counter()) {}

UsageMeter::~UsageMeter() {
  if (counter_ >= 0) ::close(counter_);
}

Usage UsageMeter::read() const {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  Usage found{.wall_ns = monotonic_ns(), .cpu_ns = to_ns(used.ru_utime) + to_ns(used.ru_stime)};
  found.allocations = allocation_count();
  std::uint64_t instructions = 0;
  if (counter_ >= 0 &&
      ::read(counter_, &instructions, sizeof instructions) == sizeof instructions) {
    found.instructions = instructions;
  }
  return found;
}

}  // namespace djcache::bench
