#include <djcache/harness/loop_runner.h>

#include <gtest/gtest.h>

namespace djcache::harness {
namespace {

using std::chrono::milliseconds;

// A timer of the test's own.
struct Timer {
  explicit Timer(LoopRunner& runner) { uv_timer_init(&runner.loop(), &timer); }
  void start(std::uint64_t after_ms, std::function<void()> what) {
    callback = std::move(what);
    timer.data = this;
    uv_timer_start(
        &timer, [](uv_timer_t* t) { static_cast<Timer*>(t->data)->callback(); }, after_ms, 0);
  }
  void close() { uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr); }

  uv_timer_t timer{};
  std::function<void()> callback;
};

TEST(LoopRunner, RunsUntilThePredicateHolds) {
  LoopRunner runner;
  Timer timer(runner);
  bool rang = false;
  timer.start(1, [&] { rang = true; });
  EXPECT_TRUE(runner.run_until([&] { return rang; })) << runner.problem();
  timer.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, ATimerThatIsDueAtOnceEndsTheRunBeforeTheLimit) {
  LoopRunner runner;
  Timer timer(runner);
  bool rang = false;
  timer.start(0, [&] { rang = true; });
  // With nothing else on the loop, a missed wake-up would block for a day.
  EXPECT_TRUE(runner.run_until([&] { return rang; }, std::chrono::hours(24)));
  timer.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, APredicateThatHoldsAlreadyRunsNoTurn) {
  LoopRunner runner;
  Timer timer(runner);
  bool rang = false;
  timer.start(0, [&] { rang = true; });
  EXPECT_TRUE(runner.run_until([] { return true; }));
  EXPECT_FALSE(rang);
  timer.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, TheLimitEndsTheRunAndNamesWhatIsOnTheLoop) {
  LoopRunner runner;
  Timer timer(runner);
  timer.start(1000000, [] {});
  EXPECT_FALSE(runner.run_until([] { return false; }, milliseconds(5)));
  EXPECT_EQ(runner.problem(), "not reached within 5 ms; on the loop: timer active ref");
  timer.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, BetweenEventsTheLoopWaitsInsteadOfSpinning) {
  LoopRunner runner;
  int asked = 0;
  EXPECT_FALSE(runner.run_until([&] { return ++asked < 0; }, milliseconds(30)));
  EXPECT_LE(asked, 6) << "before and after each wait, and the limit alone woke the loop";
}

TEST(LoopRunner, APredicateAboutTheOutsideIsAskedInBetween) {
  LoopRunner runner;
  int asked = 0;
  EXPECT_TRUE(runner.run_until([&] { return ++asked == 5; },
                               {.limit = milliseconds(60000), .check_every = milliseconds(1)}));
  EXPECT_FALSE(runner.run_until([] { return false; },
                                {.limit = milliseconds(10), .check_every = milliseconds(3)}));
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, RunningFromWithinACallbackIsRefused) {
  LoopRunner runner;
  Timer timer(runner);
  bool inner = true;
  bool rang = false;
  timer.start(0, [&] {
    inner = runner.run_until([] { return true; });
    rang = true;
  });
  runner.run_until([&] { return rang; });
  EXPECT_FALSE(inner);
  timer.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(LoopRunner, TurnsDoNotWait) {
  LoopRunner runner;
  Timer soon(runner), never(runner);
  int rang = 0;
  soon.start(0, [&] { ++rang; });
  never.start(1000000, [&] { ++rang; });
  runner.run_for_turns(3);
  EXPECT_EQ(rang, 1);
  soon.close();
  never.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(Teardown, AnEmptyLoopClosesWithZero) {
  LoopRunner runner;
  runner.run_until([] { return false; }, milliseconds(1));  // creates the runner's own handles
  EXPECT_TRUE(runner.handles_under_test().empty());
  const auto report = runner.teardown();
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(report.uv_loop_close_result, 0);
  EXPECT_TRUE(runner.closed());
  EXPECT_FALSE(runner.run_until([] { return true; }));
  EXPECT_FALSE(runner.teardown().ok) << "a second time there is no loop to prove anything about";
}

TEST(Teardown, ALeakedHandleIsNamedAndTheLoopIsBusyUntilItIsClosed) {
  LoopRunner runner;
  Timer leaked(runner);
  leaked.start(1000000, [] {});
  const auto report = runner.teardown();
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.uv_loop_close_result, UV_EBUSY);
  ASSERT_EQ(report.left.size(), 1U);
  EXPECT_EQ(report.left.front().handle, &leaked.timer);
  EXPECT_EQ(report.problem,
            "left after the report: timer active ref; "
            "uv_loop_close: EBUSY; on the loop: timer active ref");
  leaked.close();
  const auto repaired = runner.teardown();
  EXPECT_TRUE(repaired.ok) << repaired.problem;
}

TEST(Teardown, AReportBeforeTheLastHandleHasClosedIsAProblem) {
  LoopRunner runner;
  Timer hasty(runner);
  const auto report = runner.teardown([&](const std::function<void()>& done) {
    hasty.close();
    done();  // the close callback has not run yet
  });
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.problem, "left after the report: timer ref closing");
  EXPECT_EQ(report.uv_loop_close_result, 0) << "by itself it ends a turn later";
}

TEST(Teardown, AReportThatComesLaterIsWaitedFor) {
  LoopRunner runner;
  Timer timer(runner);
  std::function<void()> report_it;
  const auto report = runner.teardown([&](std::function<void()> done) {
    report_it = std::move(done);
    timer.timer.data = &report_it;
    uv_timer_start(
        &timer.timer,
        [](uv_timer_t* ringing) {
          uv_close(reinterpret_cast<uv_handle_t*>(ringing), [](uv_handle_t* closed) {
            (*static_cast<std::function<void()>*>(closed->data))();
          });
        },
        1, 0);
  });
  EXPECT_TRUE(report.ok) << report.problem;
}

TEST(Teardown, AReportThatNeverComesIsAProblemAtTheLimit) {
  LoopRunner runner;
  std::function<void()> kept;
  const auto report =
      runner.teardown([&](std::function<void()> done) { kept = std::move(done); }, milliseconds(5));
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.problem,
            "disconnect has not reported: not reached within 5 ms; on the loop: no handles");
  kept();  // a late report is harmless
}

TEST(Teardown, HandlesTheTestIsClosingAreNotOurs) {
  LoopRunner runner;
  Timer closing(runner);
  closing.close();
  const auto report = runner.teardown();
  EXPECT_TRUE(report.ok) << report.problem;
}

TEST(Teardown, IgnoredHandlesAreNotOursButKeepTheLoopBusy) {
  LoopRunner runner;
  Timer other(runner);
  runner.ignore_handles([&](const uv_handle_t& handle) {
    return &handle == reinterpret_cast<uv_handle_t*>(&other.timer);
  });
  EXPECT_TRUE(runner.handles_under_test().empty());
  const auto report = runner.teardown();
  EXPECT_EQ(report.problem, "uv_loop_close: EBUSY; on the loop: timer ref");
  other.close();
  EXPECT_TRUE(runner.teardown().ok);
}

TEST(Teardown, ARequestThatStillRunsIsWaitedFor) {
  LoopRunner runner;
  uv_work_t work;
  static bool finished;
  finished = false;
  uv_queue_work(
      &runner.loop(), &work, [](uv_work_t*) {}, [](uv_work_t*, int) { finished = true; });
  const auto report = runner.teardown();
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace djcache::harness
