// Table: finds whatever was inserted, in any order and with any collisions.
#include "memory/table.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace djcache::memory {
namespace {

struct TableTest : testing::Test {
  Index insert(std::uint32_t hash) {
    const Index index = records.take();
    records[index].hash = hash;
    table.insert(index);
    return index;
  }
  bool has(Index index) const {
    const Record* wanted = &records[index];
    return table.find(wanted->hash, [&](const Record& each) { return &each == wanted; }) == index;
  }

  Records records;
  Table table{records};
};

TEST_F(TableTest, EmptyFindsNothing) {
  EXPECT_EQ(table.find(1, [](const Record&) { return true; }), none);
}

TEST_F(TableTest, EqualHashesAreToldApartByTheirRecords) {
  const Index a = insert(5), b = insert(5), c = insert(5);
  EXPECT_TRUE(has(a) && has(b) && has(c));
  table.erase(b);
  EXPECT_TRUE(has(a) && has(c));
  EXPECT_FALSE(has(b));
}

TEST_F(TableTest, ErasingInAClusterAcrossTheEndLosesNobody) {
  const Index a = insert(15), b = insert(15), c = insert(0), d = insert(1);
  table.erase(a);
  EXPECT_TRUE(has(b) && has(c) && has(d));
  table.erase(c);
  EXPECT_TRUE(has(b) && has(d));
}

TEST_F(TableTest, AgreesWithASetUnderARandomLoad) {
  std::mt19937 random(3);
  std::set<Index> present;
  for (int step = 0; step < 20'000; ++step) {
    if (present.empty() || random() % 5 < 3) {
      present.insert(insert(static_cast<std::uint32_t>(random() % 3000 * 0x10001u)));
    } else {
      auto at = present.begin();
      std::advance(at, random() % std::min<std::size_t>(present.size(), 50));
      table.erase(*at);
      records.give_back(*at);
      present.erase(at);
    }
    if (step % 500 != 0) continue;
    for (const Index each : present) ASSERT_TRUE(has(each)) << each;
  }
}

TEST_F(TableTest, GrowthIsForetold) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const std::size_t before = table.allocated();
    const std::size_t growth = table.growth();
    insert(i * 2654435761u);
    ASSERT_EQ(table.allocated(), growth != 0 ? growth : before);
  }
}

}  // namespace
}  // namespace djcache::memory
