// What may grow beside an operation: pools, connections, operations, ... Each axis is measured at
// several sizes, a process per point: what the operation costs must be the same at all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace djcache::bench {

class Growth;

struct Axis {
  const char* name;       // of what there are so many
  const char* operation;  // what is counted
  std::vector<std::uint64_t> sizes;
  void (*measure)(Growth& growth, std::uint64_t size);
};

const std::vector<Axis>& axes();

// In this process, under callgrind: counts one point. How many operations that were; 0: something
// went wrong, and standard error says what.
std::uint64_t measure_point(const Axis& axis, std::uint64_t size, const std::string& server);

}  // namespace djcache::bench
