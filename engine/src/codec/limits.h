// The size limit that all serializers share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "codec/codec.h"

namespace djcache::codec {

// What bounds the limits themselves, whatever the settings say: serializers recurse, and msgpack
// counts in 32 bits.
inline constexpr std::size_t depth_max = 1000;
inline constexpr std::size_t bytes_max = UINT32_MAX;

// False: `size` is over limits.max_bytes.
[[gnu::cold]] bool fail_size(std::size_t size, const Limits& limits, Error& error);
inline bool check_size(std::size_t size, const Limits& limits, Error& error) {
  return size <= limits.max_bytes || fail_size(size, limits, error);
}

}  // namespace djcache::codec
