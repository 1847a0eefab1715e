// The texts and numbers of pickle: protocol 0's escapes, latin-1, integers in two's complement.
// Pure, no state; callers add the position to errors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <djcache/value.h>

#include "codec/integer_text.h"

namespace djcache::codec::pickle {

inline constexpr std::size_t npos = static_cast<std::size_t>(-1);

// --- Python's raw-unicode-escape: latin-1 with \uXXXX and \UXXXXXXXX.

// REQUIRES: room for 2 * text.size() bytes at `out`. Sets how many bytes of UTF-8 it wrote. Returns
// the position of the first escape that is invalid or names no character (surrogates do not); npos
// if all are valid.
std::size_t read_raw_unicode_escape(std::string_view text, char* out, std::size_t& written);

// --- Strings of Python 2.

// The text between the quotes of a Python 2 string, unescaped. REQUIRES: room for text.size() bytes
// at `out`. Sets how many bytes it wrote. False: an invalid escape.
bool read_string_escape(std::string_view text, char* out, std::size_t& written);

bool is_ascii(std::string_view text);

// --- UTF-8 to latin-1 and back.

// REQUIRES: UTF-8, room for text.size() bytes at `out`. False: a character above U+00FF.
bool utf8_to_latin1(std::string_view text, char* out, std::size_t& written);

// --- Integers.

// How many bytes of two's complement any integer of integer_digits_max digits fits into.
inline constexpr std::size_t long_bytes_max = 1787;

// REQUIRES: at most 8 bytes.
std::int64_t read_short_long(std::string_view little_endian);

// The decimal text of a longer integer. False: more than integer_digits_max digits.
using DecimalText = std::array<char, integer_digits_max + 48>;
bool long_to_decimal(std::string_view little_endian, DecimalText& buffer, std::string_view& text);

// Two's complement of decimal text, in as few bytes as possible; returns their number. REQUIRES:
// canonical, at most integer_digits_max digits.
using LongBytes = std::array<char, long_bytes_max + 16>;
std::size_t decimal_to_long(std::string_view text, LongBytes& out);

// A UUID's 128 bits, from an integer in either form. False: negative or too large.
bool long_to_uuid(std::string_view little_endian, Uuid& out);

}  // namespace djcache::codec::pickle
