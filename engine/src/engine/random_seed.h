// The randomness of an engine: jitter of attempts, choice of replicas, early refreshes.
#pragma once

#include <cstdint>
#include <functional>

namespace djcache::detail {

std::uint64_t random_seed();

// Random numbers above 0, up to 1, from a generator that is seeded now.
inline std::function<double()> random_fractions() {
  return [state = random_seed() | 1]() mutable {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<double>((state >> 11) + 1) * 0x1p-53;
  };
}

}  // namespace djcache::detail
