#include <djcache/harness/engine_teardown.h>

#include <gtest/gtest.h>

#include <vector>

namespace djcache::harness {
namespace {

// Fulfils only an engine's contract: it reports once, asynchronously, after its handle has closed.
class Disconnectable {
 public:
  explicit Disconnectable(LoopRunner& runner) { uv_idle_init(&runner.loop(), &handle_); }

  void disconnect(const DisconnectOptions& options, DisconnectDone done) {
    modes.push_back(options.mode);
    done_ = std::move(done);
    handle_.data = this;
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_), [](uv_handle_t* handle) {
      static_cast<Disconnectable*>(handle->data)->done_(DisconnectReport{});
    });
  }
  std::vector<DisconnectMode> modes;

 private:
  uv_idle_t handle_{};
  DisconnectDone done_;
};

TEST(EngineTeardown, AbortsByDefault) {
  LoopRunner runner;
  Disconnectable engine(runner);
  const auto report = teardown(runner, engine);
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(engine.modes, std::vector{DisconnectMode::abort});
}

TEST(EngineTeardown, WaitsForTheReportsOfAll) {
  LoopRunner runner;
  Disconnectable one(runner), two(runner);
  const auto report = teardown(runner, {.mode = DisconnectMode::drain}, one, two);
  EXPECT_TRUE(report.ok) << report.problem;
  EXPECT_EQ(one.modes, std::vector{DisconnectMode::drain});
  EXPECT_EQ(two.modes, std::vector{DisconnectMode::drain});
}

}  // namespace
}  // namespace djcache::harness
