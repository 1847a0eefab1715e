// In a file of its own, so that a program whose runs must repeat links one of its own.
#include "engine/random_seed.h"

#include <random>

namespace djcache::detail {

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) ^ device();
}

}  // namespace djcache::detail
