// The parts of djcache_memory_bench. Each prints what it measured and says whether it reached its
// goal.
#pragma once

#include <cstddef>
#include <string>

namespace djcache::bench {

// "peek  52.1 ns  1.2 x (goal: at most 1.5)"
bool goal(const char* name, double nanoseconds, double base, double ratio_at_most);

bool hit_cost();
bool overhead();
bool generated_traces();
// One key per line. `entries`: how many the caches hold; 0: a tenth of the different keys.
bool replay_file(const std::string& path, std::size_t entries);

}  // namespace djcache::bench
