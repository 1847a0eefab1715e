// Runs another program to completion: captures its standard output, can pin it to a core, and kills
// it after a limit.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace djcache::bench {

struct ProcessOptions {
  std::optional<int> cpu;  ///< The core on which the program and its children run.
  int limit_s = 120;       ///< After this the program and its children are killed.
};

struct ProcessResult {
  bool succeeded = false;  ///< The program ended by itself with exit code 0.
  std::string output;      ///< Standard output; standard error is passed through.
  double cpu_ns = 0;       ///< User and system time, including waited-for children.
  std::string failure;     ///< Why it did not succeed.
};

/// `arguments[0]` is looked up in PATH.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// Returns whether it succeeded. A process that is not pinned can be measured, too, but with more
/// noise.
bool pin_process(int pid, int cpu);
/// The cores this process may use, in order.
std::vector<int> usable_cpus();
/// The path of this program, to start it again.
std::string own_program();

}  // namespace djcache::bench
