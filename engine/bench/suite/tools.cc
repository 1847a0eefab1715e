#include "suite/tools.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "measure/process.h"
#include "measure/tool_output.h"
#include "suite/child.h"

namespace djcache::bench {
namespace {

constexpr int kToolLimit_s = 300;

/// A file name in a temporary folder, which the destructor removes.
class ScratchFile {
 public:
  ScratchFile() {
    std::string pattern = std::filesystem::temp_directory_path().string() + "/djcache-tool-XXXXXX";
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~ScratchFile() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  std::string path() const { return folder_ + "/log"; }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path()).rdbuf();
    return all.str();
  }

 private:
  std::string folder_;
};

/// Runs the command under the tool and returns the tool's log; empty after a failure.
std::string run_under(std::vector<std::string> tool, const char* log_option,
                      const std::vector<std::string>& command, std::optional<int> cpu) {
  const ScratchFile log;
  if (std::string(log_option) == "-o") {
    tool.insert(tool.end(), {log_option, log.path()});
  } else {
    tool.push_back(log_option + log.path());
  }
  tool.insert(tool.end(), command.begin(), command.end());
  const ProcessResult ran = run_process(tool, {.cpu = cpu, .limit_s = kToolLimit_s});
  return ran.succeeded ? log.text() : "";
}

std::string under_callgrind(const std::vector<std::string>& command) {
  return run_under({"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"},
                   "--log-file=", command, std::nullopt);
}

std::string under_strace(const std::vector<std::string>& command, std::optional<int> cpu) {
  return run_under({"strace", "-c", "-f", "-U", "name,calls"}, "-o", command, cpu);
}

double per_operation(std::uint64_t few, std::uint64_t many, const CountedRuns& runs) {
  return (static_cast<double>(many) - static_cast<double>(few)) /
         static_cast<double>(runs.many.operations - runs.few.operations);
}

}  // namespace

ToolState try_callgrind() {
  const bool works = callgrind_instructions(under_callgrind({"true"})).has_value();
  return {works, works ? "callgrind, difference of two runs" : "not counted: valgrind cannot run"};
}

ToolState try_strace() {
  const bool works = !strace_calls(under_strace({"true"}, std::nullopt)).empty();
  return {works, works ? "strace, difference of two runs" : "not counted: strace cannot trace"};
}

std::optional<double> instructions_by_callgrind(const std::string& contestant,
                                                const CountedRuns& runs, const Endpoint& endpoint) {
  const auto few =
      callgrind_instructions(under_callgrind(child_arguments(contestant, runs.few, endpoint)));
  const auto many =
      callgrind_instructions(under_callgrind(child_arguments(contestant, runs.many, endpoint)));
  if (!few || !many) return std::nullopt;
  return per_operation(*few, *many, runs);
}

std::optional<std::map<std::string, double>> syscalls_by_strace(const std::string& contestant,
                                                                const CountedRuns& runs,
                                                                const Endpoint& endpoint, int cpu) {
  const auto few = strace_calls(under_strace(child_arguments(contestant, runs.few, endpoint), cpu));
  auto many = strace_calls(under_strace(child_arguments(contestant, runs.many, endpoint), cpu));
  if (few.empty() || many.empty()) return std::nullopt;
  std::map<std::string, double> kinds;
  for (const auto& [name, calls] : many) {
    const auto before = few.find(name);
    kinds[kind_of_syscall(name)] +=
        per_operation(before == few.end() ? 0 : before->second, calls, runs);
  }
  return kinds;
}

}  // namespace djcache::bench
