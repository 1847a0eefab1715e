// The amount of hashing and comparing, in units of about one leaf each. Decoders bound it; tests
// count it, because times cannot be asserted.
#pragma once

#include <cstddef>
#include <cstdint>

#include <djcache/value.h>

namespace djcache::value {

// On this thread, since it began.
extern constinit thread_local std::uint64_t work_done;

inline std::uint64_t work_of(const Value& leaf) { return 1 + leaf.text().size() / 64; }

}  // namespace djcache::value
