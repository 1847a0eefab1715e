// The ends nobody awaited: a task destroyed while it waits, cancelled, or without an engine.
#include <djcache/coro.h>

#include "coro/task_fixture.h"
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class CoroEnd : public EngineTest {
 protected:
  static Task note(coro::Cache cache, std::vector<Errc>& errors, int& reached,
                   std::shared_ptr<int> witness = {}) {
    const auto found = co_await cache.get("k");
    ++reached;
    if (!found.ok()) errors.push_back(found.error().code);
    (void)witness;
  }
  std::vector<Errc> errors_;
  int reached_ = 0;
};

TEST_F(CoroEnd, DestroyingATaskThatWaitsCancelsItsOperationAndResumesNothing) {
  const Cache cache = this->cache();
  auto witness = std::make_shared<int>(0);
  Task task = note(coro::Cache(cache), errors_, reached_, witness);
  EXPECT_EQ(witness.use_count(), 2);
  task.destroy();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_TRUE(verbs().set("after", 1).ok());
  runner_.run_for_turns(5);
  EXPECT_EQ(reached_, 0);
}

TEST_F(CoroEnd, ATaskMayBeDestroyedWhenItsReplyIsOnTheWay) {
  Verbs verbs = this->verbs();
  ASSERT_TRUE(verbs.set("k", 1).ok());
  for (int turns = 0; turns < 6; ++turns) {
    std::vector<Errc> errors;
    int reached = 0;
    Task task = note(coro::Cache(verbs.cache), errors, reached);
    runner_.run_for_turns(turns);
    task.destroy();
    EXPECT_TRUE(verbs.get("k").ok());
    EXPECT_LE(reached, 1);
  }
}

TEST_F(CoroEnd, DestroyingTheEngineResumesWithClosed) {
  Task task = note(coro::Cache(cache()), errors_, reached_);
  destroy();
  EXPECT_TRUE(task.ended());
  EXPECT_THAT(errors_, testing::ElementsAre(Errc::closed));
}

TEST_F(CoroEnd, WithoutAnEngineTheAnswerIsClosedAtOnce) {
  const coro::Cache gone(cache());
  destroy();
  Task task = note(gone, errors_, reached_);
  EXPECT_TRUE(task.ended());
  EXPECT_THAT(errors_, testing::ElementsAre(Errc::closed));
}

TEST_F(CoroEnd, DisconnectWithoutAnEngineReportsNothing) {
  Cache gone = cache();
  destroy();
  bool told = false;
  Task task = [](Cache& cache, bool& told) -> Task {
    EXPECT_EQ((co_await coro::disconnect(cache)).connections, 0u);
    told = true;
  }(gone, told);
  EXPECT_TRUE(told);
}

TEST_F(CoroEnd, ATaskMayDestroyItsEngineAfterAnAnswer) {
  bool ended = false;
  Task task = [](coro::Cache cache, CoroEnd& test, bool& ended) -> Task {
    (void)co_await cache.get("k");
    test.destroy();
    EXPECT_EQ((co_await cache.get("k")).error().code, Errc::closed);
    ended = true;
  }(coro::Cache(cache()), *this, ended);
  EXPECT_TRUE(run_until([&] { return ended; }));
}

TEST_F(CoroEnd, ATaskMayDestroyAnotherThatWaits) {
  const coro::Cache cache(this->cache());
  Task other = note(cache, errors_, reached_);
  bool ended = false;
  Task task = [](coro::Cache cache, Task& other, bool& ended) -> Task {
    (void)co_await cache.set("x", 1);
    other.destroy();
    (void)co_await cache.set("x", 2);
    ended = true;
  }(cache, other, ended);
  EXPECT_TRUE(run_until([&] { return ended; }));
}

TEST_F(CoroEnd, CancellingItsTicketEndsTheAwaitWithCancelled) {
  const coro::Cache cache(this->cache());
  auto get = cache.get("k");
  Task task = [](decltype(get)& get, std::vector<Errc>& errors) -> Task {
    const auto found = co_await std::move(get);
    if (!found.ok()) errors.push_back(found.error().code);
  }(get, errors_);
  EXPECT_TRUE(engine().cancel(get.ticket()));
  EXPECT_TRUE(run_until([&] { return task.ended(); }));
  EXPECT_THAT(errors_, testing::ElementsAre(Errc::cancelled));
}

}  // namespace
}  // namespace djcache
