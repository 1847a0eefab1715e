// Posting from other threads: an accepted function runs once, on the loop; others are destroyed and
// refused; and without a poster an idle engine has no handle.
#include <atomic>
#include <thread>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Posting : public EngineTest {
 protected:
  Engine& running() {
    Settings settings;
    settings.caches["default"].location = {server().url()};
    return start(std::move(settings));
  }
};

TEST_F(Posting, RunsOnceOnTheLoopsThreadAndNeverInsideTheCall) {
  const Poster poster = running().poster();
  const auto loop_thread = std::this_thread::get_id();
  int calls = 0;
  bool inside = true;
  EXPECT_TRUE(poster.post([&] {
    EXPECT_FALSE(inside);
    ++calls;
  }));
  inside = false;
  std::thread([&] {
    EXPECT_TRUE(poster.post([&] {
      EXPECT_EQ(std::this_thread::get_id(), loop_thread);
      ++calls;
    }));
  }).join();
  EXPECT_TRUE(run_until([&] { return calls == 2; }));
  runner_.run_for_turns(3);
  EXPECT_EQ(calls, 2);
}

TEST_F(Posting, ManyThreadsAtOnceAreAllHeardInTheirOrder) {
  constexpr int threads = 8, each = 500;
  const Poster poster = running().poster();
  std::vector<int> last(threads, -1);
  int ran = 0;
  bool ordered = true;
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t) {
    writers.emplace_back([&, t, poster] {
      for (int i = 0; i < each; ++i) {
        EXPECT_TRUE(poster.post([&, t, i] {
          const auto at = static_cast<std::size_t>(t);
          ordered = ordered && last[at] == i - 1;
          last[at] = i;
          ++ran;
        }));
      }
    });
  }
  EXPECT_TRUE(run_until([&] { return ran == threads * each; }));
  for (auto& writer : writers) writer.join();
  EXPECT_TRUE(ordered);
}

TEST_F(Posting, AnOperationIssuedInAPostedFunctionIsAnswered) {
  Engine& engine = running();
  const Poster poster = engine.poster();
  Answer<void> stored;
  std::thread([&] {
    EXPECT_TRUE(poster.post([&] { engine.cache().set("k", 1, stored.callback()); }));
  }).join();
  EXPECT_TRUE(wait(stored).ok());
}

TEST_F(Posting, WithoutAPosterThereIsNoHandleAndEveryPostIsRefused) {
  Engine& engine = running();
  EXPECT_FALSE(engine.post([] { FAIL() << "nobody may post"; }));
  EXPECT_EQ(our_handles(), "");
  EXPECT_FALSE(Poster().post([] {}));
}

TEST_F(Posting, TheHandleGoesWithTheLastCopyWhicheverThreadDropsIt) {
  Engine& engine = running();
  {
    const Poster poster = engine.poster();
    EXPECT_NE(our_handles(), "");
    std::thread([copy = poster]() mutable { copy = {}; }).join();
  }
  EXPECT_TRUE(run_until([&] { return our_handles().empty(); }));
  EXPECT_FALSE(engine.post([] {}));
}

TEST_F(Posting, WhatTheLastPosterWroteStillRuns) {
  Engine& engine = running();
  bool ran = false;
  std::thread([&, poster = engine.poster()]() mutable {
    EXPECT_TRUE(poster.post([&] { ran = true; }));
    poster = {};
  }).join();
  EXPECT_TRUE(run_until([&] { return ran && our_handles().empty(); }));
}

TEST_F(Posting, DisconnectRunsWhatWasPostedBeforeAndLeavesNoHandle) {
  Engine& engine = running();
  const Poster poster = engine.poster();
  bool ran = false, reported = false;
  EXPECT_TRUE(poster.post([&] { ran = true; }));
  engine.disconnect({}, [&](DisconnectReport) {
    EXPECT_TRUE(ran);
    EXPECT_EQ(our_handles(), "");
    reported = true;
  });
  EXPECT_FALSE(ran) << "never inside the call";
  EXPECT_FALSE(poster.post([] { FAIL() << "refused"; }));
  EXPECT_TRUE(run_until([&] { return reported; }));
  EXPECT_FALSE(poster.post([] { FAIL() << "still refused"; }));
}

TEST_F(Posting, AfterADisconnectANewPosterMakesOldCopiesWorkAgain) {
  Engine& engine = running();
  const Poster old = engine.poster();
  disconnect(engine);
  const Poster fresh = engine.poster();
  int ran = 0;
  EXPECT_TRUE(old.post([&] { ++ran; }));
  EXPECT_TRUE(fresh.post([&] { ++ran; }));
  EXPECT_TRUE(engine.post([&] { ++ran; }));
  EXPECT_TRUE(run_until([&] { return ran == 3; }));
}

TEST_F(Posting, DestructionDestroysWhatWaitsUncalledAndThenRefuses) {
  const Poster poster = running().poster();
  auto witness = std::make_shared<int>(0);
  EXPECT_TRUE(poster.post([witness] { FAIL() << "the engine is gone"; }));
  EXPECT_EQ(witness.use_count(), 2);
  destroy();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(poster.post([witness] { FAIL() << "the engine is gone"; }));
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(Posting, APostedFunctionMayDestroyItsEngine) {
  running();
  const Poster poster = engine().poster();
  auto witness = std::make_shared<int>(0);
  EXPECT_TRUE(poster.post([this] { destroy(); }));
  EXPECT_TRUE(poster.post([witness] { FAIL() << "the engine is gone"; }));
  EXPECT_TRUE(run_until([&] { return witness.use_count() == 1; }));
}

TEST_F(Posting, WhileThreadsPostTheEngineMayGo) {
  const Poster poster = running().poster();
  std::atomic<bool> began = false;
  std::thread writer([&, poster] {
    while (poster.post([] {})) began = true;
  });
  EXPECT_TRUE(run_until([&] { return began.load(); }));
  destroy();
  writer.join();  // it ends because it is refused
}

TEST_F(Posting, MoreThanMayWaitIsRefused) {
  const Poster poster = running().poster({.pending_max = 2});
  int ran = 0;
  EXPECT_TRUE(poster.post([&] { ++ran; }));
  EXPECT_TRUE(poster.post([&] { ++ran; }));
  EXPECT_FALSE(poster.post([&] { ++ran; }));
  EXPECT_TRUE(run_until([&] { return ran == 2; }));
  EXPECT_TRUE(poster.post([&] { ++ran; }));
  EXPECT_TRUE(run_until([&] { return ran == 3; }));
}

TEST_F(Posting, KeepsTheLoopRunningOnlyWhenAsked) {
  uv_loop_t loop;
  ASSERT_EQ(uv_loop_init(&loop), 0);
  {
    Engine engine(loop, {});
    const Poster poster = engine.poster();
    EXPECT_EQ(uv_loop_alive(&loop), 0);
    (void)engine.poster({.keep_loop_running = true});
    EXPECT_NE(uv_loop_alive(&loop), 0);
    engine.disconnect({}, nullptr);
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  uv_run(&loop, UV_RUN_DEFAULT);
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

}  // namespace
}  // namespace djcache
