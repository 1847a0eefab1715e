// Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace djcache::value {

// REQUIRES: at least sizeof(Word) bytes. The last word may overlap the one before it.
template <class Word>
inline bool is_ascii_in_words(std::string_view text) {
  const char* const last = text.data() + text.size() - sizeof(Word);
  Word any = 0, word = 0;
  std::memcpy(&any, last, sizeof(Word));
  for (const char* at = text.data(); at < last; at += sizeof(Word)) {
    std::memcpy(&word, at, sizeof(Word));
    any |= word;
  }
  return (any & static_cast<Word>(0x8080808080808080)) == 0;
}

inline bool is_short_ascii(std::string_view text) {
  if (text.size() >= 8) return text.size() <= 64 && is_ascii_in_words<std::uint64_t>(text);
  if (text.size() >= 4) return is_ascii_in_words<std::uint32_t>(text);
  return text.empty() || is_ascii_in_words<std::uint8_t>(text);
}

std::size_t utf8_error_slow(std::string_view text);

// The position of the first byte that is not part of a valid sequence, or text.size(). Short ASCII,
// the most common text, takes a few instructions.
inline std::size_t utf8_error(std::string_view text) {
  return is_short_ascii(text) ? text.size() : utf8_error_slow(text);
}

// Decodes the sequence at the front of `text`, which must not be empty. Returns its length in
// bytes, or 0 if it is invalid.
std::size_t utf8_next(std::string_view text, char32_t& code_point);

}  // namespace djcache::value
