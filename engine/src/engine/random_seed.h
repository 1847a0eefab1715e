// Where an engine's chances come from: the jitter of attempts, which replica reads, early
// refreshes.
#pragma once

#include <cstdint>

namespace djcache::detail {

std::uint64_t random_seed();

}  // namespace djcache::detail
