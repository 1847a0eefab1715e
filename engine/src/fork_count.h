// How often this process was forked since it began: objects older than the last fork belong to the
// parent.
#pragma once

#include <cstdint>

namespace djcache {

// Cheap: a load. Counts from the first call on.
std::uint32_t fork_count();

}  // namespace djcache
