// A session without random events, disturbed at every possible place: R02 ended at every byte, R04
// out of memory at every allocation, R05 cancelled at every turn.
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

TEST_F(Exhaustive, R04ASessionWhoseMemoryRunsOutAtAnyAllocationKeepsEveryPromise) {
  const std::uint64_t sessions = times({2, 20, 200});
  const std::uint64_t stride = times({7, 1, 1});
  std::uint64_t runs = 0, refused = 0, told = 0;
  for (std::uint64_t seed = 1; seed <= sessions; ++seed) {
    // The memory of an engine that is used, disconnected and destroyed.
    const auto calm_to_the_end = [](Plan& plan) {
      calm(plan);
      plan.disconnects = plan.cancels = true;
    };
    ASSERT_TRUE(simulation->run_changed(seed, calm_to_the_end)) << simulation->failure();
    const std::uint64_t allocations = Memory::count();
    for (std::uint64_t failing = 1 + seed % stride; failing <= allocations; failing += stride) {
      ++runs;
      ASSERT_TRUE(simulation->run_changed(seed,
                                          [&](Plan& plan) {
                                            calm_to_the_end(plan);
                                            plan.failing_allocation = failing;
                                          }))
          << "seed " << seed << ", allocation " << failing << ": " << simulation->failure();
      refused += simulation->refused();
      told += simulation->told_of(Errc::no_memory);
    }
  }
  // The same with faults.
  const std::uint64_t others = times({5, 50, 2000});
  for (std::uint64_t seed = 1; seed <= others; ++seed) {
    const auto nothing = [](Plan&) {};
    ASSERT_TRUE(simulation->run_changed(seed, nothing)) << simulation->failure();
    const std::uint64_t allocations = Memory::count();
    for (std::uint64_t failing = 1 + seed % stride; failing <= allocations; failing += stride) {
      ++runs;
      ASSERT_TRUE(
          simulation->run_changed(seed, [&](Plan& plan) { plan.failing_allocation = failing; }))
          << "seed " << seed << ", not calm, allocation " << failing << ": "
          << simulation->failure();
    }
  }
  // Otherwise nothing has been tried.
  EXPECT_GT(refused, 0u);
  EXPECT_GT(told, 0u);
  figure("R04",
         "%llu allocations failed, one in each run; %llu operations were refused, %llu ended by it",
         static_cast<ull>(runs), static_cast<ull>(refused), static_cast<ull>(told));
}

// An operation of many commands is answered while its bytes wait for room in the socket.
TEST_F(Exhaustive, R02ASocketThatIsFullAfterAnyByteLosesNothing) {
  const std::uint64_t sessions = times({2, 10, 100});
  const std::uint64_t stride = times({5, 1, 1});
  std::uint64_t runs = 0;
  for (std::uint64_t seed = 1; seed <= sessions; ++seed) {
    for (std::size_t room = 1; room <= 700; room += stride) {
      ++runs;
      ASSERT_TRUE(simulation->run_changed(seed,
                                          [&](Plan& plan) {
                                            calm(plan);
                                            plan.may_time_out = false;
                                            plan.command_limit_ms = 3'600'000;
                                            plan.connect_limit_ms = 3'600'000;
                                            plan.send_room = room;
                                          }))
          << "seed " << seed << ", room for " << room << " bytes: " << simulation->failure();
    }
  }
  figure("R02", "%llu runs over sockets of every size up to 700 bytes", static_cast<ull>(runs));
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
