// Counts heap allocations of the whole process by standing in for malloc and its family, operator
// new included. Not under a sanitizer, which has its own.
#pragma once

#include <cstdint>
#include <optional>

namespace djcache::bench {

/// Allocations so far, reallocations included; nothing when they cannot be counted.
std::optional<std::uint64_t> allocation_count();

}  // namespace djcache::bench
