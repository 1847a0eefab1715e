// djcache_memory_bench: measures the memory backend, without a server. See engine/bench/README.md.
//
//   djcache_memory_bench [hits] [overhead] [traces]     all of them by default
//   djcache_memory_bench replay FILE [ENTRIES]          your own trace, one key per line
//
// Exit code: 0 all goals reached, 1 a goal missed, 2 bad usage.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>

#include "memory/memory_bench.h"

namespace djcache::bench {

bool goal(const char* name, double nanoseconds, double base, double ratio_at_most) {
  const double ratio = nanoseconds / base;
  std::printf("  %-29s %6.1f ns  %.2f x (goal: at most %.1f)%s\n", name, nanoseconds, ratio,
              ratio_at_most, ratio <= ratio_at_most ? "" : "  MISSED");
  return ratio <= ratio_at_most;
}

namespace {

int usage() {
  std::fputs(
      "usage: djcache_memory_bench [hits] [overhead] [traces]\n"
      "       djcache_memory_bench replay FILE [ENTRIES]\n",
      stderr);
  return 2;
}

int run(std::span<char*> words) {
  if (!words.empty() && words[0] == std::string_view("replay")) {
    if (words.size() < 2 || words.size() > 3) return usage();
    const std::size_t entries = words.size() == 3 ? std::strtoull(words[2], nullptr, 10) : 0;
    return replay_file(words[1], entries) ? 0 : 1;
  }
  constexpr struct {
    std::string_view name;
    bool (*part)();
  } parts[] = {{"hits", &hit_cost}, {"overhead", &overhead}, {"traces", &generated_traces}};
  bool reached = true;
  std::size_t known = 0;
  for (const auto& [name, part] : parts) {
    bool wanted = words.empty();
    for (const char* word : words) wanted = wanted || word == name;
    if (!wanted) continue;
    ++known;
    reached = part() && reached;
  }
  if (!words.empty() && known != words.size()) return usage();
  return reached ? 0 : 1;
}

}  // namespace
}  // namespace djcache::bench

int main(int argc, char** argv) {
  return djcache::bench::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
