// Pure: no I/O, no clock.
#include "suite/plan.h"

#include <algorithm>

#include "contestants/registry.h"

namespace djcache::bench {
namespace {

constexpr std::uint32_t kLarge = 16384;

bool takes_part(const Plan& plan, const std::string& name) {
  return plan.contestants.empty() || std::find(plan.contestants.begin(), plan.contestants.end(),
                                               name) != plan.contestants.end();
}

// A thousand keys; fewer for large values, so that all values together take at most 64 MiB.
Workload workload_of(const Cell& cell) {
  return {.op = cell.op,
          .value_bytes = cell.value_bytes,
          .in_flight = cell.in_flight,
          .keys = std::clamp(64 * kLargest / cell.value_bytes, 16u, 1000u)};
}

/// A run of the fastest contestant takes about half a second to a second.
std::uint64_t usual_operations(const Cell& cell) {
  if (cell.value_bytes > 4 * kLarge) return 1'500;
  if (cell.value_bytes >= kLarge) return cell.in_flight == 1 ? 8'000 : 20'000;
  if (cell.in_flight == 1) return 30'000;
  return cell.in_flight < 128 ? 250'000 : 600'000;
}

}  // namespace

Plan quick_plan() {
  Plan plan;
  plan.quick = true;
  plan.rounds = 1;
  plan.scale = 0.02;
  plan.sizes = {32, 65536};
  plan.in_flight = {1, 32};
  return plan;
}

std::vector<Cell> cells_of(const Plan& plan) {
  std::vector<Cell> cells;
  for (const std::uint32_t bytes : plan.sizes) {
    for (const Op op : plan.ops) {
      for (const std::uint32_t count : plan.in_flight) {
        if (std::uint64_t{bytes} * count > kBytesInFlight) continue;
        cells.push_back({.op = op, .value_bytes = bytes, .in_flight = count});
      }
    }
  }
  return cells;
}

std::vector<Cell> counted_cells_of(const Plan& plan) {
  std::vector<Cell> cells = cells_of(plan);
  std::erase_if(cells, [](const Cell& cell) {
    const bool deep = cell.op == kDeep.op && cell.value_bytes == kDeep.value_bytes;
    return cell.value_bytes > 4 * kLarge || (cell.in_flight > 512 && !deep);
  });
  if (plan.quick) {
    std::erase_if(cells,
                  [](const Cell& cell) { return cell.value_bytes != 32 || cell.in_flight == 1; });
  }
  return cells;
}

std::vector<std::string> timed_contestants(const Plan& plan, const Cell& cell) {
  const bool wide = cell.op == Op::kGet && cell.value_bytes == 32 && cell.in_flight >= 128;
  std::vector<std::string> names;
  for (const ContestantEntry& entry : all_contestants()) {
    const std::string name = entry.name;
    if (name == kDriverAlone || (name == kRedisBenchmark50x16 && !wide)) continue;
    if (takes_part(plan, name)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> counted_contestants(const Plan& plan) {
  std::vector<std::string> names;
  for (const ContestantEntry& entry : all_contestants()) {
    if (entry.make != nullptr && takes_part(plan, entry.name)) names.push_back(entry.name);
  }
  return names;
}

Workload timed_workload(const Plan& plan, const Cell& cell, std::uint64_t seed) {
  Workload workload = workload_of(cell);
  const double wanted = static_cast<double>(usual_operations(cell)) * plan.scale;
  // At least twice the number in flight; otherwise the figure would mostly be the initial filling.
  const std::uint64_t fewest = plan.quick ? 100 : std::max<std::uint64_t>(100, 2 * cell.in_flight);
  workload.operations = std::max(fewest, static_cast<std::uint64_t>(wanted));
  workload.warmup = std::max<std::uint64_t>(cell.in_flight, workload.operations / 10);
  workload.seed = seed;
  return workload;
}

CountedRuns counted_workloads(const Plan& plan, const Cell& cell) {
  Workload few = workload_of(cell);
  few.latency = false;
  // Few keys: both runs store them, and that should vary less than what is counted.
  few.keys = 100;
  few.warmup = std::max<std::uint64_t>(2'000, 4 * cell.in_flight);
  // A multiple of the number in flight, so that both runs end alike.
  const std::uint64_t wanted = plan.quick || cell.value_bytes >= kLarge ? 1'600 : 6'400;
  const std::uint64_t step = std::max<std::uint64_t>(4, wanted / cell.in_flight) * cell.in_flight;
  few.operations = step / 4;
  Workload many = few;
  many.operations = few.operations + step;
  return {few, many};
}

Pinning pinning_of(const Cell& cell, const std::vector<int>& cpus) {
  const int last = cpus.back();
  return cell.in_flight >= 128 ? Pinning{cpus.front(), last} : Pinning{last, last};
}

}  // namespace djcache::bench
