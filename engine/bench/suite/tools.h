// Counts instructions and system calls per operation: runs a contestant under callgrind and under
// strace with two numbers of operations, and divides the difference.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "suite/plan.h"

namespace djcache::bench {

/// Whether the tool works, and how it counts or why it cannot.
struct ToolState {
  bool works = false;
  std::string about;
};
ToolState try_callgrind();
ToolState try_strace();

std::optional<double> instructions_by_callgrind(const std::string& contestant,
                                                const CountedRuns& runs, const Endpoint& endpoint);

/// By kind (see kind_of_syscall). nullopt if a run failed.
std::optional<std::map<std::string, double>> syscalls_by_strace(const std::string& contestant,
                                                                const CountedRuns& runs,
                                                                const Endpoint& endpoint, int cpu);

}  // namespace djcache::bench
