// Store against a slow model that follows locmem.py line by line; seeded random operations in
// virtual time.
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <random>
#include <string>

#include "memory/store.h"

namespace djcache::memory {
namespace {

using Policy = EvictionPolicy;

// LocMemCache: an ordered dict, most recently used first, and when each entry expires.
class Model {
 public:
  Model(const EntryBounds& bounds, bool collects) : bounds_(bounds), collects_(collects) {}

  bool get(const std::string& key, std::int64_t now, std::string& value) {
    if (!meet(key, now)) return false;
    refresh(key);
    value = entries_.at(key).value;
    return true;
  }
  bool has(const std::string& key, std::int64_t now) { return meet(key, now); }
  void set(const std::string& key, const std::string& value, std::int64_t expires,
           std::int64_t now) {
    if (collects_ && expires <= now) return (void)remove(key);
    if (entries_.size() >= bounds_.max_entries && !collects_) cull(entries_.contains(key));
    entries_[key] = {value, expires};
    refresh(key);
  }
  bool add(const std::string& key, const std::string& value, std::int64_t expires,
           std::int64_t now) {
    if (alive(key, now)) return false;
    set(key, value, expires, now);
    return true;
  }
  bool touch(const std::string& key, std::int64_t expires, std::int64_t now) {
    if (!alive(key, now)) return false;
    entries_.at(key).expires = expires;
    if (collects_ && expires <= now) remove(key);
    return true;
  }
  bool erase(const std::string& key, std::int64_t now) {
    const bool existed = collects_ ? alive(key, now) : entries_.contains(key);
    remove(key);
    return existed;
  }
  bool move(const std::string& from, const std::string& to, std::int64_t expires,
            std::int64_t now) {
    std::string value;
    if (!get(from, now, value)) return false;
    set(to, value, expires, now);
    erase(from, now);
    return true;
  }
  void clear() {
    entries_.clear();
    order_.clear();
  }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string value;
    std::int64_t expires;
  };
  bool alive(const std::string& key, std::int64_t now) const {
    const auto at = entries_.find(key);
    return at != entries_.end() && at->second.expires > now;
  }
  bool meet(const std::string& key, std::int64_t now) {
    if (alive(key, now)) return true;
    remove(key);
    return false;
  }
  void remove(const std::string& key) {
    entries_.erase(key);
    order_.remove(key);
  }
  void refresh(const std::string& key) {
    order_.remove(key);
    order_.push_front(key);
  }
  void cull(bool has_key) {
    std::size_t count =
        bounds_.cull_frequency == 0 ? entries_.size() : entries_.size() / bounds_.cull_frequency;
    // where Django would exceed MAX_ENTRIES
    if (count == 0 && !has_key) count = entries_.empty() ? 0 : 1;
    for (; count > 0; --count) remove(std::string(order_.back()));
  }

  EntryBounds bounds_;
  bool collects_;
  std::map<std::string, Entry> entries_;
  std::list<std::string> order_;
};

struct ModelCase {
  Policy policy;
  EntryBounds bounds;
};

struct ModelTest : testing::TestWithParam<ModelCase> {};

INSTANTIATE_TEST_SUITE_P(
    Bounds, ModelTest,
    testing::Values(ModelCase{Policy::cull, {.max_entries = 30, .cull_frequency = 3}},
                    ModelCase{Policy::cull, {.max_entries = 30, .cull_frequency = 0}},
                    ModelCase{Policy::cull, {.max_entries = 7, .cull_frequency = 9}},
                    ModelCase{Policy::cull, {.max_entries = 1, .cull_frequency = 1}},
                    ModelCase{Policy::cull, {.max_entries = 300, .cull_frequency = 3}},
                    // Without evictions these two policies differ from Django only in when they
                    // remove entries.
                    ModelCase{Policy::lru, {.max_entries = 1000}},
                    ModelCase{Policy::s3_fifo, {.max_entries = 1000}}),
    [](const auto& one) { return "case" + std::to_string(one.index); });

TEST_P(ModelTest, EveryAnswerIsTheModels) {
  const bool collects = GetParam().policy != Policy::cull;
  const EntryBounds& bounds = GetParam().bounds;
  Store store({.policy = GetParam().policy, .seed = 99});
  Model model(bounds, collects);
  std::mt19937_64 random(17);
  std::int64_t now = 5'000'000;
  const auto pick_key = [&] { return "key" + std::to_string(random() % 60); };
  for (int step = 0; step < 60'000; ++step) {
    if (random() % 3 == 0) now += static_cast<std::int64_t>(random() % 400);
    const std::string key = pick_key();
    const std::string value(random() % 90, static_cast<char>('a' + random() % 26));
    const std::int64_t expires =
        random() % 3 == 0 ? never : now - 20 + static_cast<std::int64_t>(random() % 3000);
    const std::string where = "step " + std::to_string(step) + ", " + key;
    switch (random() % 9) {
      case 0:
      case 1: {
        std::string_view got;
        std::string expected;
        const bool found = store.get(key, now, got);
        ASSERT_EQ(found, model.get(key, now, expected)) << where;
        if (found) {
          ASSERT_EQ(got, expected) << where;
        }
        break;
      }
      case 2:
      case 3:
        store.set(key, {value, {}}, expires, now, bounds);
        model.set(key, value, expires, now);
        break;
      case 4:
        ASSERT_EQ(store.add(key, {value, {}}, expires, now, bounds) == Stored::yes,
                  model.add(key, value, expires, now))
            << where;
        break;
      case 5:
        ASSERT_EQ(store.touch(key, expires, now), model.touch(key, expires, now)) << where;
        break;
      case 6:
        ASSERT_EQ(store.erase(key, now), model.erase(key, now)) << where;
        break;
      case 7:
        ASSERT_EQ(store.has(key, now), model.has(key, now)) << where;
        break;
      case 8: {
        const std::string to = pick_key();
        ASSERT_EQ(store.move(key, to, expires, now, bounds) == Stored::yes,
                  model.move(key, to, expires, now))
            << where;
        if (random() % 500 == 0) {
          store.clear();
          model.clear();
        }
        break;
      }
    }
    if (!collects) {
      ASSERT_EQ(store.entries(), model.size()) << where;
    }
  }
}

}  // namespace
}  // namespace djcache::memory
