#include "deadlines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace djcache {
namespace {

struct Thing {
  Deadline deadline;
};
using Things = std::vector<Thing*>;

struct DeadlinesTest : testing::Test {
  Thing& entered(std::uint64_t due) {
    Thing& thing = things.emplace_back();
    deadlines.enter(thing);
    deadlines.expect(thing, due);
    return thing;
  }
  Things due_by(std::uint64_t now) {
    Things due;
    deadlines.due_by(now, due);
    return due;
  }
  std::deque<Thing> things;
  Deadlines<Thing> deadlines;
};

TEST_F(DeadlinesTest, WithoutThingsNothingIsDue) {
  EXPECT_EQ(deadlines.earliest(), Deadline::never);
  EXPECT_EQ(due_by(Deadline::never - 1), Things{});
}

TEST_F(DeadlinesTest, AThingThatHasEnteredIsNotDueYet) {
  Thing& thing = entered(Deadline::never);
  EXPECT_TRUE(thing.deadline.entered());
  EXPECT_EQ(deadlines.earliest(), Deadline::never);
}

TEST_F(DeadlinesTest, WhatIsDueIsFoundAndStays) {
  entered(30);
  Thing& first = entered(10);
  entered(20);
  EXPECT_EQ(deadlines.earliest(), 10u);
  EXPECT_EQ(due_by(9), Things{});
  EXPECT_EQ(due_by(10), Things{&first});
  EXPECT_EQ(due_by(25).size(), 2u);
  EXPECT_EQ(deadlines.earliest(), 10u);
}

TEST_F(DeadlinesTest, ALaterExpectationMovesNothing) {
  Thing& thing = entered(10);
  deadlines.expect(thing, 20);
  EXPECT_EQ(thing.deadline.bound(), 10u);
  deadlines.set(thing, 20);
  EXPECT_EQ(deadlines.earliest(), 20u);
}

TEST_F(DeadlinesTest, WhoHasLeftIsNotDueAndMayLeaveAgain) {
  Thing& thing = entered(10);
  Thing& other = entered(20);
  deadlines.leave(thing);
  deadlines.leave(thing);
  EXPECT_FALSE(thing.deadline.entered());
  EXPECT_EQ(due_by(100), Things{&other});
  deadlines.enter(thing);
  EXPECT_EQ(due_by(100), Things{&other}) << "its old bound is forgotten";
}

TEST_F(DeadlinesTest, ClearLetsGoOfAll) {
  Thing& thing = entered(10);
  deadlines.clear();
  EXPECT_FALSE(thing.deadline.entered());
  EXPECT_EQ(deadlines.size(), 0u);
}

// Compared with the simplest implementation.
TEST_F(DeadlinesTest, AnyChangesLeaveWhatALookAtAllWouldFind) {
  std::mt19937 random(17);
  for (int i = 0; i < 200; ++i) entered(random() % 1000);
  for (int round = 0; round < 20'000; ++round) {
    Thing& thing = things[random() % things.size()];
    const std::uint64_t due = random() % 8 == 0 ? Deadline::never : random() % 1000;
    switch (random() % 4) {
      case 0:
        deadlines.leave(thing);
        break;
      case 1:
        if (!thing.deadline.entered()) deadlines.enter(thing);
        deadlines.expect(thing, due);
        break;
      default:
        if (thing.deadline.entered()) deadlines.set(thing, due);
        break;
    }
    const std::uint64_t now = random() % 1000;
    Things all;
    std::uint64_t earliest = Deadline::never;
    for (Thing& each : things) {
      if (!each.deadline.entered()) continue;
      earliest = std::min(earliest, each.deadline.bound());
      if (each.deadline.bound() <= now) all.push_back(&each);
    }
    Things found = due_by(now);
    std::sort(found.begin(), found.end());
    std::sort(all.begin(), all.end());
    ASSERT_EQ(found, all);
    ASSERT_EQ(deadlines.earliest(), earliest);
  }
}

}  // namespace
}  // namespace djcache
