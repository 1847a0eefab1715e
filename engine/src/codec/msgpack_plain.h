// The most common items of msgpack, read without a detour: nil, bool, numbers, str. Pure, and
// without errors; the decoder handles everything else, including invalid items.
#pragma once

#include <bit>
#include <memory>
#include <string_view>

#include <djcache/value.h>

#include "codec/byte_order.h"
#include "value/utf8.h"

namespace djcache::codec::msgpack {

// Writes the Value in place: making one elsewhere and moving it would cost more than reading it.
template <class Stored, class T = Stored>
const char* read_number(const char* at, const char* end, Value* to) {
  if (static_cast<std::size_t>(end - at) < sizeof(Stored)) return nullptr;
  std::construct_at(to, std::bit_cast<T>(load_big<Stored>(at)));
  return at + sizeof(Stored);
}

inline const char* read_string(const char* at, const char* end, std::size_t size, Value* to) {
  if (static_cast<std::size_t>(end - at) < size) return nullptr;
  const std::string_view text(at, size);
  if (value::utf8_error(text) != size) return nullptr;
  std::construct_at(to, text);
  return at + size;
}

template <class Size>
const char* read_sized_string(const char* at, const char* end, Value* to) {
  if (static_cast<std::size_t>(end - at) < sizeof(Size)) return nullptr;
  return read_string(at + sizeof(Size), end, load_big<Size>(at), to);
}

// Returns the end of the item. Null: another kind of item, or an invalid one; `to` is unchanged.
// REQUIRES: at < end, and `to` is nil.
inline const char* read_plain(const char* at, const char* end, Value* to) {
  const auto head = static_cast<unsigned char>(*at++);
  if (head < 0x80 || head >= 0xe0) {
    std::construct_at(to, static_cast<std::int8_t>(head));
    return at;
  }
  if (head >= 0xa0 && head < 0xc0) return read_string(at, end, head & 0x1f, to);
  switch (head) {
    case 0xc0:
      return at;
    case 0xc2:
    case 0xc3:
      std::construct_at(to, head == 0xc3);
      return at;
    case 0xcb:
      return read_number<std::uint64_t, double>(at, end, to);
    case 0xcc:
      return read_number<std::uint8_t>(at, end, to);
    case 0xcd:
      return read_number<std::uint16_t>(at, end, to);
    case 0xce:
      return read_number<std::uint32_t>(at, end, to);
    case 0xcf:
      return read_number<std::uint64_t>(at, end, to);
    case 0xd0:
      return read_number<std::int8_t>(at, end, to);
    case 0xd1:
      return read_number<std::int16_t>(at, end, to);
    case 0xd2:
      return read_number<std::int32_t>(at, end, to);
    case 0xd3:
      return read_number<std::int64_t>(at, end, to);
    case 0xd9:
      return read_sized_string<std::uint8_t>(at, end, to);
    case 0xda:
      return read_sized_string<std::uint16_t>(at, end, to);
    case 0xdb:
      return read_sized_string<std::uint32_t>(at, end, to);
    default:
      return nullptr;
  }
}

}  // namespace djcache::codec::msgpack
