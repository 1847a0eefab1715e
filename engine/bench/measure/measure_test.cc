// Tests of the histogram, the keys, the parsing of tools' output, and the count of allocations.
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "driver/key_set.h"
#include "measure/allocations.h"
#include "measure/histogram.h"
#include "measure/tool_output.h"

namespace djcache::bench {
namespace {

TEST(Histogram, PercentilesAreWithinTwoPercentOfTheTruth) {
  Histogram histogram;
  for (std::uint64_t ns = 1; ns <= 100'000; ++ns) histogram.record(ns);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(50)), 50'000, 1'000);
  EXPECT_NEAR(static_cast<double>(histogram.percentile(99)), 99'000, 2'000);
}

TEST(Histogram, TakesTheLongestAndTheShortestDurations) {
  Histogram histogram;
  histogram.record(0);
  EXPECT_EQ(histogram.percentile(99), 0U);
  histogram.record(~std::uint64_t{0});
  EXPECT_EQ(histogram.total(), 2U);
  EXPECT_GT(histogram.percentile(99), std::uint64_t{1} << 40);
}

TEST(Histogram, EmptyHasNoPercentile) { EXPECT_EQ(Histogram().percentile(50), 0U); }

TEST(KeySet, RecognisesTheValueOfAnotherKey) {
  KeySet keys(10, 32);
  const std::string value(keys.value_of(3));
  EXPECT_TRUE(keys.is_value_of(3, value));
  EXPECT_FALSE(keys.is_value_of(4, value));
  EXPECT_FALSE(keys.is_value_of(3, value.substr(1)));
}

TEST(KeyOrder, StaysWithinTheKeysAndRepeatsWithItsSeed) {
  KeyOrder one(7);
  KeyOrder two(7);
  std::vector<bool> seen(10);
  for (int i = 0; i < 1000; ++i) {
    const std::uint32_t key = one.next(10);
    ASSERT_LT(key, 10U);
    EXPECT_EQ(key, two.next(10));
    seen[key] = true;
  }
  EXPECT_EQ(seen, std::vector<bool>(10, true));
}

TEST(ToolOutput, CallgrindsTotalIsRead) {
  EXPECT_EQ(callgrind_instructions("==7== Events    : Ir\n==7== Collected : 571315\n==7==\n"),
            571315U);
  EXPECT_FALSE(callgrind_instructions("valgrind: no such tool"));
}

TEST(ToolOutput, StracesCallsAreReadWithoutHeadAndTotal) {
  const auto calls = strace_calls(
      "syscall              calls\n---------------- ---------\nread                     7\n"
      "epoll_pwait             34\n---------------- ---------\ntotal                   41\n");
  EXPECT_EQ(calls, (std::map<std::string, std::uint64_t>{{"read", 7}, {"epoll_pwait", 34}}));
}

TEST(ToolOutput, SystemCallsAreSortedByWhatTheyAreFor) {
  EXPECT_EQ(kind_of_syscall("epoll_pwait"), "wait");
  EXPECT_EQ(kind_of_syscall("recvmsg"), "read");
  EXPECT_EQ(kind_of_syscall("writev"), "write");
  EXPECT_EQ(kind_of_syscall("futex"), "other");
}

TEST(ToolOutput, RedisBenchmarksLineIsReadFromItsEnd) {
  const auto line = benchmark_line(
      "\"test\",\"rps\",\"avg_latency_ms\"\n"
      "\"SET a,b "
      "\"\"c\",\"101010.10\",\"0.305\",\"0.080\",\"0.303\",\"0.391\",\"0.407\",\"0.5\"\n");
  ASSERT_TRUE(line);
  EXPECT_DOUBLE_EQ(line->operations_per_second, 101010.10);
  EXPECT_DOUBLE_EQ(line->p50_us, 303);
  EXPECT_DOUBLE_EQ(line->p99_us, 407);
  EXPECT_FALSE(benchmark_line("Could not connect to Redis"));
}

TEST(Allocations, OfEveryKindAreCounted) {
  const auto before = allocation_count();
  if (!before) GTEST_SKIP() << "a sanitizer has the allocator";
  void* volatile memory = std::malloc(10);
  memory = std::realloc(memory, 1000);
  std::free(memory);
  int* volatile number = new int(1);
  delete number;
  EXPECT_GE(*allocation_count() - *before, 3U);
}

}  // namespace
}  // namespace djcache::bench
