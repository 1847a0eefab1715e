// Store: MAX_BYTES bounds all its memory at any time, whatever the load.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "memory/store.h"

namespace djcache::memory {
namespace {

using Policy = EvictionPolicy;

// 1 B to 1 MiB, each order of magnitude equally often.
std::size_t random_size(std::mt19937_64& random) {
  const unsigned bits = static_cast<unsigned>(random() % 21);
  return (std::size_t{1} << bits) + random() % (std::size_t{1} << bits) / 2;
}

struct BoundsTest : testing::TestWithParam<std::tuple<Policy, std::size_t>> {
  Store store{{.policy = std::get<0>(GetParam()), .max_bytes = std::get<1>(GetParam())}};
  const std::size_t max_bytes = std::get<1>(GetParam());
  const EntryBounds bounds{.max_entries = 5000, .cull_frequency = 3};
  std::int64_t now = 1000;

  void check() const {
    ASSERT_LE(store.allocated(), max_bytes);
    ASSERT_LE(store.entries(), bounds.max_entries);
  }
};

INSTANTIATE_TEST_SUITE_P(
    Stores, BoundsTest,
    testing::Combine(testing::Values(Policy::cull, Policy::lru, Policy::s3_fifo),
                     testing::Values(Store::max_bytes_min, std::size_t{1} << 20,
                                     std::size_t{3'000'000}, std::size_t{16} << 20)));

TEST_P(BoundsTest, HoldsUnderARandomLoad) {
  std::mt19937_64 random(5);
  const std::string source(std::size_t{3} << 20, 'v');
  std::size_t refused = 0;
  for (int step = 0; step < 6000; ++step) {
    now += static_cast<std::int64_t>(random() % 50);
    const std::string key = "key" + std::to_string(random() % 3000);
    const std::size_t size = random_size(random);
    const std::int64_t expires =
        random() % 2 == 0 ? never : now + static_cast<std::int64_t>(random() % 20'000);
    const std::string_view value = std::string_view(source).substr(0, size);
    switch (random() % 8) {
      case 0:
        store.erase(key, now);
        break;
      case 1:
        store.touch(key, expires, now);
        break;
      case 2: {
        std::string_view found;
        store.get(key, now, found);
        break;
      }
      default: {
        const Stored stored = store.set(key, {value, {}}, expires, now, bounds);
        std::string_view found;
        if (stored == Stored::too_large) {
          ++refused;
          ASSERT_GT(size, max_bytes / 4);
        } else if (expires > now) {
          ASSERT_TRUE(store.get(key, now, found)) << "what was set last is there";
          ASSERT_EQ(found, value);
        }
      }
    }
    check();
  }
  EXPECT_GT(store.counters().evicted_for_bytes, 0u);
  EXPECT_EQ(refused, store.counters().refused_too_large);
}

TEST_P(BoundsTest, ManySmallEntriesLeaveRoomForALargeOneAfterwards) {
  for (int i = 0; i < 40'000; ++i) {
    store.set(std::to_string(i), {"v", {}}, never, now, bounds);
    check();
  }
  const std::string large(max_bytes / 3, 'v');
  EXPECT_EQ(store.set("large", {large, {}}, never, now, bounds), Stored::yes);
  check();
  std::string_view found;
  ASSERT_TRUE(store.get("large", now, found));
  EXPECT_EQ(found, large);
}

TEST_P(BoundsTest, WhatCannotBeKeptIsRefusedAndChangesNothing) {
  store.set("k", {"old", {}}, never, now, bounds);
  const std::string huge(max_bytes, 'v');
  EXPECT_EQ(store.set("k", {huge, {}}, never, now, bounds), Stored::too_large);
  std::string_view found;
  ASSERT_TRUE(store.get("k", now, found));
  EXPECT_EQ(found, "old");
}

TEST(Overhead, OfAMillionEntriesIsAtMost64BytesEach) {
  Store store({.policy = Policy::s3_fifo});
  const EntryBounds bounds{.max_entries = entries_max - 1};
  const std::string value(100, 'v');
  for (int i = 0; i < 1'000'000; ++i) {
    store.set(":1:key:" + std::to_string(i), {value, {}}, 1'000'000 + i, 0, bounds);
  }
  ASSERT_EQ(store.entries(), 1'000'000u);
  const double overhead = static_cast<double>(store.allocated() - store.payload_bytes()) / 1e6;
  RecordProperty("bytes_per_entry", std::to_string(overhead));
  EXPECT_LE(overhead, 64);
}

}  // namespace
}  // namespace djcache::memory
