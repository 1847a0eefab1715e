// A backend in front of another: two methods are enough to see everything that is asked.
#include <gtest/gtest.h>

#include "cache/rig_fixture.h"
#include "memory/memory_backend.h"

namespace djcache::cache::test {
namespace {

class Counting final : public Backend {
 public:
  explicit Counting(Backend& behind) : behind_(behind) {}

  void ask(const Request& request, Call* call) override {
    ++asked;
    behind_.ask(request, call);
  }
  void ask_many(const ManyRequest& request, Call* call) override {
    keys += request.keys.size() + request.entries.size();
    behind_.ask_many(request, call);
  }
  Peeked peek(const Key& key, std::string_view& bytes) override { return behind_.peek(key, bytes); }
  std::optional<StoreStatistics> store_statistics() const override {
    return behind_.store_statistics();
  }
  std::vector<link::Pool*> pools() const override { return behind_.pools(); }
  link::Pool* pool(const CallOptions& options) override { return behind_.pool(options); }

  std::size_t asked = 0;
  std::size_t keys = 0;

 private:
  Backend& behind_;
};

struct Decorated : Rig {
  Decorated() { alias_->backend = &counting; }
  memory::MemoryBackend memory{
      std::make_shared<memory::Store>(memory::StoreOptions{.max_bytes = std::size_t{1} << 20}),
      {.max_entries = 1000},
      calls_,
      [] { return now_ms; }};
  Counting counting{memory};
};

TEST_F(Decorated, EveryVerbPassesTheDecoratorAndWorksBehindIt) {
  Told<std::int64_t> sum, erased;
  Told<bool> replaced, expires, locked;
  Told<Found> found;
  Told<std::vector<std::string>> stored;
  const Cache cache = this->cache();
  cache.set("n", 40, nullptr);
  cache.incr("n", {.delta = 2}, sum.callback());
  cache.replace("n", 7, {}, replaced.callback());
  cache.expire("n", std::chrono::seconds(5), {}, expires.callback());
  EXPECT_EQ(counting.asked, 4u);
  cache.set_many({{"a", 1}, {"b", 2}}, {}, stored.callback());
  cache.get_many({"a", "b", "n"}, {}, found.callback());
  EXPECT_EQ(counting.keys, 5u);
  run();
  EXPECT_EQ(**sum.result, 42);
  EXPECT_TRUE(**replaced.result && **expires.result);
  EXPECT_EQ((*found.result)->size(), 3u);
  cache.delete_pattern("*", {}, erased.callback());
  Lock lock = cache.lock("l", {.ttl = std::chrono::seconds(9)});
  lock.acquire({}, locked.callback());
  run();
  EXPECT_EQ(**erased.result, 3);
  EXPECT_TRUE(**locked.result);
  EXPECT_EQ(counting.asked, 6u) << "one page of keys, and the lock";
  EXPECT_EQ(counting.keys, 8u);
  EXPECT_EQ(cache.statistics().store->entries, 1u);
  EXPECT_FALSE(cache.peek("a")->has_value());
}

}  // namespace
}  // namespace djcache::cache::test
