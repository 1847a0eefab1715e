// What is measured: the cells, who takes part in each, how many operations, on which cores. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/results.h"

namespace djcache::bench {

/// So many in flight that every read holds thousands of replies; one cell of it is counted, too.
inline constexpr Cell kDeep{.op = Op::kGet, .value_bytes = 32, .in_flight = 10'000};

inline constexpr std::uint32_t kLargest = 1024 * 1024;
/// A cell with more bytes in flight is left out: all of them lie in the server's memory at once.
inline constexpr std::uint64_t kBytesInFlight = std::uint64_t{1} << 30;

struct Plan {
  bool timing = true;
  bool instructions = true;
  bool syscalls = true;
  bool handles = true;
  bool quick = false;
  int rounds = 5;
  double scale = 1;  ///< Factor on the operations of each timed run.
  std::uint64_t seed = 0;
  std::vector<std::uint32_t> sizes = {32, 1024, 65536, kLargest};
  std::vector<std::uint32_t> in_flight = {1, 32, 512, 10'000};
  std::vector<Op> ops = {Op::kGet, Op::kSet};
  std::vector<std::string> contestants;  ///< Empty: all.
};

/// Fewer and smaller of everything: a smoke test of the bench itself.
Plan quick_plan();

std::vector<Cell> cells_of(const Plan& plan);
/// Counting under tools is slow, so a quick plan counts few of its cells.
std::vector<Cell> counted_cells_of(const Plan& plan);
std::vector<std::string> timed_contestants(const Plan& plan, const Cell& cell);
std::vector<std::string> counted_contestants(const Plan& plan);

Workload timed_workload(const Plan& plan, const Cell& cell, std::uint64_t seed);

/// Two runs that differ only in their operations: their difference is free of start and end.
struct CountedRuns {
  Workload few;
  Workload many;
};
CountedRuns counted_workloads(const Plan& plan, const Cell& cell);

/// Both on one core up to 32 in flight, where every client waits for each wake-up across cores;
/// a core each from 128 on.
struct Pinning {
  int server_cpu;
  int client_cpu;
};
Pinning pinning_of(const Cell& cell, const std::vector<int>& cpus);

}  // namespace djcache::bench
