// Wheel: returns every entry that has expired, and no other.
#include "memory/wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace djcache::memory {
namespace {

constexpr std::int64_t tick = 256;
constexpr std::int64_t year = 365LL * 24 * 3600 * 1000;

struct WheelTest : testing::Test {
  Index add(std::int64_t expires) {
    const Index index = records.take();
    records[index].expires = expires;
    wheel.add(index);
    return index;
  }
  std::vector<Index> advance(std::int64_t now, int at_most = std::numeric_limits<int>::max()) {
    std::vector<Index> found;
    wheel.advance(now, at_most, [&](Index index) { found.push_back(index); });
    return found;
  }

  Records records;
  Wheel wheel{records};
};

TEST_F(WheelTest, EmptyHasNothingToGive) {
  EXPECT_TRUE(advance(0).empty());
  EXPECT_TRUE(advance(100 * year).empty());
}

TEST_F(WheelTest, GivesAnEntryOnceWithinATickOfItsTime) {
  // Around each border between levels, and beyond the last.
  for (const std::int64_t life :
       {std::int64_t{1}, tick - 1, tick, 63 * tick, 64 * tick, 65 * tick, 64 * 64 * tick,
        64 * 64 * 64 * tick + 7, year, 9 * year, 50 * year}) {
    for (const std::int64_t start : {std::int64_t{0}, 12'345'678 * tick + 5}) {
      Wheel fresh(records);
      std::vector<Index> found;
      const auto expire = [&](Index index) { found.push_back(index); };
      fresh.advance(start, 10, expire);
      const Index index = records.take();
      records[index].expires = start + life;
      fresh.add(index);
      fresh.advance(start + life - 1, 1000, expire);
      EXPECT_TRUE(found.empty()) << life;
      fresh.advance(start + life + tick, 1000, expire);
      EXPECT_EQ(found, std::vector{index}) << life;
      fresh.advance(start + life + 100 * year, 1000, expire);
      EXPECT_EQ(found.size(), 1u) << life;
    }
  }
}

TEST_F(WheelTest, WhatWasRemovedIsNotGiven) {
  const Index a = add(1000), b = add(1000), c = add(1000);
  wheel.remove(b);
  EXPECT_EQ(advance(2000).size(), 2u);
  EXPECT_EQ(records[a].timed, 0u);
  EXPECT_EQ(records[b].timed, 0u);
  EXPECT_EQ(records[c].timed, 0u);
}

TEST_F(WheelTest, AnswersInPiecesWhenMuchIsDue) {
  for (int i = 0; i < 100; ++i) add(1000);
  EXPECT_EQ(advance(5000, 30).size(), 30u);
  add(1000);  // late already
  EXPECT_EQ(advance(5000, 30).size(), 30u);
  EXPECT_EQ(advance(5000).size(), 41u);
  EXPECT_TRUE(advance(5000).empty());
}

TEST_F(WheelTest, AgreesWithASortedListUnderARandomLoad) {
  std::mt19937_64 random(11);
  std::multimap<std::int64_t, Index> waiting;
  std::int64_t now = 1'000'000;
  for (int step = 0; step < 20'000; ++step) {
    const std::int64_t life = static_cast<std::int64_t>(random() % (1ull << (random() % 36)));
    const std::int64_t expires = now + 1 + life;
    waiting.emplace(expires, add(expires));
    if (random() % 4 == 0) {
      const auto at = waiting.begin();
      wheel.remove(at->second);
      records.give_back(at->second);
      waiting.erase(at);
    }
    if (random() % 8 != 0) continue;
    now += static_cast<std::int64_t>(random() % (1ull << (random() % 28)));
    for (const Index index : advance(now)) {
      ASSERT_LE(records[index].expires, now);
      const auto [begin, end] = waiting.equal_range(records[index].expires);
      const auto at = std::find_if(begin, end, [&](auto& each) { return each.second == index; });
      ASSERT_NE(at, end);
      waiting.erase(at);
      records.give_back(index);
    }
    if (!waiting.empty()) {
      ASSERT_GT(waiting.begin()->first, now - tick);
    }
  }
}

}  // namespace
}  // namespace djcache::memory
