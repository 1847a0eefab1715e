// Pure: no I/O, no clock.
#include "report/goals.h"

#include <cstdio>

#include "contestants/registry.h"
#include "report/ratios.h"
#include "suite/plan.h"

namespace djcache::bench {
namespace {

enum class Bound { kAtMost, kAtLeast };

std::string text_of(const char* format, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string text_of(const Spread& spread) {
  char text[96];
  std::snprintf(text, sizeof text, "%.2f (%.2f to %.2f)", spread.median, spread.min, spread.max);
  return text;
}

bool same(const Cell& a, const Cell& b) {
  return a.op == b.op && a.value_bytes == b.value_bytes && a.in_flight == b.in_flight;
}

class Judge {
 public:
  Judge(const Results& results, std::string contestant)
      : results_(results), contestant_(std::move(contestant)) {}

  void counted(const char* what, const Cell& cell, std::optional<double> CountedCell::*figure,
               double limit, const char* format) {
    Goal goal = start(describe(cell) + ": " + what, Bound::kAtMost, limit, format);
    for (const CountedCell& each : results_.counted) {
      if (each.contestant != contestant_ || !same(each.cell, cell) || !(each.*figure)) continue;
      goal.found = text_of(format, *(each.*figure));
      goal.reached = *(each.*figure) <= limit;
    }
    goals.push_back(std::move(goal));
  }

  // Compares the instructions of `cell` with those of `usual`.
  void instructions_beside(const Cell& cell, const Cell& usual, double limit) {
    Goal goal = start(describe(cell) + ": instructions of " + describe(usual), Bound::kAtMost,
                      limit, "%.2fx");
    const auto more = instructions_of(cell), less = instructions_of(usual);
    if (more && less) {
      goal.found = text_of("%.2fx", *more / *less);
      goal.reached = *more / *less <= limit;
    }
    goals.push_back(std::move(goal));
  }

  void ratio(const char* what, const Cell& cell, const char* reference, Figure figure, Bound bound,
             double limit) {
    Goal goal = start(describe(cell) + ": " + what + " of " + reference, bound, limit, "%.2fx");
    for (const TimedCell& each : results_.timed) {
      const auto ratio =
          same(each.cell, cell) ? ratio_of(each, contestant_, reference, figure) : std::nullopt;
      if (!ratio) continue;
      goal.found = text_of(*ratio);
      goal.reached = bound == Bound::kAtMost ? ratio->median <= limit : ratio->median >= limit;
    }
    goals.push_back(std::move(goal));
  }

  std::vector<Goal> goals;

 private:
  std::optional<double> instructions_of(const Cell& cell) const {
    for (const CountedCell& each : results_.counted) {
      if (each.contestant == contestant_ && same(each.cell, cell)) return each.instructions;
    }
    return std::nullopt;
  }
  Goal start(std::string what, Bound bound, double limit, const char* format) const {
    return {.what = std::move(what),
            .contestant = contestant_,
            .wanted = (bound == Bound::kAtMost ? "<= " : ">= ") + text_of(format, limit),
            .found = "not measured",
            .reached = std::nullopt};
  }

  const Results& results_;
  const std::string contestant_;
};

void judge_counts(Judge& judge) {
  for (const Op op : {Op::kGet, Op::kSet}) {
    const Cell usual{.op = op, .value_bytes = 32, .in_flight = 32};
    const Cell alone{.op = op, .value_bytes = 32, .in_flight = 1};
    judge.counted("instructions", usual, &CountedCell::instructions, 1000, "%.0f");
    // Fewer than one allocation in 2,000 operations: growth of a buffer, not a cost per operation.
    judge.counted("heap allocations", usual, &CountedCell::allocations, 0.0005, "%.4f");
    judge.counted("system calls", usual, &CountedCell::syscalls, 0.10, "%.3f");
    judge.counted("system calls", alone, &CountedCell::syscalls, 3.05, "%.3f");
  }
  judge.instructions_beside(kDeep, {.op = Op::kGet, .value_bytes = 32, .in_flight = 512}, 1.1);
}

void judge_timings(Judge& judge) {
  const Figure speed = &Outcome::operations_per_second;
  const Figure cpu = &Outcome::cpu_ns_per_operation;
  const Cell get{.op = Op::kGet, .value_bytes = 32, .in_flight = 512};
  const Cell set{.op = Op::kSet, .value_bytes = 32, .in_flight = 512};
  const Cell medium{.op = Op::kGet, .value_bytes = 1024, .in_flight = 512};
  const Cell large{.op = Op::kGet, .value_bytes = 65536, .in_flight = 32};
  judge.ratio("client CPU", get, kHiredis, cpu, Bound::kAtMost, 0.55);
  judge.ratio("client CPU", set, kHiredis, cpu, Bound::kAtMost, 0.55);
  judge.ratio("throughput", get, kHiredis, speed, Bound::kAtLeast, 1.5);
  judge.ratio("throughput", set, kHiredis, speed, Bound::kAtLeast, 1.0);
  judge.ratio("throughput", get, kRedisBenchmark50x16, speed, Bound::kAtLeast, 0.9);
  judge.ratio("client CPU", medium, kHiredis, cpu, Bound::kAtMost, 0.5);
  judge.ratio("throughput", medium, kHiredis, speed, Bound::kAtLeast, 1.3);
  judge.ratio("throughput", large, kHiredis, speed, Bound::kAtLeast, 2.0);
}

// The overhead of co_await compared with a callback.
void judge_coroutines(Judge& judge) {
  const Cell get{.op = Op::kGet, .value_bytes = 32, .in_flight = 32};
  judge.ratio("client CPU", get, kDjcache, &Outcome::cpu_ns_per_operation, Bound::kAtMost, 1.05);
  judge.counted("heap allocations", get, &CountedCell::allocations, 0.0005, "%.4f");
}

Goal judge_handles(const std::optional<HandleCost>& cost) {
  Goal goal{.what = "10,000 cache handles",
            .contestant = kDjcache,
            .wanted = "< 200 bytes each, 0 connections",
            .found = "not measured",
            .reached = std::nullopt};
  if (cost && cost->failure.empty()) {
    goal.found = text_of("%.0f bytes each, ", cost->bytes_each) +
                 std::to_string(cost->connections) + " connections";
    goal.reached = cost->bytes_each < 200 && cost->connections == 0;
  }
  return goal;
}

}  // namespace

std::vector<Goal> judge_goals(const Results& results) {
  std::vector<Goal> goals;
  for (const char* contestant : {kDjcache, kDjcacheRaw}) {
    Judge judge(results, contestant);
    judge_counts(judge);
    judge_timings(judge);
    goals.insert(goals.end(), judge.goals.begin(), judge.goals.end());
  }
  Judge coroutines(results, kDjcacheCoro);
  judge_coroutines(coroutines);
  goals.insert(goals.end(), coroutines.goals.begin(), coroutines.goals.end());
  goals.push_back(judge_handles(results.handles));
  return goals;
}

}  // namespace djcache::bench
