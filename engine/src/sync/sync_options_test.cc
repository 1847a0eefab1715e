// What bindings to other languages need: calls that may be given up, work without a caller, and
// KEY_FUNCTION on the threads of callers.
#include <atomic>

#include "sync/sync_fixture.h"

namespace djcache {
namespace {

class SyncOptionsTest : public SyncTest {
 protected:
  std::unique_ptr<SyncEngine> started_with(SyncOptions options, Settings settings) {
    auto engine = std::make_unique<SyncEngine>(std::move(settings), std::move(options));
    EXPECT_TRUE(engine->start().ok());
    return engine;
  }
  Settings patient() {
    Settings settings = this->settings();
    settings.caches["default"].options.command_limit = 60s;
    return settings;
  }
  void warm_up(const SyncCache& cache) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(cache.get("warm").ok());
  }
  void TearDown() override {
    (void)server().cont();
    SyncTest::TearDown();
  }
};

// --- go_on

TEST_F(SyncOptionsTest, ACallThatMayNotGoOnEndsWithCancelledWhoeverDrives) {
  std::atomic<bool> go_on = true;
  auto engine = started_with({.go_on = [&] { return go_on.load(); }, .ask_every = 1ms}, patient());
  warm_up(engine->cache());
  ASSERT_TRUE(engine->cache().set("n", 0).ok());
  ASSERT_TRUE(server().stop());
  go_on = false;
  for (const bool thread_drives : {false, true}) {
    const auto kept = thread_drives ? engine->keep_thread_driving() : nullptr;
    const auto given_up = engine->cache().incr("n");
    ASSERT_FALSE(given_up.ok());
    EXPECT_EQ(given_up.error().code, Errc::cancelled);
    EXPECT_THAT(given_up.error().detail, testing::HasSubstr("may have been executed"));
  }
  go_on = true;
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(engine->cache().get("n").value(), Value(2)) << "the connection is in step";
}

TEST_F(SyncOptionsTest, AskingDoesNotEndACallThatMayGoOn) {
  std::atomic<int> asked = 0;
  auto engine = started_with({.go_on = [&] { return ++asked > 0; }, .ask_every = 1ms}, patient());
  warm_up(engine->cache());
  ASSERT_TRUE(server().stop());
  std::thread other([&] { EXPECT_TRUE(engine->cache().set("k", 1).ok()); });
  EXPECT_TRUE(eventually([&] { return asked > 5; }));
  ASSERT_TRUE(server().cont());
  other.join();
}

TEST_F(SyncOptionsTest, ItIsAskedOnTheThreadThatWaits) {
  std::atomic<bool> elsewhere = false;
  std::atomic<int> asked = 0;
  thread_local bool waits = false;
  std::atomic<bool> counts = false;
  auto engine = started_with({.go_on =
                                  [&] {
                                    if (!counts) return true;
                                    if (!waits) elsewhere = true;
                                    return ++asked < 10;
                                  },
                              .ask_every = 1ms},
                             patient());
  warm_up(engine->cache());
  ASSERT_TRUE(server().stop());
  counts = true;
  auto crew = SyncTest::crew(3, [&](int) {
    waits = true;
    EXPECT_EQ(engine->cache().incr("n").error().code, Errc::cancelled);
  });
  join(crew);
  EXPECT_FALSE(elsewhere);
}

// --- post

TEST_F(SyncOptionsTest, WhatIsPostedRunsInOrderBesideCalls) {
  ASSERT_TRUE(cache().set("n", 0).ok());
  std::vector<int> order;
  std::atomic<int> ended = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(engine().post([&, i](Engine& on_loop) {
      order.push_back(i);
      on_loop.cache().incr("n", {.delta = i}, [&](auto result) {
        EXPECT_TRUE(result.ok());
        ++ended;
      });
    }));
  }
  EXPECT_TRUE(eventually([&] { return ended == 100; }));
  EXPECT_EQ(cache().get("n").value(), Value(99 * 100 / 2));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(SyncOptionsTest, WhatCannotRunIsDestroyedUncalled) {
  const auto refused_by = [](SyncEngine& engine) {
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> watch = token;
    const bool taken =
        engine.post([token = std::move(token)](Engine&) { ADD_FAILURE() << "called"; });
    return !taken && watch.expired();
  };
  SyncEngine never_started(settings());
  EXPECT_TRUE(refused_by(never_started));
  EXPECT_TRUE(engine().stop().ok());
  EXPECT_TRUE(refused_by(engine()));
  EXPECT_FALSE(engine().post({}));
}

TEST_F(SyncOptionsTest, EachFunctionRunsOrIsDestroyedWhenTheEngineStops) {
  std::atomic<int> ran = 0, dropped = 0, refused = 0;
  struct Counts {
    std::atomic<int>* when_destroyed;
    ~Counts() { ++*when_destroyed; }
  };
  auto crew = SyncTest::crew(4, [&](int) {
    for (int i = 0; i < 1000; ++i) {
      auto counts = std::make_unique<Counts>(&dropped);
      if (!engine().post([&ran, counts = std::move(counts)](Engine&) { ++ran; })) ++refused;
    }
  });
  EXPECT_TRUE(eventually([&] { return ran > 100; }));
  EXPECT_TRUE(engine().stop().ok());
  join(crew);
  engine_.reset();
  EXPECT_EQ(dropped, 4000) << "all were destroyed";
  EXPECT_LE(ran + refused, 4000);
}

// --- keep_thread_driving

TEST_F(SyncOptionsTest, WhileItIsKeptDrivingOnlyTheLoopThreadRunsCallbacks) {
  warm_up(cache());
  const auto kept = engine().keep_thread_driving();
  EXPECT_TRUE(cache().get("k").ok());  // whoever still drove has left
  std::thread::id loop;
  for (int i = 0; i < 50; ++i) {
    std::thread::id here;
    ASSERT_TRUE(engine().post([&](Engine&) { here = std::this_thread::get_id(); }));
    ASSERT_TRUE(cache().get("k").ok());
    EXPECT_NE(here, std::this_thread::get_id());
    if (i == 0) loop = here;
    EXPECT_EQ(here, loop);
  }
}

TEST_F(SyncOptionsTest, WhatKeepsItDrivingMayOutliveTheEngine) {
  const auto kept = engine().keep_thread_driving();
  engine_.reset();
}

// --- key_function_on_callers

TEST_F(SyncOptionsTest, KeyFunctionMayRunOnACallersThread) {
  std::atomic<int> here = 0, elsewhere = 0;
  Settings settings = this->settings();
  const auto main = std::this_thread::get_id();
  settings.caches["default"].key_function = [&](std::string_view key, std::string_view,
                                                std::int64_t) {
    ++(std::this_thread::get_id() == main ? here : elsewhere);
    return std::string(key);
  };
  auto engine = started_with({.key_function_on_callers = true}, settings);
  EXPECT_TRUE(eventually([&] { return engine->cache().get("k").ok() && here > 0; }));
  engine = started_with({}, settings);
  here = 0;
  warm_up(engine->cache());
  EXPECT_EQ(here, 0);
}

}  // namespace
}  // namespace djcache
