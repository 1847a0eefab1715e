// UTF-8 by the book: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace djcache::value {

// REQUIRES: at least 8 bytes. The last word may overlap the one before.
inline bool is_ascii(std::string_view text) {
  constexpr std::size_t size = sizeof(std::uint64_t);
  const char* const last = text.data() + text.size() - size;
  std::uint64_t any = 0, word = 0;
  std::memcpy(&any, last, size);
  for (const char* at = text.data(); at < last; at += size) {
    std::memcpy(&word, at, size);
    any |= word;
  }
  return (any & 0x8080808080808080) == 0;
}

std::size_t utf8_error_slow(std::string_view text);

// The position of the first byte that is no part of a valid sequence; text.size() if there is none.
// Short ASCII, which most text is, takes a few instructions.
inline std::size_t utf8_error(std::string_view text) {
  if (text.size() >= 8 && text.size() <= 64 && is_ascii(text)) return text.size();
  return utf8_error_slow(text);
}

// Reads the sequence at the front of `text` (not empty). Its length in bytes; 0 when it is invalid.
std::size_t utf8_next(std::string_view text, char32_t& code_point);

}  // namespace djcache::value
