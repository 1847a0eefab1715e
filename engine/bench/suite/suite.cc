#include "suite/suite.h"

#include <djcache/harness/inspector.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "contestants/registry.h"
#include "measure/process.h"
#include "suite/child.h"
#include "suite/tools.h"

namespace djcache::bench {
namespace {

constexpr std::uint64_t kHandles = 10'000;

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

std::string version_of(const harness::RedisServer& server) {
  const auto inspector = harness::Inspector::open(server.endpoint());
  if (!inspector) return "unknown";
  const std::string info = inspector->command({"INFO", "server"}).text;
  const std::string label = "redis_version:";
  const auto start = info.find(label);
  if (start == std::string::npos) return "unknown";
  const auto begin = start + label.size();
  return info.substr(begin, info.find('\r', begin) - begin);
}

class Suite {
 public:
  Suite(const Plan& plan, const harness::RedisServer& server, const Progress& progress)
      : plan_(plan),
        server_(server),
        endpoint_{.port = server.port()},
        progress_(progress),
        cpus_(usable_cpus()),
        random_(plan.seed) {
    results_.server_version = version_of(server);
    results_.processor = processor_name() + ", " + std::to_string(cpus_.size()) + " cores";
    results_.seed = plan.seed;
    results_.rounds = plan.rounds;
  }

  Results run() {
    if (plan_.instructions || plan_.syscalls) count_all();
    if (plan_.timing) {
      for (const Cell& cell : cells_of(plan_)) time_cell(cell);
    }
    if (plan_.handles) measure_handles();
    return std::move(results_);
  }

 private:
  void time_cell(const Cell& cell) {
    progress_(describe(cell));
    const Pinning pinning = pinning_of(cell, cpus_);
    pin_process(server_.pid(), pinning.server_cpu);
    TimedCell timed{.cell = cell,
                    .server_cpu = pinning.server_cpu,
                    .client_cpu = pinning.client_cpu,
                    .rounds = {}};
    std::vector<std::string> order = timed_contestants(plan_, cell);
    for (int round = 0; round < plan_.rounds; ++round) {
      std::shuffle(order.begin(), order.end(), random_);
      const Workload workload = timed_workload(plan_, cell, random_());
      for (const std::string& name : order) {
        timed.rounds[name].push_back(run_in_child(name, workload, endpoint_, pinning.client_cpu));
        note_failure(cell, name, timed.rounds[name].back().failure);
      }
    }
    results_.timed.push_back(std::move(timed));
  }

  void count_all() {
    const ToolState callgrind = plan_.instructions ? try_callgrind() : ToolState{false, "left out"};
    const ToolState strace = plan_.syscalls ? try_strace() : ToolState{false, "left out"};
    results_.instructions_by = callgrind.about;
    results_.syscalls_by = strace.about;
    for (const Cell& cell : counted_cells_of(plan_)) {
      for (const std::string& name : counted_contestants(plan_)) {
        progress_("counting " + describe(cell) + ", " + name);
        count_cell(cell, name, callgrind.works, strace.works);
      }
    }
  }

  void count_cell(const Cell& cell, const std::string& name, bool callgrind, bool strace) {
    const Pinning pinning = pinning_of(cell, cpus_);
    pin_process(server_.pid(), pinning.server_cpu);
    const CountedRuns runs = counted_workloads(plan_, cell);
    const Outcome plain = run_in_child(name, runs.many, endpoint_, pinning.client_cpu);
    CountedCell counted{.cell = cell,
                        .contestant = name,
                        .instructions = plain.instructions_per_operation,
                        .allocations = plain.allocations_per_operation,
                        .failure = plain.failure};
    if (plan_.instructions && counted.instructions) {
      results_.instructions_by = "the processor's counter";
    } else if (callgrind && plain.failure.empty()) {
      counted.instructions = instructions_by_callgrind(name, runs, endpoint_);
      if (!counted.instructions) counted.failure = "callgrind gave no figure";
    }
    if (strace && plain.failure.empty()) count_syscalls(runs, pinning.client_cpu, counted);
    note_failure(cell, name, counted.failure);
    results_.counted.push_back(std::move(counted));
  }

  void count_syscalls(const CountedRuns& runs, int cpu, CountedCell& counted) {
    const auto kinds = syscalls_by_strace(counted.contestant, runs, endpoint_, cpu);
    if (!kinds) {
      counted.failure = "strace gave no figure";
      return;
    }
    counted.syscalls_by_kind = *kinds;
    counted.syscalls = 0;
    for (const auto& [kind, calls] : *kinds) *counted.syscalls += calls;
  }

  void measure_handles() {
    progress_("cache handles");
    results_.handles = measure_handles_in_child(kHandles, endpoint_);
    if (!results_.handles->failure.empty()) {
      results_.failures.push_back("handles: " + results_.handles->failure);
    }
  }

  void note_failure(const Cell& cell, const std::string& name, const std::string& failure) {
    if (!failure.empty()) {
      results_.failures.push_back(describe(cell) + ", " + name + ": " + failure);
    }
  }

  const Plan& plan_;
  const harness::RedisServer& server_;
  const Endpoint endpoint_;
  const Progress& progress_;
  const std::vector<int> cpus_;
  std::mt19937_64 random_;
  Results results_;
};

}  // namespace

Results run_suite(const Plan& plan, const harness::RedisServer& server, const Progress& progress) {
  return Suite(plan, server, progress).run();
}

}  // namespace djcache::bench
