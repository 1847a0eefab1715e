// Numbers in stored bytes, read in one instruction where the processor's byte order allows it.
// Pure.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace djcache::codec {

template <class T>
T swapped(T number) {
  if constexpr (sizeof(T) == 1) {
    return number;
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(number)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(number)));
  } else {
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(number)));
  }
}

// T is an integer of 1, 2, 4 or 8 bytes. REQUIRES: that many bytes at `at`.
template <std::endian order, class T>
T load(const char* at) {
  T number;
  std::memcpy(&number, at, sizeof number);
  return std::endian::native == order ? number : swapped(number);
}
template <class T>
T load_little(const char* at) {
  return load<std::endian::little, T>(at);
}
template <class T>
T load_big(const char* at) {
  return load<std::endian::big, T>(at);
}

template <std::endian order, class T>
void store(char* at, T number) {
  const T ordered = std::endian::native == order ? number : swapped(number);
  std::memcpy(at, &ordered, sizeof ordered);
}
template <class T>
void store_little(char* at, T number) {
  store<std::endian::little>(at, number);
}
template <class T>
void store_big(char* at, T number) {
  store<std::endian::big>(at, number);
}

}  // namespace djcache::codec
