#include "value/number_text.h"

#include <cstdint>

namespace djcache::value {
namespace {

// Removes `word` (lower case) from the front of `text`, ignoring case.
bool skip_word(std::string_view& text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != word[i]) return false;
  }
  text.remove_prefix(word.size());
  return true;
}

// Removes the digits at the front of `text` and returns them.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool skip_sign(std::string_view& text) {
  if (!text.starts_with('-') && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  return true;
}

// Removes the exponent at the front of `text`. One with more digits than fit reads as far larger
// than any Decimal has. False: no digits.
bool read_exponent(std::string_view& text, std::int64_t& exponent) {
  constexpr std::int64_t enough = 4'000'000'000'000'000'000;
  const bool negative = text.starts_with('-');
  skip_sign(text);
  const std::string_view digits = take_digits(text);
  exponent = 0;
  for (const char c : digits)
    exponent = exponent < enough / 10 ? exponent * 10 + (c - '0') : enough;
  if (negative) exponent = -exponent;
  return !digits.empty();
}

// MAX_EMAX and MIN_ETINY of Python's decimal. `digits` counts from the first that is not zero.
bool is_in_range(std::size_t digits, std::int64_t exponent) {
  constexpr std::int64_t largest = 999'999'999'999'999'999, smallest = -1'999'999'999'999'999'997;
  const auto beyond_first = static_cast<std::int64_t>(digits == 0 ? 0 : digits - 1);
  return exponent >= smallest && exponent <= largest - beyond_first;
}

bool is_finite_literal(std::string_view text) {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  std::int64_t exponent = 0;
  if (whole.empty() && fraction.empty()) return false;
  if (skip_word(text, "e") && !read_exponent(text, exponent)) return false;
  if (!text.empty()) return false;
  const auto significant = [](std::string_view digits) {
    return digits.size() - std::min(digits.find_first_not_of('0'), digits.size());
  };
  const std::size_t of_whole = significant(whole);
  return is_in_range(of_whole > 0 ? of_whole + fraction.size() : significant(fraction),
                     exponent - static_cast<std::int64_t>(fraction.size()));
}

}  // namespace

bool is_decimal_literal(std::string_view text) {
  skip_sign(text);
  if (is_finite_literal(text)) return true;
  if (skip_word(text, "nan") || skip_word(text, "snan")) {
    take_digits(text);
    return text.empty();
  }
  return skip_word(text, "inf") && (text.empty() || (skip_word(text, "inity") && text.empty()));
}

}  // namespace djcache::value
