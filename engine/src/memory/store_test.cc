// Store: the behaviour of LocMemCache in tables, with chosen times. Source:
// django/core/cache/backends/locmem.py.
#include "memory/store.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace djcache::memory {
namespace {

using Policy = EvictionPolicy;

// A store with a clock that the test sets.
struct Rig {
  explicit Rig(const StoreOptions& options = {}, const EntryBounds& with = {})
      : store(options), bounds(with) {}

  Stored set(const std::string& key, const std::string& value, std::int64_t life = never) {
    return store.set(key, {value, {}}, at(life), now, bounds);
  }
  Stored add(const std::string& key, const std::string& value, std::int64_t life = never) {
    return store.add(key, {value, {}}, at(life), now, bounds);
  }
  bool touch(const std::string& key, std::int64_t life) { return store.touch(key, at(life), now); }
  std::string get(const std::string& key) {
    std::string_view value;
    return store.get(key, now, value) ? std::string(value) : "(miss)";
  }
  bool has(const std::string& key) { return store.has(key, now); }
  bool erase(const std::string& key) { return store.erase(key, now); }
  std::int64_t at(std::int64_t life) const { return life == never ? never : now + life; }

  Store store;
  EntryBounds bounds;
  std::int64_t now = 1'000'000;
};

struct StoreTest : testing::TestWithParam<Policy> {
  Rig rig{StoreOptions{.policy = GetParam()}};
};

std::string name_of(const testing::TestParamInfo<Policy>& policy) {
  const char* const names[] = {"cull", "lru", "s3_fifo"};
  return names[static_cast<int>(policy.param)];
}
INSTANTIATE_TEST_SUITE_P(Policies, StoreTest,
                         testing::Values(Policy::cull, Policy::lru, Policy::s3_fifo), name_of);

TEST_P(StoreTest, GetGivesWhatWasSetLast) {
  EXPECT_EQ(rig.get("k"), "(miss)");
  rig.set("k", "one");
  EXPECT_EQ(rig.get("k"), "one");
  rig.set("k", "another length");
  EXPECT_EQ(rig.get("k"), "another length");
  rig.set("k", "");
  EXPECT_EQ(rig.get("k"), "");
}

TEST_P(StoreTest, KeysMayBeAnyBytes) {
  const std::string keys[] = {
      "",  std::string("\0", 1), std::string("\0\0", 2), "a",
      "b", std::string(17, 'x'), std::string(16, 'x'),   std::string(5000, 'k')};
  for (const std::string& key : keys) rig.set(key, "of " + key);
  for (const std::string& key : keys) EXPECT_EQ(rig.get(key), "of " + key);
}

TEST_P(StoreTest, AnEntryLivesToTheMillisecond) {
  rig.set("k", "v", 700);
  rig.now += 699;
  EXPECT_EQ(rig.get("k"), "v");
  EXPECT_TRUE(rig.has("k"));
  rig.now += 1;
  EXPECT_FALSE(rig.has("k"));
  EXPECT_EQ(rig.get("k"), "(miss)");
}

TEST_P(StoreTest, ATtlOfZeroOrLessIsAbsentAtOnce) {
  for (const std::int64_t life : {0, -1, -1000}) {
    rig.set("k", "v");
    EXPECT_EQ(rig.set("k", "w", life), Stored::yes);
    EXPECT_EQ(rig.get("k"), "(miss)");
    EXPECT_EQ(rig.add("n", "w", life), Stored::yes);
    EXPECT_EQ(rig.get("n"), "(miss)");
  }
}

TEST_P(StoreTest, SetForEverRemovesAnOldExpiry) {
  rig.set("k", "v", 10);
  rig.set("k", "w");
  rig.now += 1'000'000'000;
  EXPECT_EQ(rig.get("k"), "w");
}

TEST_P(StoreTest, AddNeverOverwritesWhatLives) {
  EXPECT_EQ(rig.add("k", "v", 100), Stored::yes);
  EXPECT_EQ(rig.add("k", "w"), Stored::exists);
  EXPECT_EQ(rig.get("k"), "v");
  rig.now += 100;
  EXPECT_EQ(rig.add("k", "w"), Stored::yes);
  EXPECT_EQ(rig.get("k"), "w");
}

TEST_P(StoreTest, TouchSetsTheTtlOfWhatLives) {
  EXPECT_FALSE(rig.touch("k", 100));
  rig.set("k", "v", 100);
  EXPECT_TRUE(rig.touch("k", 200));
  rig.now += 150;
  EXPECT_EQ(rig.get("k"), "v");
  EXPECT_TRUE(rig.touch("k", never));
  EXPECT_TRUE(rig.touch("k", never)) << "Django's None says True for any existing key";
  rig.now += 1000;
  EXPECT_EQ(rig.get("k"), "v");
  EXPECT_TRUE(rig.touch("k", 0));
  EXPECT_FALSE(rig.has("k"));
  EXPECT_FALSE(rig.touch("k", 100));
}

TEST_P(StoreTest, MoveLeavesNothingBehind) {
  EXPECT_EQ(rig.store.move("a", "b", never, rig.now, rig.bounds), Stored::missing);
  rig.set("a", "v", 50);
  EXPECT_EQ(rig.store.move("a", "b", rig.now + 100, rig.now, rig.bounds), Stored::yes);
  EXPECT_EQ(rig.get("a"), "(miss)");
  rig.now += 99;
  EXPECT_EQ(rig.get("b"), "v");
  EXPECT_EQ(rig.store.move("b", "b", never, rig.now, rig.bounds), Stored::yes);
  EXPECT_EQ(rig.get("b"), "(miss)") << "delta 0 deletes the entry, as in Django";
}

TEST_P(StoreTest, ClearEmptiesAndTheStoreWorksOn) {
  for (int i = 0; i < 200; ++i) rig.set("k" + std::to_string(i), std::string(300, 'v'), 1000);
  rig.store.clear();
  EXPECT_EQ(rig.store.entries(), 0u);
  EXPECT_EQ(rig.store.payload_bytes(), 0u);
  EXPECT_EQ(rig.get("k1"), "(miss)");
  rig.set("k1", "again", 1000);
  EXPECT_EQ(rig.get("k1"), "again");
}

TEST_P(StoreTest, ModifyChangesInPlaceAndKeepsTheExpiry) {
  rig.set("k", "12345678", 100);
  std::size_t size = 0;
  char* value = rig.store.modify("k", rig.now, size);
  ASSERT_NE(value, nullptr);
  EXPECT_EQ(size, 8u);
  value[0] = 'x';
  EXPECT_EQ(rig.get("k"), "x2345678");
  rig.now += 100;
  EXPECT_EQ(rig.store.modify("k", rig.now, size), nullptr);
}

// --- Django's behaviour, under `cull`.

TEST(StoreOfDjango, DeleteOfAnExpiredEntryThatNobodyMetSaysTrue) {
  Rig rig;
  rig.set("k", "v", 10);
  rig.now += 20;
  EXPECT_TRUE(rig.erase("k"));
  EXPECT_FALSE(rig.erase("k"));
  rig.set("k", "v", 10);
  rig.now += 20;
  EXPECT_FALSE(rig.touch("k", 5)) << "touch does not remove it";
  EXPECT_TRUE(rig.erase("k"));
  rig.set("k", "v", 0);
  EXPECT_FALSE(rig.has("k")) << "has_key removes it";
  EXPECT_FALSE(rig.erase("k"));
}

TEST(StoreOfDjango, ExpiredEntriesCountUntilTheyAreMet) {
  Rig rig({}, {.max_entries = 4, .cull_frequency = 2});
  for (const char* key : {"a", "b", "c"}) rig.set(key, "v", 10);
  rig.now += 20;
  rig.set("d", "v");
  EXPECT_EQ(rig.store.entries(), 4u);
  rig.set("e", "v");
  EXPECT_EQ(rig.store.entries(), 3u);
}

TEST(StoreOfDjango, CullsWithItsCounts) {
  const struct {
    std::size_t max_entries, cull_frequency, left;
  } rows[] = {{30, 3, 29}, {30, 0, 19}, {30, 2, 19}, {30, 1, 19}, {300, 3, 49},
              {49, 3, 49}, {2, 3, 2},   {1, 3, 1},   {0, 3, 1},   {0, 0, 1}};
  for (const auto& [max_entries, cull_frequency, left] : rows) {
    Rig rig({}, {.max_entries = max_entries, .cull_frequency = cull_frequency});
    for (int i = 0; i < 49; ++i) rig.set("cull" + std::to_string(i), "value", 1'000'000);
    EXPECT_EQ(rig.store.entries(), left) << max_entries << ", " << cull_frequency;
    EXPECT_EQ(rig.get("cull48"), "value");
  }
}

TEST(StoreOfDjango, SettingAnExistingKeyCullsToo) {
  Rig rig({}, {.max_entries = 3, .cull_frequency = 3});
  for (const char* key : {"a", "b", "c"}) rig.set(key, "v");
  rig.set("c", "w");
  EXPECT_FALSE(rig.has("a"));
  EXPECT_TRUE(rig.has("b"));
  rig.set("a", "v");
  rig.set("b", "w");  // b itself is the least recently used: it is evicted and stored again
  EXPECT_EQ(rig.get("b"), "w");
  EXPECT_EQ(rig.store.entries(), 3u);
}

TEST(StoreOfDjango, TooFewToCullStillMakesRoomForANewKeyOnly) {
  Rig rig({}, {.max_entries = 2, .cull_frequency = 3});
  rig.set("a", "v");
  rig.set("b", "v");
  rig.set("b", "w");
  EXPECT_TRUE(rig.has("a")) << "an existing key needs no room";
  rig.set("c", "v");
  EXPECT_FALSE(rig.has("a")) << "Django would grow beyond MAX_ENTRIES";
}

TEST(StoreOfDjango, ReadsAndWritesRefreshAndLooksDoNot) {
  const struct {
    const char* name;
    void (*use)(Rig&);
    bool refreshes;
  } rows[] = {
      {"get", [](Rig& rig) { rig.get("a"); }, true},
      {"set", [](Rig& rig) { rig.set("a", "w"); }, true},
      {"modify",
       [](Rig& rig) {
         std::size_t size;
         rig.store.modify("a", rig.now, size);
       },
       true},
      {"has_key", [](Rig& rig) { rig.has("a"); }, false},
      {"touch", [](Rig& rig) { rig.touch("a", never); }, false},
      {"add", [](Rig& rig) { rig.add("a", "w"); }, false},
  };
  for (const auto& [name, use, refreshes] : rows) {
    Rig rig({}, {.max_entries = 4, .cull_frequency = 3});
    for (const char* key : {"a", "b", "c"}) rig.set(key, "v");
    use(rig);
    rig.set("d", "v");
    rig.set("e", "v");
    EXPECT_EQ(rig.has("a"), refreshes) << name;
  }
}

// --- Improvements of the other policies.

TEST(StoreInTime, GivesBackWhatHasExpiredWithoutBeingAskedForIt) {
  for (const Policy policy : {Policy::lru, Policy::s3_fifo}) {
    Rig rig({.policy = policy}, {.max_entries = 10'000});
    for (int i = 0; i < 1000; ++i) rig.set("k" + std::to_string(i), "v", 100 + i);
    rig.now += 10'000;
    for (int i = 0; i < 200; ++i) rig.get("other");
    EXPECT_EQ(rig.store.entries(), 0u);
    EXPECT_EQ(rig.store.counters().expired_unmet, 1000u);
  }
}

TEST(StoreInTime, DeleteOfAnExpiredEntrySaysFalse) {
  Rig rig({.policy = Policy::lru});
  rig.set("k", "v", 10);
  rig.now += 10;
  EXPECT_FALSE(rig.erase("k"));
}

TEST(StoreInTime, ManyEntriesNeverPassMaxEntries) {
  for (const Policy policy : {Policy::lru, Policy::s3_fifo}) {
    Rig rig({.policy = policy}, {.max_entries = 100});
    for (int i = 0; i < 1000; ++i) {
      rig.set("k" + std::to_string(i), "v");
      ASSERT_LE(rig.store.entries(), 100u);
    }
    EXPECT_EQ(rig.store.entries(), 100u);
    EXPECT_EQ(rig.store.counters().evicted_for_entries, 900u);
    EXPECT_TRUE(rig.has("k999"));
  }
}

TEST(StoreCounters, TellByCause) {
  Rig rig({.policy = Policy::lru}, {.max_entries = 2});
  rig.set("a", "v");
  rig.set("b", "v", 10);
  rig.set("c", "v");
  rig.get("b");
  rig.get("nothing");
  rig.now += 10;
  rig.get("b");
  const Counters& counters = rig.store.counters();
  EXPECT_EQ(counters.sets, 3u);
  EXPECT_EQ(counters.hits, 1u);
  EXPECT_EQ(counters.misses, 2u);
  EXPECT_EQ(counters.evicted_for_entries, 1u);
  EXPECT_EQ(counters.expired_when_met, 1u);
}

}  // namespace
}  // namespace djcache::memory
