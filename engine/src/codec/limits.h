// The size limits that all serializers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "codec/codec.h"

namespace djcache::codec {

// What bounds the limits themselves, whatever the settings say: serializers recurse, and msgpack
// counts in 32 bits.
inline constexpr std::size_t depth_max = 1000;
inline constexpr std::size_t bytes_max = UINT32_MAX;

// Empties a buffer that is used again. What was needed once for a huge value is given back.
inline void restart(std::string& buffer) {
  constexpr std::size_t kept_capacity_max = 1u << 20;
  if (buffer.capacity() > kept_capacity_max) std::string().swap(buffer);
  buffer.clear();
}

// False: `size` is over limits.max_bytes.
[[gnu::cold]] bool fail_size(std::size_t size, const Limits& limits, Error& error);
inline bool check_size(std::size_t size, const Limits& limits, Error& error) {
  return size <= limits.max_bytes || fail_size(size, limits, error);
}

}  // namespace djcache::codec
