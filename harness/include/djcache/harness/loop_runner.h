// LoopRunner: owns a libuv loop, runs it with limits, and proves at the end that it is empty.
//
//   LoopRunner runner;
//   djcache::Engine engine(runner.loop(), settings);
//   cache.get("a", [&](auto r) { got = std::move(r); });
//   ASSERT_TRUE(runner.run_until([&] { return got.has_value(); })) << runner.problem();
//   auto report = djcache::harness::teardown(runner, engine);    // engine_teardown.h
//   ASSERT_TRUE(report.ok) << report.problem;
//
// The runner has two handles on the loop, which teardown() closes and no count includes. Thread:
// the one that runs the loop. Knows nothing of djcache itself: see engine_teardown.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <uv.h>

#include <djcache/harness/handle_census.h>

namespace djcache::harness {

struct RunOptions {
  std::chrono::milliseconds limit{5000};
  // Also evaluate the predicate this often when nothing happens on the loop; 0: only after each
  // turn. For predicates about the outside (a server, a file).
  std::chrono::milliseconds check_every{0};
};

struct [[nodiscard]] TeardownReport {
  bool ok = false;
  std::string problem = {};  // what is left and since when, readable
  // the result of uv_loop_close; UV_EBUSY if it was not reached
  int uv_loop_close_result = UV_EBUSY;
  std::vector<HandleInfo> left =
      {};  // on the loop when it could not be closed, or after the report
};

class LoopRunner {
 public:
  using Predicate = std::function<bool()>;
  using HandlePredicate = std::function<bool(const uv_handle_t&)>;
  // Starts the disconnect; must ensure that `done` is called once, when everything has ended.
  using Disconnect = std::function<void(std::function<void()> done)>;

  LoopRunner();
  // Without a successful teardown() before: closes the loop if possible; otherwise reports on
  // stderr what is left and leaks the loop, because foreign handles still refer to it.
  ~LoopRunner();
  LoopRunner(const LoopRunner&) = delete;
  LoopRunner& operator=(const LoopRunner&) = delete;

  uv_loop_t& loop() { return *loop_; }

  // Runs the loop turn by turn, blocking in poll between events, until the predicate holds (true)
  // or the limit has passed (false; problem() says what the loop holds). Not from within a
  // callback.
  bool run_until(const Predicate& predicate, const RunOptions& options);
  bool run_until(const Predicate& predicate,
                 std::chrono::milliseconds limit = std::chrono::milliseconds(5000));
  // n turns that do not block.
  void run_for_turns(int n);

  // Handles of the test itself or of other users of the loop. They are not counted as left by the
  // code under test, but the loop cannot be closed while they are open.
  void ignore_handles(HandlePredicate predicate) { ignored_ = std::move(predicate); }
  // The handles of the code under test: neither the harness' nor ignored.
  std::vector<HandleInfo> handles_under_test();

  // Calls `disconnect` and runs until it has reported; then no handle under test may be left, not
  // even a closing one (except those the test closed itself before). Then closes the loop. Closes
  // no handle but its own. After a failure: repair and call it again.
  TeardownReport teardown(const Disconnect& disconnect,
                          std::chrono::milliseconds limit = std::chrono::milliseconds(5000));
  // The same with nothing to disconnect.
  TeardownReport teardown(std::chrono::milliseconds limit = std::chrono::milliseconds(5000));

  bool closed() const { return closed_; }
  const std::string& problem() const { return problem_; }

 private:
  class RunGuard;

  bool usable();
  RunGuard& guard();
  void close_guard();
  bool anything_ending();
  std::string remaining();
  bool run_disconnect(const Disconnect& disconnect, std::chrono::milliseconds limit);
  TeardownReport close_loop(TeardownReport report);

  std::unique_ptr<uv_loop_t> loop_;
  std::unique_ptr<RunGuard> guard_;
  HandlePredicate ignored_;
  bool running_ = false;
  bool closed_ = false;
  std::string problem_;
};

}  // namespace djcache::harness
