// How often this process has been forked since it began: what is older than the last fork belongs
// to the parent.
#pragma once

#include <cstdint>

namespace djcache {

// Cheap: a load. Counts from the first call on.
std::uint32_t fork_count();

}  // namespace djcache
