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

// Makes a result nil that nearly always is, which costs less to look at than to write.
inline void make_nil(Value& out) {
  if (!out.is_nil()) out = Value();
}

// False: `size` is over limits.max_bytes.
[[gnu::cold]] bool fail_size(std::size_t size, const Limits& limits, Error& error);
inline bool check_size(std::size_t size, const Limits& limits, Error& error) {
  return size <= limits.max_bytes || fail_size(size, limits, error);
}

// The items that the containers of one value may still have, see Limits::max_elements().
class ElementsLeft {
 public:
  explicit ElementsLeft(const Limits& limits) : left_(limits.max_elements()) {}
  bool covers(std::size_t count) const { return count <= left_; }
  bool take(std::size_t count) {
    if (!covers(count)) return false;
    left_ -= count;
    return true;
  }

 private:
  std::size_t left_;
};
// What a decoder says of an item too many, after what it was and where.
[[gnu::cold]] std::string over_elements(const Limits& limits);
// What an encoder says. False.
[[gnu::cold]] bool fail_elements(const Limits& limits, Error& error);

}  // namespace djcache::codec
