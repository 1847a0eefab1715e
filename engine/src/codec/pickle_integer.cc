// Conversion of integers between pickle's two's complement and decimal text. Quadratic in the
// number of digits, which integer_digits_max bounds.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "codec/pickle_text.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::uint32_t billion = 1'000'000'000;
constexpr std::size_t limbs_max = integer_digits_max / 9 + 3;  // of base 10^9, also of base 2^32

bool is_negative(std::string_view little_endian) {
  return !little_endian.empty() && (little_endian.back() & 0x80) != 0;
}

// A number in limbs, lowest first.
struct Limbs {
  std::array<std::uint32_t, limbs_max> limb;
  std::size_t count = 0;

  // this = this * factor + addend, in base 2^32. REQUIRES: it fits.
  void multiply_add(std::uint64_t factor, std::uint64_t addend) {
    std::uint64_t carry = addend;
    for (std::size_t i = 0; i < count; ++i) {
      carry += limb[i] * factor;
      limb[i] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    if (carry > 0) limb[count++] = static_cast<std::uint32_t>(carry);
  }
};

constexpr std::uint64_t two_32 = std::uint64_t{1} << 32;

// 32 bits each, the highest first. Processing a group takes hardly longer than one digit, because
// the steps of different digits can overlap.
using Digits = std::array<std::uint64_t, 4>;

// In base 10^9: number = number * 2^128 + digits; false when it no longer fits.
bool append(Limbs& number, const Digits& digits) {
  auto [a, b, c, d] = digits;
  for (std::size_t i = 0; i < number.count || (a | b | c | d) != 0; ++i) {
    if (i == number.limb.size()) return false;
    std::uint64_t limb = i < number.count ? number.limb[i] : 0;
    const auto step = [&limb](std::uint64_t& carry) {
      const std::uint64_t product = limb * two_32 + carry;
      limb = product % billion;
      carry = product / billion;
    };
    step(a), step(b), step(c), step(d);
    number.limb[i] = static_cast<std::uint32_t>(limb);
    number.count = std::max(number.count, i + 1);
  }
  return true;
}

// Passes the magnitude to f(digits), from the highest digits down.
template <class F>
bool each_group(std::string_view little_endian, F f) {
  const bool negative = is_negative(little_endian);
  constexpr std::size_t group_size = 4 * std::tuple_size_v<Digits>;
  std::array<unsigned char, long_bytes_max + group_size> bytes{};
  const std::size_t size = (little_endian.size() + group_size - 1) / group_size * group_size;
  std::memset(bytes.data(), negative ? 0xff : 0, size);
  std::memcpy(bytes.data(), little_endian.data(), little_endian.size());
  if (negative) {
    unsigned carry = 1;
    for (std::size_t i = 0; i < size; ++i) {
      carry += static_cast<unsigned char>(~bytes[i]);
      bytes[i] = static_cast<unsigned char>(carry);
      carry >>= 8;
    }
  }
  for (std::size_t at = size; at > 0;) {
    Digits group{};
    for (std::uint64_t& digit : group) {
      for (int i = 0; i < 4; ++i) digit = (digit << 8) | bytes[--at];
    }
    if (!f(group)) return false;
  }
  return true;
}

}  // namespace

std::int64_t read_short_long(std::string_view little_endian) {
  std::uint64_t bits = is_negative(little_endian) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = little_endian.size(); i > 0; --i) {
    bits = (bits << 8) | static_cast<unsigned char>(little_endian[i - 1]);
  }
  return static_cast<std::int64_t>(bits);
}

bool long_to_decimal(std::string_view little_endian, DecimalText& buffer, std::string_view& text) {
  if (little_endian.size() > long_bytes_max) return false;
  Limbs number;
  if (!each_group(little_endian, [&](const Digits& digits) { return append(number, digits); })) {
    return false;
  }
  char* at = buffer.data();
  char* const end = at + buffer.size();
  if (is_negative(little_endian)) *at++ = '-';
  const char* const digits = at;
  at = std::to_chars(at, end, number.count == 0 ? 0 : number.limb[number.count - 1]).ptr;
  for (std::size_t i = number.count; i > 1; --i) {
    std::uint32_t rest = number.limb[i - 2];
    for (int k = 8; k >= 0; --k, rest /= 10) at[k] = static_cast<char>('0' + rest % 10);
    at += 9;
  }
  text = {buffer.data(), static_cast<std::size_t>(at - buffer.data())};
  return static_cast<std::size_t>(at - digits) <= integer_digits_max;
}

std::size_t decimal_to_long(std::string_view text, LongBytes& out) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  Limbs number;
  for (std::size_t size = text.size() % 9 ? text.size() % 9 : 9; !text.empty(); size = 9) {
    std::uint32_t digits = 0, scale = 1;
    for (const char c : text.substr(0, size)) {
      digits = digits * 10 + static_cast<std::uint32_t>(c - '0');
      scale *= 10;
    }
    number.multiply_add(scale, digits);
    text.remove_prefix(size);
  }
  std::size_t size = 0;
  for (std::size_t i = 0; i < number.count; ++i) {
    for (int shift = 0; shift < 32; shift += 8)
      out[size++] = static_cast<char>(number.limb[i] >> shift);
  }
  out[size++] = 0;
  if (negative) {
    unsigned carry = 1;
    for (std::size_t i = 0; i < size; ++i) {
      carry += static_cast<unsigned char>(~out[i]);
      out[i] = static_cast<char>(carry);
      carry >>= 8;
    }
  }
  // The last byte is redundant if it repeats the sign of the one before.
  const char sign = static_cast<char>(negative ? -1 : 0);
  while (size > 1 && out[size - 1] == sign && (out[size - 2] & 0x80) == (sign & 0x80)) --size;
  return size;
}

bool long_to_uuid(std::string_view little_endian, Uuid& out) {
  if (is_negative(little_endian)) return false;
  while (!little_endian.empty() && little_endian.back() == 0) little_endian.remove_suffix(1);
  if (little_endian.size() > sizeof out.bytes) return false;
  std::memset(out.bytes, 0, sizeof out.bytes);
  for (std::size_t i = 0; i < little_endian.size(); ++i) {
    out.bytes[sizeof out.bytes - 1 - i] = static_cast<std::uint8_t>(little_endian[i]);
  }
  return true;
}

}  // namespace djcache::codec::pickle
