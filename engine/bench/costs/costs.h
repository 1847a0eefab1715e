// The costs of one operation through the complete API, each measured in a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace djcache::bench {

struct Counted {
  std::uint64_t operations = 0;  // 0: something failed
  std::uint64_t allocations = 0;
};

class Growth;

struct Cost {
  const char* name;
  double instructions_max;  // per operation; 0: no budget
  double allocations_max;
  Counted (*measure)(Growth& growth);
};

const std::vector<Cost>& costs();

// Measures one cost in this process, which runs under callgrind.
Counted measure_cost(const Cost& cost, const std::string& server);

}  // namespace djcache::bench
