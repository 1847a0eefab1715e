#include "value/number_text.h"

namespace djcache::value {
namespace {

// Removes `word` (lower case) from the front of `text`, whatever the case there.
bool skip_word(std::string_view& text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c) != word[i]) return false;
  }
  text.remove_prefix(word.size());
  return true;
}

std::size_t skip_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count;
}

bool skip_sign(std::string_view& text) {
  if (!text.starts_with('-') && !text.starts_with('+')) return false;
  text.remove_prefix(1);
  return true;
}

bool is_finite_literal(std::string_view text) {
  std::size_t digits = skip_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip_digits(text);
  }
  if (digits == 0) return false;
  if (skip_word(text, "e")) {
    skip_sign(text);
    if (skip_digits(text) == 0) return false;
  }
  return text.empty();
}

}  // namespace

bool is_decimal_literal(std::string_view text) {
  skip_sign(text);
  if (is_finite_literal(text)) return true;
  if (skip_word(text, "nan") || skip_word(text, "snan")) {
    skip_digits(text);
    return text.empty();
  }
  return skip_word(text, "inf") && (text.empty() || (skip_word(text, "inity") && text.empty()));
}

}  // namespace djcache::value
