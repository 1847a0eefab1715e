#include <djcache/harness/loop_runner.h>

#include <algorithm>
#include <cstdio>

#include "run_guard.h"

namespace djcache::harness {
namespace {

// Closing a handle takes one turn; a close callback may close another handle.
constexpr int closing_turns = 64;

std::string milliseconds(std::chrono::milliseconds duration) {
  return std::to_string(duration.count()) + " ms";
}

bool same_handle(const HandleInfo& a, const HandleInfo& b) { return a.handle == b.handle; }

}  // namespace

LoopRunner::LoopRunner() : loop_(std::make_unique<uv_loop_t>()) {
  if (const int error = uv_loop_init(loop_.get()); error != 0) {
    closed_ = true;
    problem_ = std::string("uv_loop_init: ") + uv_strerror(error);
  }
}

LoopRunner::~LoopRunner() {
  if (closed_) return;
  const auto report = close_loop({});
  if (report.uv_loop_close_result == 0) return;
  std::fprintf(stderr, "LoopRunner: %s\n", report.problem.c_str());
  loop_.release();  // NOLINT: leaked on purpose, see the header
}

bool LoopRunner::usable() {
  if (closed_) {
    if (problem_.empty()) problem_ = "the loop is closed";
    return false;
  }
  if (running_) problem_ = "the loop runs already: called from within a callback";
  return !running_;
}

LoopRunner::RunGuard& LoopRunner::guard() {
  if (guard_ == nullptr) guard_ = std::make_unique<RunGuard>(*loop_);
  return *guard_;
}

bool LoopRunner::run_until(const Predicate& predicate, std::chrono::milliseconds limit) {
  return run_until(predicate, RunOptions{.limit = limit});
}

bool LoopRunner::run_until(const Predicate& predicate, const RunOptions& options) {
  if (!usable()) return false;
  problem_.clear();
  running_ = true;
  bool reached = predicate();
  if (!reached) {
    auto& limit = guard();
    limit.start(options, predicate);
    while (!reached && !limit.expired()) {
      uv_run(loop_.get(), UV_RUN_ONCE);
      reached = predicate();
    }
    limit.stop();
  }
  running_ = false;
  if (!reached) {
    problem_ =
        "not reached within " + milliseconds(options.limit) + "; on the loop: " + remaining();
  }
  return reached;
}

void LoopRunner::run_for_turns(int n) {
  if (!usable()) return;
  running_ = true;
  for (int i = 0; i < n; ++i) uv_run(loop_.get(), UV_RUN_NOWAIT);
  running_ = false;
}

std::vector<HandleInfo> LoopRunner::handles_under_test() {
  if (closed_) return {};
  auto handles = census(*loop_);
  std::erase_if(handles, [this](const HandleInfo& info) {
    return info.of_harness || (ignored_ && ignored_(*static_cast<const uv_handle_t*>(info.handle)));
  });
  return handles;
}

std::string LoopRunner::remaining() {
  const auto requests = loop_->active_reqs.count;
  auto text = format(handles_under_test());
  if (requests > 0) text += " and " + std::to_string(requests) + " pending requests";
  return text;
}

bool LoopRunner::anything_ending() {
  const auto handles = census(*loop_);
  return loop_->active_reqs.count > 0 ||
         std::any_of(handles.begin(), handles.end(), [](const auto& info) { return info.closing; });
}

TeardownReport LoopRunner::teardown(std::chrono::milliseconds limit) {
  return teardown([](const std::function<void()>& done) { done(); }, limit);
}

TeardownReport LoopRunner::teardown(const Disconnect& disconnect, std::chrono::milliseconds limit) {
  TeardownReport report;
  if (!usable()) {
    report.problem = problem_;
    return report;
  }
  auto closing_before = handles_under_test();
  std::erase_if(closing_before, [](const HandleInfo& info) { return !info.closing; });
  if (!run_disconnect(disconnect, limit)) {
    report.problem = "disconnect has not reported: " + problem_;
  } else {
    report.left = handles_under_test();
    std::erase_if(report.left, [&](const HandleInfo& info) {
      return std::any_of(closing_before.begin(), closing_before.end(),
                         [&](const HandleInfo& before) { return same_handle(before, info); });
    });
    if (!report.left.empty()) report.problem = "left after the report: " + format(report.left);
  }
  // Handles that the test closed itself, and requests that cannot be cancelled, may not have ended
  // yet.
  run_until([this] { return !anything_ending(); }, limit);
  return close_loop(std::move(report));
}

bool LoopRunner::run_disconnect(const Disconnect& disconnect, std::chrono::milliseconds limit) {
  // Shared: a report that arrives after the limit must not write to this frame.
  auto reported = std::make_shared<bool>(false);
  disconnect([reported] { *reported = true; });
  return run_until([&] { return *reported; }, limit);
}

void LoopRunner::close_guard() {
  if (guard_ == nullptr) return;
  guard_->close();
  for (int turn = 0; !guard_->closed() && turn < closing_turns; ++turn) {
    uv_run(loop_.get(), UV_RUN_NOWAIT);
  }
  guard_.reset();
}

TeardownReport LoopRunner::close_loop(TeardownReport report) {
  close_guard();
  for (int turn = 0; anything_ending() && turn < closing_turns; ++turn) {
    uv_run(loop_.get(), UV_RUN_NOWAIT);
  }
  report.uv_loop_close_result = uv_loop_close(loop_.get());
  closed_ = report.uv_loop_close_result == 0;
  if (!closed_) {
    report.left = census(*loop_);
    std::string problem =
        "uv_loop_close: " + std::string(uv_err_name(report.uv_loop_close_result)) +
        "; on the loop: " + format(report.left);
    const auto requests = loop_->active_reqs.count;
    if (requests > 0) problem += " and " + std::to_string(requests) + " pending requests";
    report.problem += (report.problem.empty() ? "" : "; ") + problem;
  }
  report.ok = report.problem.empty();
  problem_ = report.problem;
  return report;
}

}  // namespace djcache::harness
