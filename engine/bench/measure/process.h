// Runs another program to its end: standard output captured, pinned to a core, within a limit.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace djcache::bench {

struct ProcessOptions {
  std::optional<int> cpu;  ///< The core it may run on, its children included.
  int limit_s = 120;       ///< After this it is killed, with all its children.
};

struct ProcessResult {
  bool succeeded = false;  ///< It ended by itself with exit code 0.
  std::string output;      ///< Standard output; standard error is passed through.
  double cpu_ns = 0;       ///< User and system time, of its waited-for children too.
  std::string failure;     ///< Why it did not succeed.
};

/// `arguments[0]` is looked up in PATH.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// Whether the kernel took it; a process that cannot be pinned still measures, only less evenly.
bool pin_process(int pid, int cpu);
/// The cores this process may use, in order.
std::vector<int> usable_cpus();
/// This program's own file, to start it again.
std::string own_program();

}  // namespace djcache::bench
