// Measures the cost of cache handles: the heap and own size of each, and connections on the server.
#pragma once

#include "driver/workload.h"
#include "suite/results.h"

namespace djcache::bench {

/// Makes `handles` handles of one alias in this process, after another one has been used.
HandleCost measure_handles(std::uint64_t handles, const Endpoint& endpoint);

}  // namespace djcache::bench
