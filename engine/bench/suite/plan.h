// The plan of what is measured: the cells, the contestants of each, the number of operations, and
// the cores. Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/results.h"

namespace djcache::bench {

/// The only cell with more than 512 in flight that is counted, too: each read returns thousands of
/// replies.
inline constexpr Cell kDeep{.op = Op::kGet, .value_bytes = 32, .in_flight = 10'000};

inline constexpr std::uint32_t kLargest = 1024 * 1024;
/// Cells with more bytes in flight are left out, because the server would hold all of them at once.
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

/// A small plan, for a smoke test of the bench itself.
Plan quick_plan();

std::vector<Cell> cells_of(const Plan& plan);
/// Counting under tools is slow, so a quick plan counts few of its cells.
std::vector<Cell> counted_cells_of(const Plan& plan);
std::vector<std::string> timed_contestants(const Plan& plan, const Cell& cell);
std::vector<std::string> counted_contestants(const Plan& plan);

Workload timed_workload(const Plan& plan, const Cell& cell, std::uint64_t seed);

/// Two runs that differ only in the number of operations: their difference excludes start and end.
struct CountedRuns {
  Workload few;
  Workload many;
};
CountedRuns counted_workloads(const Plan& plan, const Cell& cell);

/// Below 128 in flight, client and server share a core, because wake-ups across cores would
/// dominate the figures of every client. From 128 on, each has a core of its own.
struct Pinning {
  int server_cpu;
  int client_cpu;
};
Pinning pinning_of(const Cell& cell, const std::vector<int>& cpus);

}  // namespace djcache::bench
