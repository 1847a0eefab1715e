// Counts heap allocations of the whole process, including operator new, by replacing malloc and its
// family. Not under a sanitizer, which replaces them itself.
#pragma once

#include <cstdint>
#include <optional>

namespace djcache::bench {

/// Allocations so far, including reallocations; nullopt if they cannot be counted.
std::optional<std::uint64_t> allocation_count();

}  // namespace djcache::bench
