// The parts of djcache_memory_bench. Each prints its measurements and returns whether it reached
// its goals.
#pragma once

#include <cstddef>
#include <string>

namespace djcache::bench {

// Prints a line such as "peek  52.1 ns  1.2 x (goal: at most 1.5)". Returns whether the goal is
// reached.
bool goal(const char* name, double nanoseconds, double base, double ratio_at_most);

bool hit_cost();
bool overhead();
bool generated_traces();
// The file has one key per line. `entries`: how many the caches hold; 0: a tenth of the distinct
// keys.
bool replay_file(const std::string& path, std::size_t entries);

}  // namespace djcache::bench
