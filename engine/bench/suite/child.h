// Runs one contestant once in a process of its own: this program starts itself again with
// `--contestant`, and the new process prints its outcome as one line of JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/workload.h"
#include "suite/results.h"

namespace djcache::bench {

/// Runs it in this process.
Outcome run_contestant(const std::string& contestant, const Workload& workload,
                       const Endpoint& endpoint);

/// Runs it in a child process, pinned to a core if one is given.
Outcome run_in_child(const std::string& contestant, const Workload& workload,
                     const Endpoint& endpoint, std::optional<int> cpu);
HandleCost measure_handles_in_child(std::uint64_t handles, const Endpoint& endpoint);

/// The command line of such a child process, for running it under a tool.
std::vector<std::string> child_arguments(const std::string& contestant, const Workload& workload,
                                         const Endpoint& endpoint);

std::string to_line(const Outcome& outcome);
std::string to_line(const HandleCost& cost);

}  // namespace djcache::bench
