// djcache_simulate: runs many seeds and prints figures.
//
//   djcache_simulate [--seeds N] [--from S] [--trace]
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
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 10'000;
  std::uint64_t from = 1;
  bool trace = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--trace") == 0) {
      trace = true;
    } else if (i + 1 < argc && std::strcmp(argv[i], "--seeds") == 0) {
      seeds = std::strtoull(argv[++i], nullptr, 10);
    } else if (i + 1 < argc && std::strcmp(argv[i], "--from") == 0) {
      from = std::strtoull(argv[++i], nullptr, 10);
    } else {
      std::fprintf(stderr, "usage: %s [--seeds N] [--from S] [--trace]\n", argv[0]);
      return 2;
    }
  }
  if (trace) {
    std::fputs(trace_of(from).c_str(), stdout);
    return 0;
  }
  // An engine's buffers are made and freed for each seed: keep their memory.
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  auto simulation = std::make_unique<Simulation>();
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  for (std::uint64_t seed = from; seed < from + seeds; ++seed) {
    if (simulation->run(seed)) continue;
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                simulation->failure().c_str());
    std::fputs(trace_of(seed).c_str(), stdout);
    std::fflush(stdout);
    std::_Exit(1);
  }
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  print(*simulation, time.count(), static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC);
  return 0;
}
