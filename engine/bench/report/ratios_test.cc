// Tests of ratios and goals.
#include "report/ratios.h"

#include <gtest/gtest.h>

#include "contestants/registry.h"
#include "report/goals.h"

namespace djcache::bench {
namespace {

TimedCell cell_with(const std::vector<double>& ours, const std::vector<double>& theirs) {
  TimedCell cell{.cell = {.op = Op::kGet, .value_bytes = 65536, .in_flight = 32}, .rounds = {}};
  for (const double speed : ours) {
    cell.rounds[kDjcache].push_back({.operations_per_second = speed});
  }
  for (const double speed : theirs) {
    cell.rounds[kHiredis].push_back({.operations_per_second = speed});
  }
  return cell;
}

const Goal* large_get_goal(const std::vector<Goal>& goals) {
  for (const Goal& goal : goals) {
    if (goal.contestant == kDjcache && goal.what.starts_with("GET 64 KiB")) return &goal;
  }
  return nullptr;
}

TEST(Ratios, AreTakenWithinEachRound) {
  // The machine doubles its speed between the rounds, which does not affect the ratio.
  const TimedCell cell = cell_with({200, 400, 660}, {100, 200, 300});
  const auto ratio = ratio_of(cell, kDjcache, kHiredis, &Outcome::operations_per_second);
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->median, 2.0);
  EXPECT_DOUBLE_EQ(ratio->min, 2.0);
  EXPECT_DOUBLE_EQ(ratio->max, 2.2);
}

TEST(Ratios, LeaveOutRoundsInWhichEitherFailed) {
  TimedCell cell = cell_with({200, 900}, {100, 100});
  cell.rounds[kHiredis][1].failure = "lost its connection";
  const auto ratio = ratio_of(cell, kDjcache, kHiredis, &Outcome::operations_per_second);
  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->max, 2.0);
}

TEST(Ratios, OfAContestantThatDidNotRunAreNothing) {
  const TimedCell cell = cell_with({200}, {});
  EXPECT_FALSE(ratio_of(cell, kDjcache, kHiredis, &Outcome::operations_per_second));
}

TEST(Ratios, MedianOfAnEvenNumberLiesBetweenTheMiddleTwo) {
  EXPECT_DOUBLE_EQ(spread_of({4, 1, 3, 2})->median, 2.5);
}

TEST(Goals, AreJudgedByTheMedian) {
  Results results;
  results.timed.push_back(cell_with({190, 210, 230}, {100, 100, 100}));
  const auto goals = judge_goals(results);
  ASSERT_NE(large_get_goal(goals), nullptr);
  EXPECT_EQ(large_get_goal(goals)->reached, true);
}

TEST(Goals, ThatWereNotMeasuredAreNeitherReachedNorMissed) {
  const auto goals = judge_goals(Results{});
  for (const Goal& goal : goals) EXPECT_FALSE(goal.reached) << goal.what;
  EXPECT_FALSE(goals.empty());
}

TEST(Goals, OneAllocationInAThousandOperationsIsNotZero) {
  Results results;
  results.counted.push_back({.cell = {.op = Op::kGet, .value_bytes = 32, .in_flight = 32},
                             .contestant = kDjcache,
                             .allocations = 0.001});
  bool judged = false;
  for (const Goal& goal : judge_goals(results)) {
    if (goal.reached) judged = !*goal.reached;
  }
  EXPECT_TRUE(judged);
}

}  // namespace
}  // namespace djcache::bench
