// co_await on every verb, on disconnect, and in tasks of tasks.
#include <djcache/coro.h>

#include "coro/task_fixture.h"
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

using testing::ElementsAre;

class Coro : public EngineTest {
 protected:
  void finish(Task& task) {
    EXPECT_TRUE(run_until([&] { return task.ended(); }));
  }
  static Task set_and_disconnect(coro::Cache cache, Coro& test, bool& reported) {
    const Value value(1);
    (void)co_await cache.set("a", value);
    const DisconnectReport report = co_await coro::disconnect(test.engine());
    EXPECT_EQ(report.connections, 1u);
    EXPECT_EQ(test.our_handles(), "");
    reported = true;
  }
};

Task every_verb(coro::Cache cache, int& reached) {
  const Value one(1), two(2);
  const auto stored = co_await cache.set("a", one);
  EXPECT_TRUE(stored.ok());
  const auto found = co_await cache.get("a");
  EXPECT_EQ(found.value(), one);
  const auto number = co_await cache.get<std::int64_t>("a");
  EXPECT_EQ(number.value(), 1);
  const auto miss = co_await cache.get("nothing");
  EXPECT_EQ(miss.value(), std::nullopt);
  const auto added = co_await cache.add("a", two);
  EXPECT_FALSE(added.value());
  const auto touched = co_await cache.touch("a", {.ttl = 60s});
  EXPECT_TRUE(touched.value());
  const auto there = co_await cache.has_key("a");
  EXPECT_TRUE(there.value());
  const auto more = co_await cache.incr("a", {.delta = 4});
  EXPECT_EQ(more.value(), 5);
  const auto less = co_await cache.decr("a");
  EXPECT_EQ(less.value(), 4);
  const auto up = co_await cache.incr_version("a");
  EXPECT_EQ(up.value(), 2);
  const auto down = co_await cache.decr_version("a", {.version = 2});
  EXPECT_EQ(down.value(), 1);
  ++reached;
}

Task every_verb_on_many(coro::Cache cache, int& reached) {
  const Entries entries{{"b", "x"}, {"c", nullptr}};
  const auto failed = co_await cache.set_many(entries);
  EXPECT_THAT(failed.value(), ElementsAre());
  const std::vector<std::string> keys{"a", "b", "c", "d"};
  const auto found = co_await cache.get_many(keys);
  EXPECT_EQ(found.value(), (Found{{"a", Value(4)}, {"b", Value("x")}, {"c", Value(nullptr)}}));
  EXPECT_EQ(found->begin()->first, "a");
  EXPECT_TRUE(found->errors().empty());
  const auto deleted = co_await cache.delete_("b");
  EXPECT_TRUE(deleted.value());
  const auto all_deleted = co_await cache.delete_many(keys);
  EXPECT_TRUE(all_deleted.ok());
  const auto fallback = co_await cache.get_or_set("d", Value("fallback"));
  EXPECT_EQ(fallback.value(), Value("fallback"));
  const auto made = co_await cache.get_or_set("e", [] { return Value("made"); });
  EXPECT_EQ(made.value(), Value("made"));
  const auto wrong = co_await cache.incr("nothing");
  EXPECT_EQ(wrong.error().code, Errc::key_not_found);
  EXPECT_EQ(cache.make_key("d", 7), ":7:d");
  const auto cleared = co_await cache.clear();
  EXPECT_TRUE(cleared.value());
  const DisconnectReport report = co_await cache.disconnect();
  EXPECT_EQ(report.connections, 1u);
  ++reached;
}

TEST_F(Coro, EveryVerbGivesWhatCacheGives) {
  int reached = 0;
  const coro::Cache both(cache());
  Task one = every_verb(both, reached);
  finish(one);
  Task many = every_verb_on_many(both, reached);
  finish(many);
  EXPECT_EQ(reached, 2);
}

TEST_F(Coro, DisconnectOfTheEngineReportsLast) {
  bool reported = false;
  const coro::Cache awaited(cache());
  Task task = set_and_disconnect(awaited, *this, reported);
  finish(task);
  EXPECT_TRUE(reported);
}

Task inner(coro::Cache cache, std::string key, std::vector<std::string>& order) {
  const Value value(1);
  (void)co_await cache.set(key, value);
  order.push_back(key);
}

Task outer(coro::Cache cache, std::vector<std::string>& order) {
  co_await inner(cache, "first", order);
  Task one = inner(cache, "second", order), two = inner(cache, "third", order);
  co_await one;
  co_await two;
  order.push_back("end");
}

TEST_F(Coro, TasksAwaitTasks) {
  std::vector<std::string> order;
  Task task = outer(coro::Cache(cache()), order);
  finish(task);
  EXPECT_THAT(order, ElementsAre("first", "second", "third", "end"));
}

Task with_callbacks(Engine& engine, int& told) {
  Cache cache = engine.cache();
  const auto found = co_await coro::awaitable<Result<bool>>(
      [&](auto done) { return cache.has_key("k", std::move(done)); });
  EXPECT_FALSE(found.value());
  const auto report = co_await coro::awaitable<DisconnectReport>(
      [&](auto done) { engine.pools().at(0).disconnect({}, std::move(done)); });
  EXPECT_EQ(report.connections, 1u);
  ++told;
}

TEST_F(Coro, AnythingWithACallbackCanBeAwaited) {
  int told = 0;
  (void)cache();
  Task task = with_callbacks(engine(), told);
  finish(task);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace djcache
