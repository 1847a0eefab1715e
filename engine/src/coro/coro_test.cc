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
};

Task every_verb(coro::Cache cache, int& reached) {
  EXPECT_TRUE((co_await cache.set("a", 1)).ok());
  EXPECT_EQ((co_await cache.get("a")).value(), Value(1));
  EXPECT_EQ((co_await cache.get<std::int64_t>("a")).value(), 1);
  EXPECT_EQ((co_await cache.get("nothing")).value(), std::nullopt);
  EXPECT_FALSE((co_await cache.add("a", 2)).value());
  EXPECT_TRUE((co_await cache.touch("a", {.ttl = 60s})).value());
  EXPECT_TRUE((co_await cache.has_key("a")).value());
  EXPECT_EQ((co_await cache.incr("a", {.delta = 4})).value(), 5);
  EXPECT_EQ((co_await cache.decr("a")).value(), 4);
  EXPECT_EQ((co_await cache.incr_version("a")).value(), 2);
  EXPECT_EQ((co_await cache.decr_version("a", {.version = 2})).value(), 1);
  ++reached;
  const Entries entries{{"b", "x"}, {"c", nullptr}};
  EXPECT_THAT((co_await cache.set_many(entries)).value(), ElementsAre());
  const std::vector<std::string> keys{"a", "b", "c", "d"};
  EXPECT_EQ((co_await cache.get_many(keys)).value(),
            (Found{{"a", Value(4)}, {"b", Value("x")}, {"c", Value(nullptr)}}));
  EXPECT_TRUE((co_await cache.delete_("a")).value());
  EXPECT_TRUE((co_await cache.delete_many(keys)).ok());
  EXPECT_EQ((co_await cache.get_or_set("d", Value("fallback"))).value(), Value("fallback"));
  EXPECT_EQ((co_await cache.get_or_set("e", [] { return Value("made"); })).value(), Value("made"));
  EXPECT_EQ((co_await cache.incr("nothing")).error().code, Errc::key_not_found);
  EXPECT_EQ(cache.make_key("d", 7), ":7:d");
  EXPECT_TRUE((co_await cache.clear()).value());
  EXPECT_EQ((co_await cache.disconnect()).connections, 1u);
  ++reached;
}

TEST_F(Coro, EveryVerbGivesWhatCacheGives) {
  int reached = 0;
  Task task = every_verb(coro::Cache(cache()), reached);
  finish(task);
  EXPECT_EQ(reached, 2);
}

TEST_F(Coro, DisconnectOfTheEngineReportsLast) {
  coro::Cache cache(this->cache());
  bool reported = false;
  Task task = [](coro::Cache cache, Engine& engine, Coro& test, bool& reported) -> Task {
    EXPECT_TRUE((co_await cache.set("a", 1)).ok());
    const DisconnectReport report = co_await coro::disconnect(engine);
    EXPECT_EQ(report.connections, 1u);
    EXPECT_EQ(test.our_handles(), "");
    reported = true;
  }(cache, engine(), *this, reported);
  finish(task);
  EXPECT_TRUE(reported);
}

Task inner(coro::Cache cache, std::string key, std::vector<std::string>& order) {
  (void)co_await cache.set(key, 1);
  order.push_back(key);
}

TEST_F(Coro, TasksAwaitTasks) {
  std::vector<std::string> order;
  Task task = [](coro::Cache cache, std::vector<std::string>& order) -> Task {
    co_await inner(cache, "first", order);
    Task one = inner(cache, "second", order), two = inner(cache, "third", order);
    co_await one;
    co_await two;
    order.push_back("end");
  }(coro::Cache(cache()), order);
  finish(task);
  EXPECT_THAT(order, ElementsAre("first", "second", "third", "end"));
}

TEST_F(Coro, AnythingWithACallbackCanBeAwaited) {
  int told = 0;
  Task task = [](Engine& engine, int& told) -> Task {
    Cache cache = engine.cache();
    const auto found = co_await coro::awaitable<Result<bool>>(
        [&](auto done) { return cache.has_key("k", std::move(done)); });
    EXPECT_FALSE(found.value());
    const auto report = co_await coro::awaitable<DisconnectReport>(
        [&](auto done) { engine.pools().at(0).disconnect({}, std::move(done)); });
    EXPECT_EQ(report.connections, 1u);
    ++told;
  }(start({.caches = {{"default", {.location = {server().url()}}}}}), told);
  finish(task);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace djcache
