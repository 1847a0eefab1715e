// The axes: quantities that may grow, such as pools, connections and pending operations, while the
// cost of an operation must stay the same. Each axis is measured at several sizes, with a process
// per point.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace djcache::bench {

class Growth;

struct Axis {
  const char* name;       // of the quantity that grows
  const char* operation;  // the one that is counted
  std::vector<std::uint64_t> sizes;
  void (*measure)(Growth& growth, std::uint64_t size);
};

const std::vector<Axis>& axes();

// Measures one point in this process, which runs under callgrind. Returns the number of operations,
// or 0 after an error, which is printed to standard error.
std::uint64_t measure_point(const Axis& axis, std::uint64_t size, const std::string& server);

}  // namespace djcache::bench
