// Runs redis-benchmark, the reference for raw protocol speed, as a process on keys that another
// contestant stored before. Its commands have the same keys, value size and expiry as the others'.
#pragma once

#include "driver/workload.h"

namespace djcache::bench {

struct BenchmarkShape {
  std::uint32_t connections = 1;
  std::uint32_t pipeline = 1;
};

Outcome run_redis_benchmark(const Workload& workload, const Endpoint& endpoint,
                            const BenchmarkShape& shape);

}  // namespace djcache::bench
