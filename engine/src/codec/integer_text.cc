#include "codec/integer_text.h"

#include <charconv>

#include "value/number_text.h"

namespace djcache::codec {
namespace {

using value::is_digit;

constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Anything INCR writes and nearly all others: at most 18 digits, which cannot overflow.
bool read_short(std::string_view bytes, std::int64_t& number) {
  const bool negative = bytes[0] == '-';
  if (negative) bytes.remove_prefix(1);
  if (bytes.empty() || bytes.size() > 18) return false;
  number = 0;
  for (const char c : bytes) {
    if (!is_digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  if (negative) number = -number;
  return true;
}

// Copies the digits without underscores. False: not an integer, or too many digits.
bool collect_digits(std::string_view text, std::string& digits) {
  bool after_digit = false;
  for (const char c : text) {
    if (is_digit(c)) {
      if (digits.size() == integer_digits_max + 1) return false;  // one is the sign
      digits += c;
    } else if (c != '_' || !after_digit) {
      return false;
    }
    after_digit = c != '_';
  }
  return after_digit;
}

bool read_any(std::string_view bytes, Value& out) {
  std::string_view text = trim(bytes);
  if (text.empty()) return false;
  std::string digits(text.front() == '-' ? "-" : "+");
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  if (!collect_digits(text, digits)) return false;
  auto number = Value::integer(std::string_view(digits).substr(digits[0] == '+' ? 1 : 0));
  if (!number) return false;
  out = std::move(*number);
  return true;
}

}  // namespace

bool read_integer(std::string_view bytes, Value& out) {
  // Every accepted character is ASCII below ':' or '_', and '_' cannot come first.
  if (bytes.empty() || static_cast<unsigned char>(bytes[0]) > '9') return false;
  std::int64_t number = 0;
  if (!read_short(bytes, number)) return read_any(bytes, out);
  out = number;
  return true;
}

bool check_digits(const Value& big_integer, Error& error) {
  const std::string_view text = big_integer.text();
  const std::size_t digits = text.size() - (text.starts_with('-') ? 1 : 0);
  if (digits <= integer_digits_max) return true;
  error = {Errc::encode_failed, "an integer of " + std::to_string(digits) +
                                    " digits: Python reads at most " +
                                    std::to_string(integer_digits_max)};
  return false;
}

bool write_integer(const Value& value, Scratch& scratch, Encoded& out, Error& error) {
  if (const auto number = value.as_int()) {
    const char* end = std::to_chars(scratch.head, scratch.head + sizeof scratch.head, *number).ptr;
    out = {{scratch.head, static_cast<std::size_t>(end - scratch.head)}, {}};
    return true;
  }
  if (!check_digits(value, error)) return false;
  out = {{}, value.text()};
  return true;
}

}  // namespace djcache::codec
