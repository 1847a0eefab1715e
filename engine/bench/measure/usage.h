// What the process has used so far: wall clock, processor time, heap allocations and, where the
// kernel gives us the processor's counter, instructions in user mode. A run is the difference of
// two readings.
#pragma once

#include <cstdint>
#include <optional>

namespace djcache::bench {

std::uint64_t monotonic_ns();

struct Usage {
  std::uint64_t wall_ns = 0;
  std::uint64_t cpu_ns = 0;  ///< User and system, all threads of this process.
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
