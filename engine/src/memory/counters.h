// Counters: events of a store, by cause. Plain numbers that only grow.
#pragma once

#include <cstdint>

namespace djcache::memory {

struct Counters {
  std::uint64_t hits = 0;    // by get
  std::uint64_t misses = 0;  // by get
  std::uint64_t sets = 0;    // entries stored, new or replaced
  std::uint64_t evicted_for_entries = 0;
  std::uint64_t evicted_for_bytes = 0;
  std::uint64_t expired_when_met = 0;
  std::uint64_t expired_unmet = 0;  // found by the wheel
  std::uint64_t refused_too_large = 0;
};

}  // namespace djcache::memory
