// djcache_simulate: runs many seeds and prints figures.
//
//   djcache_simulate [--seeds N] [--from S] [--calm] [--failing K|each] [--trace]
//
// --calm: no faults in the network. --failing: the engine's K-th allocation fails; or each in turn,
// in a run of its own.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "simulation/simulation.h"

using namespace djcache;
using namespace djcache::simulation;

namespace {

void print(const Simulation& simulation, double seconds, double processor) {
  const Figures& figures = simulation.figures();
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%llu seeds in %.2f s (%.2f s of a processor, %.0f seeds/s of it)\n",
              number(figures.seeds), seconds, processor,
              static_cast<double>(figures.seeds) / processor);
  std::printf("%llu operations, %llu executions, %llu turns, %zu states\n",
              number(figures.operations), number(figures.executions), number(figures.turns),
              figures.states.size());
  std::printf("ends: ok %llu", number(figures.ends[errc_count]));
  for (std::size_t i = 0; i < errc_count; ++i) {
    if (figures.ends[i] == 0) continue;
    std::printf(", %s %llu", std::string(to_string(static_cast<Errc>(i))).c_str(),
                number(figures.ends[i]));
  }
  std::printf("\nfaults:");
  for (std::size_t i = 0; i < simulation.world().faults.size(); ++i) {
    std::printf(" %s %llu", std::string(to_string(static_cast<Fault>(i))).c_str(),
                number(simulation.world().faults[i]));
  }
  std::printf(" out_of_memory %llu\n", number(figures.out_of_memory));
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 10'000;
  std::uint64_t from = 1;
  bool trace = false, is_calm = false, each_fails = false;
  std::uint64_t failing = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--trace") == 0) {
      trace = true;
    } else if (i + 1 < argc && std::strcmp(argv[i], "--seeds") == 0) {
      seeds = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && std::strcmp(argv[i], "--from") == 0) {
      from = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && std::strcmp(argv[i], "--failing") == 0) {
      each_fails = std::strcmp(argv[++i], "each") == 0;
      failing = each_fails ? 0 : std::strtoull(argv[i], nullptr, 10);
    } else if (std::strcmp(argv[i], "--calm") == 0) {
      is_calm = true;
    } else {
      std::fprintf(stderr,
                   "usage: %s [--seeds N] [--from S] [--calm] [--failing K|each] [--trace]\n",
                   argv[0]);
      return 2;
    }
  }
  const bool chosen = is_calm || each_fails || failing > 0;
  const auto change = [&](Plan& plan) {
    if (is_calm) calm(plan);
    if (is_calm && chosen) plan.disconnects = plan.cancels = true;  // as R04 does
    plan.failing_allocation = failing;
  };
  // An engine's buffers are allocated and freed for each seed: keeps their memory.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  auto simulation = std::make_unique<Simulation>();
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  const auto fail = [&](std::uint64_t seed) {
    std::printf("seed %llu, failing allocation %llu: %s\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(failing), simulation->failure().c_str());
    if (!trace) {
      (void)simulation.release();  // after a failure nothing can be torn down any more
      simulation = std::make_unique<Simulation>();
      chosen ? simulation->run_changed(seed, change, true) : simulation->run(seed, true);
    }
    std::fputs(simulation->trace().c_str(), stdout);
    std::fflush(stdout);
    std::_Exit(1);
  };
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    if (!(chosen ? simulation->run_changed(seed, change, trace) : simulation->run(seed, trace))) {
      fail(seed);
    }
    if (trace) std::fputs(simulation->trace().c_str(), stdout);
    if (!each_fails) continue;
    const std::uint64_t allocations = Memory::count();
    for (failing = 1; failing <= allocations; ++failing) {
      if (!simulation->run_changed(seed, change)) fail(seed);
    }
    failing = 0;
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  print(*simulation, time.count(), static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC);
  return 0;
}
