#include "value/utf8.h"

#include <cstdint>
#include <cstring>

namespace djcache::value {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080;

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Two words: one register on processors that have such.
using Words [[gnu::vector_size(16)]] = std::uint64_t;

Words words_at(const char* at) {
  Words words;
  std::memcpy(&words, at, sizeof words);
  return words;
}

// Whether `size` bytes, a multiple of 64, are ASCII. For large blocks: deciding costs more than
// looking at 64 bytes.
template <std::size_t size>
bool is_ascii_block(const char* at) {
  Words any{};
  for (std::size_t i = 0; i < size; i += 64) {
    any |= words_at(at + i) | words_at(at + i + 16) | words_at(at + i + 32) | words_at(at + i + 48);
  }
  return ((any[0] | any[1]) & high_bits) == 0;
}

// Advances to the first byte that is not ASCII, or to the end.
const char* skip_ascii(const char* at, const char* end) {
  while (end - at >= 8 && !(word_at(at) & high_bits)) at += 8;
  while (at < end && !(*at & 0x80)) ++at;
  return at;
}

}  // namespace

std::size_t utf8_next(std::string_view text, char32_t& code_point) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    code_point = first;
    return 1;
  }
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  char32_t code = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  if (overlong || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return 0;
  code_point = code;
  return size;
}

std::size_t utf8_error_slow(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  // Most text is pure ASCII. In other text, blocks would be examined again after each character.
  while (end - at >= 512 && is_ascii_block<512>(at)) at += 512;
  while (end - at >= 64 && is_ascii_block<64>(at)) at += 64;
  while ((at = skip_ascii(at, end)) < end) {
    char32_t code_point;
    const std::size_t size = utf8_next({at, static_cast<std::size_t>(end - at)}, code_point);
    if (size == 0) return static_cast<std::size_t>(at - text.data());
    at += size;
  }
  return text.size();
}

}  // namespace djcache::value
