#include "text/key_index.h"

#include <algorithm>
#include <bit>
#include <random>

namespace djcache::text {

KeyIndex::KeyIndex(std::size_t keys) {
  if (keys <= few) return;
  const std::size_t slots = std::bit_ceil(2 * keys);
  slots_ = std::make_unique_for_overwrite<Slot[]>(slots);
  std::fill_n(slots_.get(), slots, Slot{0, nothing});
  mask_ = static_cast<std::uint32_t>(slots - 1);
}

// Random, once per process: clients that choose keys must not be able to make them collide.
std::uint64_t KeyIndex::seed() {
  static const std::uint64_t made = [] {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
  }();
  return made;
}

}  // namespace djcache::text
