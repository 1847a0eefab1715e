// The instructions of the machine that carry data: numbers and texts.
#include <bit>
#include <charconv>
#include <cstring>

#include "codec/pickle_error.h"
#include "codec/pickle_machine.h"
#include "value/number_text.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::string_view too_many_digits = " has more digits than Python converts, 4300";
constexpr std::size_t digits_in_64_bits = 19;  // at most

}  // namespace

bool Machine::take_line(std::string_view& line) {
  const void* const newline = left() > 0 ? std::memchr(at_, '\n', left()) : nullptr;
  if (!newline) return fail_here("a line", " does not end");
  const char* const end = static_cast<const char*>(newline);
  line = {at_, static_cast<std::size_t>(end - at_)};
  at_ = end + 1;
  return true;
}

bool Machine::take_index(std::string_view digits, std::uint64_t& index) {
  const char* const end = digits.data() + digits.size();
  const auto [parsed, code] = std::from_chars(digits.data(), end, index);
  if (!digits.empty() && code == std::errc() && parsed == end) return true;
  return fail_here("a memo entry", " without a number");
}

bool Machine::int_text() {
  std::string_view line;
  if (!take_line(line)) return false;
  // Two characters are protocol 0's form of a bool. Python accepts "-0" as one, too.
  if (line == "00" || line == "01" || line == "-0") {
    return push(Ref::of(Tag::boolean, 0, line == "01"));
  }
  return long_text(line);
}

bool Machine::long_text(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (!value::all_digits(digits)) return fail_here("an int", " is no decimal text");
  if (digits.size() > integer_digits_max) return fail_here("an int", too_many_digits);
  if (digits.find_first_not_of('0') == digits.npos) return push(Ref::of(Tag::integer));
  if (digits[0] == '0') {
    return fail_here("an int", " starts with a zero, which Python takes for octal or refuses");
  }
  std::int64_t number = 0;
  if (digits.size() <= digits_in_64_bits &&
      std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
    return push(Ref::of(Tag::integer, 0, number));
  }
  return push(Ref::of_text(Tag::long_text, text));
}

bool Machine::long_bytes(std::uint64_t size) {
  std::string_view piece;
  if (!take_piece(size, piece)) return false;
  if (size <= sizeof(std::int64_t)) {
    return push(Ref::of(Tag::integer, 0, read_short_long(piece)));
  }
  if (size > long_bytes_max) return fail_here("an int", too_many_digits);
  // Converted once, however often it is memoized. A UUID needs the bytes.
  DecimalText buffer;
  std::string_view digits;
  if (size <= sizeof(Uuid) + 1 || !long_to_decimal(piece, buffer, digits)) {
    return push(Ref::of_text(Tag::long_bytes, piece));
  }
  char* const text = graph_.texts.take(digits.size());
  std::memcpy(text, digits.data(), digits.size());
  return push(Ref::of_text(Tag::long_text, {text, digits.size()}));
}

bool Machine::bin_float() {
  std::uint64_t bits = 0;  // big endian, unlike everything else
  if (!take<8>(bits)) return false;
  std::uint64_t swapped = 0;
  for (int i = 0; i < 8; ++i) swapped |= ((bits >> (8 * i)) & 0xff) << (56 - 8 * i);
  return push(Ref::of_real(std::bit_cast<double>(swapped)));
}

bool Machine::float_text() {
  std::string_view line;
  if (!take_line(line)) return false;
  double number = 0;
  const char* const end = line.data() + line.size();
  const auto [parsed, code] = std::from_chars(line.data(), end, number);
  const bool is_number = code == std::errc() && parsed == end && line.find('(') == line.npos;
  if (!is_number) return fail_here("a float", " is no number in text");
  return push(Ref::of_real(number));
}

bool Machine::unicode_text() {
  std::string_view line;
  if (!take_line(line)) return false;
  std::size_t plain = 0;
  while (plain < line.size() && line[plain] != '\\' && !(line[plain] & 0x80)) ++plain;
  if (plain == line.size()) return push(Ref::of_text(Tag::string, line));
  char* const text = graph_.texts.take(2 * line.size());
  std::size_t size = 0;
  const std::size_t bad = read_raw_unicode_escape(line, text, size);
  if (bad != npos) {
    op_ = line.data() + bad;
    return fail_here("an escape", " is none, or stands for a lone surrogate");
  }
  graph_.texts.give_back(2 * line.size() - size);
  return push(Ref::of_text(Tag::string, {text, size}));
}

// A str of Python 2: text in Python 3 as long as it is ASCII.
bool Machine::push_ascii(std::string_view text) {
  if (is_ascii(text)) return push(Ref::of_text(Tag::string, text));
  return fail_here("a str of Python 2", " is not ASCII: text and bytes cannot be told apart");
}

// In quotes, as Python 2 prints it.
bool Machine::quoted_string() {
  std::string_view line;
  if (!take_line(line)) return false;
  const char quote = line.empty() ? '\0' : line[0];
  if (line.size() < 2 || (quote != '\'' && quote != '"') || line.back() != quote) {
    return fail_here("a str of Python 2", " is not between quotes");
  }
  line = line.substr(1, line.size() - 2);
  if (line.find('\\') == line.npos) return push_ascii(line);
  char* const text = graph_.texts.take(line.size());
  std::size_t size = 0;
  if (!read_string_escape(line, text, size)) {
    return fail_here("a str of Python 2", " has an escape that is none");
  }
  graph_.texts.give_back(line.size() - size);
  return push_ascii({text, size});
}

bool Machine::fail_utf8(std::string_view text, std::size_t bad) {
  op_ = text.data() + bad;
  // Python's form of U+D800 to U+DFFF.
  const bool surrogate = bad + 1 < text.size() && text[bad] == '\xed' && (text[bad + 1] & 0x20);
  return fail_here("a str", surrogate ? " holds a lone surrogate" : " is not UTF-8");
}

}  // namespace djcache::codec::pickle
