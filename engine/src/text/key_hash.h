// A hash of keys. Keyed: colliding keys cannot be chosen without knowing the seed.
//
// Pure. Folded 64-by-64-bit products, 16 bytes at a time. Not cryptographic; never stored or sent.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace djcache::text {

inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
inline Word read_word(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

inline std::uint32_t hash_of(std::string_view key, std::uint64_t seed) {
  // Odd numbers with half of their bits set; any others would do.
  constexpr std::uint64_t k1 = 0x9e6c'63d0'876a'9a47, k2 = 0xd1b5'4a32'd192'ed03;
  const char* at = key.data();
  std::size_t left = key.size();
  std::uint64_t hash = seed ^ (k1 * (left + 1));
  for (; left > 16; left -= 16, at += 16) {
    hash = fold(read_word<std::uint64_t>(at) ^ k1, read_word<std::uint64_t>(at + 8) ^ hash);
  }
  std::uint64_t a = 0, b = 0;
  if (left >= 8) {  // the two words may overlap
    a = read_word<std::uint64_t>(at);
    b = read_word<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    a = read_word<std::uint32_t>(at);
    b = read_word<std::uint32_t>(at + left - 4);
  } else {
    for (; left > 0; --left) a = a << 8 | static_cast<unsigned char>(*at++);
  }
  hash = fold(fold(a ^ k1, b ^ hash) ^ seed, k2);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

}  // namespace djcache::text
