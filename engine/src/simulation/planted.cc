// Runs seeds over an engine with a planted bug. Succeeds if one of them finds it, and says which.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "simulation/simulation.h"

using namespace djcache::simulation;

namespace {

constexpr std::uint64_t seeds = 10'000;  // as many as the test of the healthy engine runs
constexpr unsigned patience_s = 100;     // a bug may also show as a process that never ends

// In a process of its own: a bug may also show as a crash.
[[noreturn]] void find(volatile std::uint64_t* seed) {
  alarm(patience_s);
  auto simulation = std::make_unique<Simulation>();
  for (std::uint64_t i = 1; i <= seeds; ++i) {
    *seed = i;
    if (simulation->run(i)) continue;
    std::printf("%s\n", simulation->failure().c_str());
    std::fflush(stdout);
    std::_Exit(1);
  }
  std::_Exit(0);
}

}  // namespace

int main() {
  void* shared = mmap(nullptr, sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  auto* seed = static_cast<volatile std::uint64_t*>(shared);
  const pid_t child = fork();
  if (child < 0) return 2;
  if (child == 0) find(seed);
  int status = 0;
  if (waitpid(child, &status, 0) != child) return 2;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    std::printf("not found by %llu seeds\n", static_cast<unsigned long long>(seeds));
    return 1;
  }
  std::printf("found by seed %llu%s\n", static_cast<unsigned long long>(*seed),
              WIFSIGNALED(status) ? ", which crashes" : "");
  return 0;
}
