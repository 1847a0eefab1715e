// redis-benchmark, the yardstick of the wire: run as a process against the keys that a driven
// contestant stored before. Its commands are the same as ours, key, value size and expiry included.
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
