// Instructions and system calls per operation, counted by running a contestant under callgrind and
// under strace with two numbers of operations and dividing the difference.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "suite/plan.h"

namespace djcache::bench {

/// Whether the tool is there and may trace; otherwise why not.
struct ToolState {
  bool works = false;
  std::string about;
};
ToolState try_callgrind();
ToolState try_strace();

std::optional<double> instructions_by_callgrind(const std::string& contestant,
                                                const CountedRuns& runs, const Endpoint& endpoint);

/// By kind (see kind_of_syscall). Nothing when a run failed.
std::optional<std::map<std::string, double>> syscalls_by_strace(const std::string& contestant,
                                                                const CountedRuns& runs,
                                                                const Endpoint& endpoint, int cpu);

}  // namespace djcache::bench
