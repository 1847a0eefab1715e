// The syntax of numbers written as text. Pure, no allocation.
#pragma once

#include <algorithm>
#include <string_view>

namespace djcache::value {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether it has at least one character and all are digits.
inline bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// Whether decimal.Decimal(str) accepts it, apart from surrounding spaces and underscores: "-1.50",
// ".5", "1E+3", "Infinity", "inf", "NaN123", "sNaN", in any case. Not "1E+9999999999999999999",
// whose exponent is beyond a 64-bit CPython.
bool is_decimal_literal(std::string_view text);

// Whether it is a signaling NaN, which Python cannot hash. REQUIRES: a decimal literal.
inline bool is_signaling(std::string_view decimal) {
  if (decimal.starts_with('-') || decimal.starts_with('+')) decimal.remove_prefix(1);
  return decimal.starts_with('s') || decimal.starts_with('S');
}

// Whether it is a NaN, signaling or not. REQUIRES: a decimal literal.
inline bool is_nan(std::string_view decimal) {
  if (decimal.starts_with('-') || decimal.starts_with('+')) decimal.remove_prefix(1);
  return decimal.starts_with('n') || decimal.starts_with('N') || is_signaling(decimal);
}

}  // namespace djcache::value
