// Ends without a result: a task destroyed while it waits, cancelled, or without an engine.
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
  static Task note_disconnect(Cache cache, bool& reported) {
    const DisconnectReport report = co_await coro::disconnect(cache);
    EXPECT_EQ(report.connections, 0u);
    reported = true;
  }
  static Task get_and_destroy(coro::Cache cache, CoroEnd& test, std::vector<Errc>& errors) {
    (void)co_await cache.get("k");
    test.destroy();
    const auto gone = co_await cache.get("k");
    errors.push_back(gone.error().code);
  }
  static Task set_and_destroy(coro::Cache cache, Task& victim, int& reached) {
    const Value value(1);
    (void)co_await cache.set("x", value);
    victim.destroy();
    (void)co_await cache.set("x", value);
    ++reached;
  }
  template <class Operation>
  static Task note_operation(Operation& operation, std::vector<Errc>& errors) {
    const auto found = co_await std::move(operation);
    if (!found.ok()) errors.push_back(found.error().code);
  }
  std::vector<Errc> errors_;
  int reached_ = 0;
};

TEST_F(CoroEnd, DestroyingATaskThatWaitsCancelsItsOperationAndResumesNothing) {
  auto witness = std::make_shared<int>(0);
  const Cache handle = cache();
  Task task = note(coro::Cache(handle), errors_, reached_, witness);
  EXPECT_EQ(witness.use_count(), 2);
  task.destroy();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_TRUE(wait_for(handle).set("after", 1).ok());
  runner_.run_for_turns(5);
  EXPECT_EQ(reached_, 0);
}

TEST_F(CoroEnd, TheOperationOfADestroyedTaskEndsAsCancelled) {
  const Cache handle = cache();
  Task task = note(coro::Cache(handle), errors_, reached_);
  task.destroy();
  EXPECT_TRUE(run_until([&] { return handle.statistics().errors_of(Errc::cancelled) == 1; }));
  EXPECT_EQ(reached_, 0);
}

TEST_F(CoroEnd, ATaskMayBeDestroyedWhenItsReplyIsOnTheWay) {
  Verbs other = verbs();
  ASSERT_TRUE(other.set("k", 1).ok());
  for (int turns = 0; turns < 6; ++turns) {
    std::vector<Errc> errors;
    int reached = 0;
    Task task = note(coro::Cache(other.cache), errors, reached);
    runner_.run_for_turns(turns);
    task.destroy();
    EXPECT_TRUE(other.get("k").ok());
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
  const Cache gone = cache();
  destroy();
  bool reported = false;
  Task task = note_disconnect(gone, reported);
  EXPECT_TRUE(reported);
}

TEST_F(CoroEnd, ATaskMayDestroyItsEngineAfterAnAnswer) {
  Task task = get_and_destroy(coro::Cache(cache()), *this, errors_);
  EXPECT_TRUE(run_until([&] { return task.ended(); }));
  EXPECT_THAT(errors_, testing::ElementsAre(Errc::closed));
}

TEST_F(CoroEnd, ATaskMayDestroyAnotherThatWaits) {
  const coro::Cache shared(cache());
  // It waits behind the task that destroys it, so its reply is already in flight.
  int ended = 0;
  Task other(nullptr);
  Task task = set_and_destroy(shared, other, ended);
  other = note(shared, errors_, reached_);
  EXPECT_TRUE(run_until([&] { return ended == 1; }));
  EXPECT_EQ(reached_, 0);
}

TEST_F(CoroEnd, CancellingItsTicketEndsTheAwaitWithCancelled) {
  const coro::Cache awaited(cache());
  auto get = awaited.get("k");
  Task task = note_operation(get, errors_);
  EXPECT_TRUE(engine().cancel(get.ticket()));
  EXPECT_TRUE(run_until([&] { return task.ended(); }));
  EXPECT_THAT(errors_, testing::ElementsAre(Errc::cancelled));
}

}  // namespace
}  // namespace djcache
