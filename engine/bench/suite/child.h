// One run of one contestant in a process of its own: this program starts itself again with
// `--contestant`, and the new process prints what it found as one line of JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/workload.h"
#include "suite/results.h"

namespace djcache::bench {

/// In this process.
Outcome run_contestant(const std::string& contestant, const Workload& workload,
                       const Endpoint& endpoint);

/// In a child process, pinned when a core is named.
Outcome run_in_child(const std::string& contestant, const Workload& workload,
                     const Endpoint& endpoint, std::optional<int> cpu);
HandleCost measure_handles_in_child(std::uint64_t handles, const Endpoint& endpoint);

/// The command line of such a child, to be run under a tool.
std::vector<std::string> child_arguments(const std::string& contestant, const Workload& workload,
                                         const Endpoint& endpoint);

std::string to_line(const Outcome& outcome);
std::string to_line(const HandleCost& cost);

}  // namespace djcache::bench
