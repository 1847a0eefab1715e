// Measures the memory of a million entries beyond their keys and values, by the resident memory of
// the process.
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "memory/memory_bench.h"
#include "memory/memory_cache.h"

namespace djcache::bench {

namespace {

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

bool overhead() {
  constexpr std::size_t entries = 1'000'000;
  constexpr double bytes_at_most = 64;
  bool reached = true;
  for (const std::size_t size : {20u, 100u, 1000u}) {
    const std::string value(size, 'v');
    malloc_trim(0);
    double payload = 0;
    const double before = resident_bytes();
    MemoryCache memory({.max_entries = 2 * entries, .policy = EvictionPolicy::s3_fifo});
    for (std::size_t i = 0; i < entries; ++i) {
      const std::string key = "session:" + std::to_string(10'000'000 + i);
      payload += static_cast<double>(memory.cache().make_key(key).size() + size);
      memory.set(key, value);
    }
    memory.turn();
    const double each = (resident_bytes() - before - payload) / static_cast<double>(entries);
    reached = reached && each <= bytes_at_most;
    std::printf("a million entries of %4zu bytes: %5.1f bytes each beyond key and value%s\n", size,
                each, each <= bytes_at_most ? "" : "  MISSED: at most 64");
  }
  return reached;
}

}  // namespace djcache::bench
