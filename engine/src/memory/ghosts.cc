#include "memory/ghosts.h"

#include <algorithm>
#include <bit>

namespace djcache::memory {

std::size_t Ghosts::buckets_for(std::size_t entries) {
  return std::bit_ceil(std::max<std::size_t>(entries, 64)) / ways;
}

std::size_t Ghosts::growth(std::size_t entries) {
  return buckets_for(entries) * ways * sizeof(Ghost);
}

void Ghosts::remember(std::uint32_t hash, std::size_t entries) {
  if (const std::size_t wanted = buckets_for(entries); wanted > buckets_) {
    reset();
    ghosts_ = std::make_unique<Ghost[]>(wanted * ways);
    buckets_ = wanted;
  }
  ++remembered_;
  Ghost* const of_hash = bucket(hash);
  const std::uint16_t present = now();
  const auto age = [&](const Ghost& ghost) {
    return ghost.mark == 0 ? UINT16_MAX : static_cast<std::uint16_t>(present - ghost.age);
  };
  Ghost* const oldest = std::max_element(
      of_hash, of_hash + ways, [&](const Ghost& a, const Ghost& b) { return age(a) < age(b); });
  *oldest = {mark(hash), present};
}

bool Ghosts::forget(std::uint32_t hash) {
  if (buckets_ == 0) return false;
  Ghost* const of_hash = bucket(hash);
  for (Ghost* each = of_hash; each != of_hash + ways; ++each) {
    if (each->mark != mark(hash)) continue;
    const bool fresh = static_cast<std::uint16_t>(now() - each->age) <= periods;
    *each = {0, 0};
    return fresh;
  }
  return false;
}

void Ghosts::reset() {
  ghosts_.reset();
  buckets_ = 0;
  remembered_ = 0;
}

}  // namespace djcache::memory
