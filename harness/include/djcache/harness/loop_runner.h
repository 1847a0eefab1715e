// LoopRunner: owns a libuv loop, runs it with limits, and checks at the end that it is empty.
//
//   LoopRunner runner;
//   djcache::Engine engine(runner.loop(), settings);
//   cache.get("a", [&](auto r) { got = std::move(r); });
//   ASSERT_TRUE(runner.run_until([&] { return got.has_value(); })) << runner.problem();
//   auto report = djcache::harness::teardown(runner, engine);    // engine_teardown.h
//   ASSERT_TRUE(report.ok) << report.problem;
//
// The runner has two handles on the loop; teardown() closes them, and they are never counted. Use
// it on the thread that runs the loop. Independent of djcache itself: see engine_teardown.h.
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
  // Also evaluate the predicate at this interval when nothing happens on the loop; 0: only after
  // each turn. For predicates about external state (a server, a file).
  std::chrono::milliseconds check_every{0};
};

struct [[nodiscard]] TeardownReport {
  bool ok = false;
  std::string problem = {};  // what is left on the loop, as text
  // the result of uv_loop_close; UV_EBUSY if it was not reached
  int uv_loop_close_result = UV_EBUSY;
  std::vector<HandleInfo> left =
      {};  // on the loop when it could not be closed, or after the report
};

class LoopRunner {
 public:
  using Predicate = std::function<bool()>;
  using HandlePredicate = std::function<bool(const uv_handle_t&)>;
  // Starts the disconnect; must ensure that `done` is called once, when it has completed.
  using Disconnect = std::function<void(std::function<void()> done)>;

  LoopRunner();
  // Without a prior successful teardown(): closes the loop if possible; otherwise reports on stderr
  // what is left and leaks the loop, because remaining handles still refer to it.
  ~LoopRunner();
  LoopRunner(const LoopRunner&) = delete;
  LoopRunner& operator=(const LoopRunner&) = delete;

  uv_loop_t& loop() { return *loop_; }

  // Runs the loop turn by turn, blocking in poll between events, until the predicate is true
  // (returns true) or the limit expires (returns false; problem() lists the handles on the loop).
  // Must not be called from a callback.
  bool run_until(const Predicate& predicate, const RunOptions& options);
  bool run_until(const Predicate& predicate,
                 std::chrono::milliseconds limit = std::chrono::milliseconds(5000));
  // Runs n turns that do not block.
  void run_for_turns(int n);

  // Excludes handles of the test itself or of other users of the loop. They do not count as left by
  // the code under test, but the loop cannot be closed while they are open.
  void ignore_handles(HandlePredicate predicate) { ignored_ = std::move(predicate); }
  // The handles of the code under test: neither the harness' own nor ignored.
  std::vector<HandleInfo> handles_under_test();

  // Calls `disconnect` and runs the loop until it has reported; at that point no handle under test
  // may be left, not even a closing one (except those the test had closed before). Then closes the
  // loop. Closes no handles other than the runner's own. After a failure: fix the cause and call it
  // again.
  TeardownReport teardown(const Disconnect& disconnect,
                          std::chrono::milliseconds limit = std::chrono::milliseconds(5000));
  // The same without a disconnect.
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
