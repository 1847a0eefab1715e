// Arena: blocks stay intact while they move, and memory stays close to what is alive.
#include "memory/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <string>

namespace djcache::memory {
namespace {

struct Blocks final : Arena::Owners {
  void moved(std::uint32_t owner, char* block) override {
    at.at(owner) = block;
    ++moves;
  }
  std::map<std::uint32_t, char*> at;
  int moves = 0;
};

struct ArenaTest : testing::Test {
  void put(std::uint32_t owner, const std::string& text) {
    char* block = arena.allocate(owner, text.size());
    std::memcpy(Arena::data(block), text.data(), text.size());
    blocks.at[owner] = block;
    texts[owner] = text;
  }
  void drop(std::uint32_t owner) {
    char* block = blocks.at.at(owner);
    blocks.at.erase(owner);
    texts.erase(owner);
    arena.release(block);
  }
  void check() const {
    ASSERT_LE(arena.allocated(), arena.live() + arena.live() / 8 + arena.slack());
  }
  void check_texts() const {
    for (const auto& [owner, text] : texts) {
      const char* block = blocks.at.at(owner);
      ASSERT_EQ(std::string(Arena::data(block), Arena::size(block)), text) << owner;
    }
  }

  Blocks blocks;
  Arena arena{Arena::segment_bytes_min, blocks};
  std::map<std::uint32_t, std::string> texts;
};

TEST_F(ArenaTest, EmptyHoldsNothing) {
  EXPECT_EQ(arena.allocated(), 0u);
  put(1, "a");
  drop(1);
  EXPECT_EQ(arena.live(), 0u);
  check();
}

TEST_F(ArenaTest, BlocksOfAnySizeKeepTheirBytes) {
  const std::size_t sizes[] = {0, 1, 3, 4, 100, 200, 247, 248, 249, 255, 256, 257, 5000, 1 << 20};
  std::uint32_t owner = 0;
  for (const std::size_t size : sizes) {
    ++owner;
    put(owner, std::string(size, static_cast<char>('a' + owner)));
    check();
  }
  check_texts();
}

TEST_F(ArenaTest, WhatSurvivesAmongTheDeadIsMovedTogether) {
  for (std::uint32_t owner = 1; owner <= 2000; ++owner) put(owner, std::string(50, 'x'));
  for (std::uint32_t owner = 1; owner <= 2000; ++owner) {
    if (owner % 10 != 0) drop(owner);
    check();
  }
  EXPECT_GT(blocks.moves, 0);
  check_texts();
}

TEST_F(ArenaTest, ResetGivesEverythingBack) {
  for (std::uint32_t owner = 1; owner <= 100; ++owner) put(owner, std::string(owner * 20, 'x'));
  arena.reset();
  EXPECT_EQ(arena.allocated(), 0u);
  EXPECT_EQ(arena.live(), 0u);
}

TEST_F(ArenaTest, StaysWithinItsBoundUnderARandomLoad) {
  std::mt19937_64 random(7);
  for (int step = 0; step < 40'000; ++step) {
    const auto owner = static_cast<std::uint32_t>(1 + random() % 500);
    if (blocks.at.contains(owner)) {
      drop(owner);
    } else {
      // Phases of small and of larger blocks: the weakness of size classes.
      const std::size_t top = (step / 5000) % 2 == 0 ? 60 : 600;
      put(owner, std::string(random() % top, static_cast<char>('a' + random() % 26)));
    }
    check();
    if (step % 1000 == 0) check_texts();
  }
  check_texts();
}

}  // namespace
}  // namespace djcache::memory
