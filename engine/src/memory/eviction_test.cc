// Eviction: the order of victims, by policy.
#include "memory/eviction.h"

#include <gtest/gtest.h>

#include <vector>

namespace djcache::memory {
namespace {

struct EvictionTest : testing::TestWithParam<EvictionPolicy> {
  explicit EvictionTest() : eviction(records, EvictionPolicy::lru) {}

  static Index insert(Records& records, Eviction& eviction, std::uint32_t hash) {
    const Index index = records.take();
    records[index].hash = hash * 0x9e3779b1u;
    eviction.insert(index, 1);
    return index;
  }
  // Removes the next victim and returns its index.
  static Index evict(Records& records, Eviction& eviction) {
    const Index index = eviction.victim([](Index) { return 1; });
    eviction.remove(index, 1);
    records.give_back(index);
    return index;
  }

  Records records;
  Eviction eviction;
};

TEST_F(EvictionTest, LruDropsTheLeastRecentlyUsed) {
  const Index a = insert(records, eviction, 1), b = insert(records, eviction, 2),
              c = insert(records, eviction, 3);
  eviction.hit(a);
  EXPECT_EQ(evict(records, eviction), b);
  EXPECT_EQ(evict(records, eviction), c);
  EXPECT_EQ(evict(records, eviction), a);
}

struct S3FifoTest : testing::Test {
  Index insert(std::uint32_t hash) { return EvictionTest::insert(records, eviction, hash); }
  Index evict() { return EvictionTest::evict(records, eviction); }
  Records records;
  Eviction eviction{records, EvictionPolicy::s3_fifo};
};

TEST_F(S3FifoTest, WhatIsNeverAskedForGoesInTheOrderItCame) {
  const Index a = insert(1), b = insert(2);
  EXPECT_EQ(evict(), a);
  EXPECT_EQ(evict(), b);
}

TEST_F(S3FifoTest, WhatIsAskedForTwiceOutlivesAScan) {
  const Index wanted = insert(1);
  eviction.hit(wanted);
  eviction.hit(wanted);
  for (std::uint32_t i = 2; i < 100; ++i) insert(i);
  for (std::uint32_t i = 100; i < 1000; ++i) {
    EXPECT_NE(evict(), wanted);
    insert(i);
  }
}

TEST_F(S3FifoTest, WhatComesBackSoonGoesToTheMainQueue) {
  for (std::uint32_t i = 1; i <= 50; ++i) insert(i);
  const std::uint32_t hash = records[evict()].hash;
  const Index again = records.take();
  records[again].hash = hash;
  eviction.insert(again, 1);
  EXPECT_EQ(static_cast<QueueId>(records[again].queue), QueueId::main);
  // But only once: then it is no longer a ghost.
  const Index third = records.take();
  records[third].hash = hash;
  eviction.insert(third, 1);
  EXPECT_EQ(static_cast<QueueId>(records[third].queue), QueueId::small);
}

TEST_F(S3FifoTest, OneCallPassesOverABoundedNumberOfEntries) {
  std::vector<Index> all;
  for (std::uint32_t i = 1; i <= 1000; ++i) all.push_back(insert(i));
  for (const Index each : all) {
    for (int hit = 0; hit < 3; ++hit) eviction.hit(each);
  }
  evict();
  int touched = 0;
  for (const Index each : all) touched += records[each].hits != 3 ? 1 : 0;
  EXPECT_LE(touched, 65);
}

TEST(Ghosts, AreRememberedOnceAndForAWhile) {
  Ghosts ghosts;
  EXPECT_FALSE(ghosts.forget(7));
  ghosts.remember(7, 100);
  EXPECT_TRUE(ghosts.forget(7));
  EXPECT_FALSE(ghosts.forget(7));
  ghosts.remember(7, 100);
  for (std::uint32_t i = 1; i <= 4 * ghosts.capacity(); ++i) ghosts.remember(i * 2654435761u, 100);
  EXPECT_FALSE(ghosts.forget(7));
}

TEST(Ghosts, MostOfTheLatestAreKnownAndHardlyAnyOther) {
  Ghosts ghosts;
  constexpr std::uint32_t entries = 1024;
  for (std::uint32_t i = 1; i <= 10 * entries; ++i) ghosts.remember(i * 2654435761u, entries);
  std::uint32_t known = 0, mistaken = 0;
  for (std::uint32_t i = 0; i < entries / 2; ++i) {
    known += ghosts.forget((10 * entries - i) * 2654435761u) ? 1 : 0;
    mistaken += ghosts.forget((20 * entries + i) * 2654435761u) ? 1 : 0;
  }
  EXPECT_GT(known, entries / 2 * 8 / 10);
  EXPECT_LT(mistaken, 10u);
}

}  // namespace
}  // namespace djcache::memory
