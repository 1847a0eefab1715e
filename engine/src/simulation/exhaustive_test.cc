// A session without chance, disturbed at every place there is: R02 ended at every byte, R05 cancelled at every
// turn.
#include <gtest/gtest.h>

#include "reliability/scale.h"
#include "simulation/simulation.h"

namespace djcache::simulation {
namespace {

using reliability::figure;
using reliability::times;
using ull = unsigned long long;

struct Exhaustive : ::testing::Test {
  ~Exhaustive() override {
    if (!simulation->failure().empty()) (void)simulation.release();
  }
  std::unique_ptr<Simulation> simulation = std::make_unique<Simulation>();
};

// Forty operations and more, all of which work if nobody disturbs them.
void calm(Plan& plan) {
  plan.faults = 0;
  plan.latency_max = 200;
  plan.named = false;
  plan.command_limit_ms = 500;
  plan.connect_limit_ms = 300;
  plan.stall_limit_ms = 50;
  plan.pending_max = 100'000;
  plan.pending_max_bytes = 64u << 20;
  plan.steps = 8;
  plan.burst_max = 8;
  plan.pause_max_ms = 10;
  plan.operations_max = 60;
  plan.cancels = plan.disconnects = plan.destroys = false;
  plan.may_time_out = true;
}

TEST_F(Exhaustive, R02ASessionThatEndsAtAnyByteInAnyWayKeepsEveryPromise) {
  const std::uint64_t sessions = times({1, 3, 30});
  const std::uint64_t stride = times({23, 1, 1});
  std::uint64_t runs = 0, operations = 0;
  for (std::uint64_t seed = 1; seed <= sessions; ++seed) {
    ASSERT_TRUE(simulation->run_changed(seed, calm)) << simulation->failure();
    operations += simulation->operations();
    for (const bool down : {false, true}) {
      const std::uint64_t bytes = simulation->network().carried(down);
      for (std::uint64_t at = 0; at <= bytes; at += stride) {
        for (const Fault how : {Fault::reset, Fault::half_close, Fault::silence}) {
          ++runs;
          ASSERT_TRUE(simulation->run_changed(seed,
                                              [&](Plan& plan) {
                                                calm(plan);
                                                plan.cut = {true, down, at, how};
                                              }))
              << "seed " << seed << (down ? ", down" : ", up") << " at byte " << at << ", "
              << to_string(how) << ": " << simulation->failure();
        }
      }
      ASSERT_TRUE(simulation->run_changed(seed, calm));  // for the bytes of the other direction
    }
  }
  figure("R02", "%llu sessions of %llu operations ended at every %s byte in 3 ways: %llu runs",
         static_cast<ull>(sessions), static_cast<ull>(operations / sessions),
         stride == 1 ? "single" : "23rd", static_cast<ull>(runs));
}

TEST_F(Exhaustive, R05AnOperationCancelledAtAnyTurnOfItsLifeKeepsEveryPromise) {
  const std::uint64_t sessions = times({1, 15, 150});
  std::uint64_t runs = 0;
  for (std::uint64_t seed = 1; seed <= sessions; ++seed) {
    const auto few = [](Plan& plan) {
      calm(plan);
      plan.steps = 3;
      plan.burst_max = 5;
      plan.operations_max = 12;
    };
    ASSERT_TRUE(simulation->run_changed(seed, few)) << simulation->failure();
    const std::uint64_t turns = simulation->turns();
    const auto operations = static_cast<std::uint32_t>(simulation->operations());
    for (std::uint32_t place = 0; place < operations; ++place) {
      for (std::uint64_t turn = 0; turn <= turns; ++turn) {
        ++runs;
        ASSERT_TRUE(simulation->run_changed(seed,
                                            [&](Plan& plan) {
                                              few(plan);
                                              plan.cancel = {true, place, turn};
                                            }))
            << "seed " << seed << ", operation " << place << " cancelled after turn " << turn
            << ": " << simulation->failure();
      }
    }
  }
  figure("R05", "%llu sessions, each of their operations cancelled after every turn: %llu runs",
         static_cast<ull>(sessions), static_cast<ull>(runs));
}

}  // namespace
}  // namespace djcache::simulation
