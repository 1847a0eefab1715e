// Ring: a queue that wraps around and grows.
#include "ring.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

namespace djcache {
namespace {

TEST(Ring, GivesBackInOrder) {
  Ring<int> ring;
  EXPECT_TRUE(ring.empty());
  for (int i = 0; i < 100; ++i) ring.push_back(i);
  EXPECT_EQ(ring.size(), 100u);
  EXPECT_EQ(ring.front(), 0);
  EXPECT_EQ(ring.back(), 99);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ring.take_front(), i);
  EXPECT_TRUE(ring.empty());
}

TEST(Ring, BehavesAsADequeWhateverTheOrder) {
  std::mt19937 random(7);
  Ring<int> ring;
  std::deque<int> model;
  for (int i = 0; i < 20'000; ++i) {
    if (model.empty() || random() % 100 < 52) {
      ring.push_back(i);
      model.push_back(i);
    } else {
      ring.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    if (model.empty()) continue;
    const std::size_t at = random() % model.size();
    ASSERT_EQ(std::as_const(ring)[at], model[at]);
    ASSERT_EQ(std::as_const(ring).front(), model.front());
    ASSERT_EQ(std::as_const(ring).back(), model.back());
  }
}

TEST(Ring, LetsGoOfWhatWasTaken) {
  const auto item = std::make_shared<int>(1);
  Ring<std::shared_ptr<int>> ring;
  for (int i = 0; i < 20; ++i) ring.push_back(item);
  ring.pop_front();
  EXPECT_EQ(item.use_count(), 20);
  ring.clear();
  EXPECT_EQ(item.use_count(), 1);
}

TEST(Ring, FitsWhatIsThereInOrder) {
  Ring<int> ring;
  for (int i = 0; i < 1000; ++i) ring.push_back(i);
  for (int i = 0; i < 980; ++i) ring.pop_front();
  ring.fit(0);
  EXPECT_EQ(ring.capacity(), 32u) << "for twenty";
  for (int i = 980; i < 1000; ++i) EXPECT_EQ(ring.take_front(), i);
  ring.fit(100);
  EXPECT_EQ(ring.capacity(), 32u) << "it never grows by this";
  ring.fit(0);
  EXPECT_EQ(ring.capacity(), 0u);
  ring.push_back(7);
  EXPECT_EQ(ring.take_front(), 7);
}

TEST(Ring, WhatWasReservedNeedsNoMemory) {
  Ring<int> ring;
  ring.reserve(100);
  const std::size_t capacity = ring.capacity();
  for (int i = 0; i < 100; ++i) ring.push_back(i);
  EXPECT_EQ(ring.capacity(), capacity);
}

TEST(Ring, HoldsWhatCanOnlyBeMovedAndSwaps) {
  Ring<std::unique_ptr<int>> a, b;
  a.push_back(std::make_unique<int>(1));
  b.swap(a);
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(*b.take_front(), 1);
}

}  // namespace
}  // namespace djcache
