// The clock of deadlines: it stands still while the program blocks the loop.
#include "net/loop_clock.h"

#include <gtest/gtest.h>

namespace djcache::net {
namespace {

LoopClock::Millis real_time = 0;

struct LoopClocks : ::testing::Test {
  LoopClocks() { real_time = 1'000'000; }
  LoopClock clock{[] { return real_time; }};
  LoopClock::Millis passed() { return clock.now() - 1'000'000; }
};

TEST_F(LoopClocks, APromptLoopHasTheRealTime) {
  for (int i = 0; i < 100; ++i) {
    clock.sleep(10);
    real_time += 11;
    EXPECT_EQ(passed(), 11u * (i + 1));
  }
}

TEST_F(LoopClocks, TheTimeThatTheLoopIsHeldUpDoesNotPass) {
  clock.sleep(3);
  real_time += 1200;
  EXPECT_EQ(passed(), 4u);
  real_time += 700;  // spent in a callback
  EXPECT_EQ(passed(), 4u);
  clock.sleep(5);
  real_time += 5;
  EXPECT_EQ(passed(), 9u);
}

TEST_F(LoopClocks, WhileNothingIsPendingNoTimeIsLost) {
  clock.sleep(5);
  clock.rest();
  real_time += 3'600'000;
  EXPECT_EQ(passed(), 3'600'000u);
}

// A program that repeatedly runs its loop for only a moment.
TEST_F(LoopClocks, ManyHoldsLeaveMostOfALimit) {
  const LoopClock::Millis deadline = clock.now() + 500;
  int holds = 0;
  for (; clock.now() < deadline; ++holds) {
    clock.sleep(LoopClock::nap(clock.now(), deadline));
    real_time += 700;
  }
  EXPECT_GT(holds, 150);
}

TEST_F(LoopClocks, NapsAreShortButNeverEndless) {
  EXPECT_EQ(LoopClock::nap(100, 100), 0u);
  EXPECT_EQ(LoopClock::nap(200, 100), 0u);
  EXPECT_EQ(LoopClock::nap(100, 101), 1u);
  EXPECT_EQ(LoopClock::nap(100, 100 + 512), 4u);
  EXPECT_EQ(LoopClock::nap(0, 3'600'000), LoopClock::longest);
}

}  // namespace
}  // namespace djcache::net
