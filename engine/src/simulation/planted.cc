// Runs seeds over an engine with one planted bug, given by name. Succeeds if a seed finds it, and
// prints the seed.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "planted.h"
#include "simulation/simulation.h"

using namespace djcache::simulation;
using djcache::Plant;

namespace {

constexpr std::pair<std::string_view, Plant> plants[] = {
    {"slot_removed_on_cancel", Plant::slot_removed_on_cancel},
    {"callback_before_poison", Plant::callback_before_poison},
    {"no_tombstone_on_timeout", Plant::no_tombstone_on_timeout},
    {"reply_after_reconnect", Plant::reply_after_reconnect},
    {"double_completion_on_abort", Plant::double_completion_on_abort},
    {"part_is_unsolicited", Plant::part_is_unsolicited},
    {"order_lost_over_restart", Plant::order_lost_over_restart},
    {"barrier_lets_one_through", Plant::barrier_lets_one_through},
    {"no_name_check_for_addresses", Plant::no_name_check_for_addresses},
    {"plaintext_kept_over_reconnect", Plant::plaintext_kept_over_reconnect},
    {"role_not_asked", Plant::role_not_asked},
    {"push_trusted_without_asking", Plant::push_trusted_without_asking},
};

bool choose(std::string_view name) {
  for (const auto& [known, plant] : plants) {
    if (known != name) continue;
    djcache::Planted::which = plant;
    return true;
  }
  return false;
}

constexpr std::uint64_t seeds = 10'000;  // as many as the test of the sound engine
constexpr unsigned patience_s = 100;     // a bug may also show as a process that never ends

// In a process of its own, because a bug may also show as a crash.
[[noreturn]] void find(volatile std::uint64_t* seed) {
  alarm(patience_s);
  auto simulation = std::make_unique<Simulation>();
  for (std::uint64_t i = 1; i <= seeds; ++i) {
    *seed = i;
    djcache::Planted::forget();
    if (simulation->run(i)) continue;
    std::printf("%s\n", simulation->failure().c_str());
    std::fflush(stdout);
    std::_Exit(1);
  }
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !choose(argv[1])) {
    std::fprintf(stderr, "usage: %s <one of the bugs of planted.h>\n", argv[0]);
    return 2;
  }
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
