// The resources that the process has used so far: wall clock, processor time, heap allocations and,
// if the kernel permits the hardware counter, instructions in user mode. The usage of a run is the
// difference of two readings.
#pragma once

#include <cstdint>
#include <optional>

namespace djcache::bench {

std::uint64_t monotonic_ns();

struct Usage {
  std::uint64_t wall_ns = 0;
  std::uint64_t cpu_ns = 0;  ///< User and system time of all threads of this process.
  std::optional<std::uint64_t> allocations{};
  std::optional<std::uint64_t> instructions{};
};

class UsageMeter {
 public:
  UsageMeter();  ///< Opens the instruction counter; without one, `instructions` stays empty.
  ~UsageMeter();
  UsageMeter(const UsageMeter&) = delete;
  UsageMeter& operator=(const UsageMeter&) = delete;

  Usage read() const;

 private:
  int counter_ = -1;
};

}  // namespace djcache::bench
