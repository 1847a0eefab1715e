// A backend in front of another: two methods are enough to see every request.
#include <djcache/lock.h>
#include <gtest/gtest.h>

#include "stampede/stampede_fixture.h"

namespace djcache {
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

template <class T>
auto into(std::optional<Result<T>>& told) {
  return [&told](Result<T> result) { told.emplace(std::move(result)); };
}

struct Decorated : StampedeTest {
  Decorated() { alias_->backend = &counting; }
  Counting counting{*alias_->backend};
};

TEST_F(Decorated, EveryVerbPassesTheDecoratorAndWorksBehindIt) {
  std::optional<Result<std::int64_t>> sum, erased;
  std::optional<Result<bool>> replaced, expires, locked;
  std::optional<Result<Found>> found;
  const Cache cache = this->cache();
  cache.set("n", 40, nullptr);
  cache.incr("n", {.delta = 2}, into(sum));
  cache.replace("n", 7, {}, into(replaced));
  cache.expire("n", std::chrono::seconds(5), {}, into(expires));
  EXPECT_EQ(counting.asked, 4u);
  cache.set_many({{"a", 1}, {"b", 2}}, {}, nullptr);
  cache.get_many({"a", "b", "n"}, {}, into(found));
  EXPECT_EQ(counting.keys, 5u);
  run();
  EXPECT_EQ(**sum, 42);
  EXPECT_TRUE(**replaced && **expires);
  EXPECT_EQ((*found)->size(), 3u);
  cache.delete_pattern("*", {}, into(erased));
  Lock lock = cache.lock("l", {.ttl = std::chrono::seconds(9)});
  lock.acquire({}, into(locked));
  run();
  EXPECT_EQ(**erased, 3);
  EXPECT_TRUE(**locked);
  EXPECT_EQ(counting.asked, 6u) << "one page of keys, and the lock";
  EXPECT_EQ(counting.keys, 8u);
  EXPECT_EQ(cache.statistics().store->entries, 1u);
  EXPECT_FALSE(cache.peek("a")->has_value());
}

}  // namespace
}  // namespace djcache
