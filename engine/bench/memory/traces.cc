// Hit ratios by eviction policy, with generated traces and with traces of users.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <unordered_set>
#include <vector>

#include "memory/memory_bench.h"
#include "memory/memory_cache.h"

namespace djcache::bench {

namespace {

using Trace = std::function<void(const std::function<void(std::string_view)>&)>;

struct Ratios {
  double cull = 0, lru = 0, s3_fifo = 0;
};

// The percentage of lookups that hit. After a miss, the key is stored.
double hit_ratio(const Trace& trace, EvictionPolicy policy, std::size_t entries) {
  MemoryCache memory({.max_entries = entries, .policy = policy});
  double asked = 0, found = 0;
  trace([&](std::string_view key) {
    ++asked;
    if (memory.cache().peek(key)->has_value()) {
      ++found;
    } else {
      memory.set(key, 1);
    }
  });
  return asked == 0 ? 0 : 100 * found / asked;
}

Ratios compare(const char* name, const Trace& trace, std::size_t entries) {
  const Ratios ratios{hit_ratio(trace, EvictionPolicy::cull, entries),
                      hit_ratio(trace, EvictionPolicy::lru, entries),
                      hit_ratio(trace, EvictionPolicy::s3_fifo, entries)};
  std::printf("%-28s %9zu entries: cull %5.2f %%   lru %5.2f %%   s3-fifo %5.2f %%\n", name,
              entries, ratios.cull, ratios.lru, ratios.s3_fifo);
  return ratios;
}

// Draws ranks 0 to n - 1, rank i with a probability proportional to 1 / (i + 1)^exponent.
class Zipf {
 public:
  Zipf(std::size_t n, double exponent) : sums_(n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      sums_[i] = sum += 1 / std::pow(static_cast<double>(i + 1), exponent);
    }
  }
  std::size_t operator()(std::mt19937_64& random) const {
    // Not std::uniform_real_distribution, whose numbers depend on the standard library.
    const double at = static_cast<double>(random() >> 11) * 0x1p-53 * sums_.back();
    return static_cast<std::size_t>(std::upper_bound(sums_.begin(), sums_.end(), at) -
                                    sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

constexpr std::size_t keys = 100'000;
constexpr std::size_t requests = 1'000'000;

// `scan_share`: the percentage of requests that belong to scans, whose keys are never requested
// again.
Trace zipf_trace(std::size_t scan_share) {
  return [scan_share](const std::function<void(std::string_view)>& ask) {
    const Zipf zipf(keys, 0.9);
    std::mt19937_64 random(42);
    std::size_t scanned = 0;
    for (std::size_t i = 0; i < requests;) {
      // The requests of a scan are consecutive.
      constexpr std::size_t period = 20'000;
      const bool scanning = i % period < period * scan_share / 100;
      ask(scanning ? "scan:" + std::to_string(scanned++) : std::to_string(zipf(random)));
      ++i;
    }
  };
}

bool better(const Ratios& ratios) {
  const bool reached = ratios.s3_fifo >= ratios.lru && ratios.s3_fifo > ratios.cull;
  if (!reached) std::printf("  MISSED: s3-fifo not below lru, and above cull\n");
  return reached;
}

}  // namespace

bool generated_traces() {
  const bool zipf = better(compare("zipf(0.9)", zipf_trace(0), keys / 10));
  const bool mixed = better(compare("zipf(0.9) with 30 % scans", zipf_trace(30), keys / 10));
  return zipf && mixed;
}

bool replay_file(const std::string& path, std::size_t entries) {
  const Trace trace = [&path](const std::function<void(std::string_view)>& ask) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) ask(line);
    }
  };
  std::unordered_set<std::string> different;
  std::size_t asked = 0;
  trace([&](std::string_view key) {
    ++asked;
    if (entries == 0) different.emplace(key);
  });
  if (asked == 0) {
    std::printf("%s: cannot be read, or has no line\n", path.c_str());
    return false;
  }
  if (entries == 0) entries = std::max<std::size_t>(1, different.size() / 10);
  compare(path.c_str(), trace, entries);
  return true;
}

}  // namespace djcache::bench
