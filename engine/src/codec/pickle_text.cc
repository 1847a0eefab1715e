#include "codec/pickle_text.h"

#include <algorithm>

#include "value/utf8.h"

namespace djcache::codec::pickle {
namespace {

char* put_utf8(char* out, char32_t code) {
  if (code < 0x80) {
    *out++ = static_cast<char>(code);
    return out;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
  *out++ = static_cast<char>(leads[more] | (code >> (6 * more)));
  while (more-- > 0) *out++ = static_cast<char>(0x80 | ((code >> (6 * more)) & 0x3f));
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Exactly `count` hex digits at the front. False: fewer, or no such character.
bool read_escape(std::string_view digits, std::size_t count, char32_t& code) {
  if (digits.size() < count) return false;
  code = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const int digit = hex_digit(digits[i]);
    if (digit < 0) return false;
    code = (code << 4) | static_cast<char32_t>(digit);
  }
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

}  // namespace

std::size_t read_raw_unicode_escape(std::string_view text, char* out, std::size_t& written) {
  const char* const begin = out;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const char kind = c == '\\' && at + 1 < text.size() ? text[at + 1] : '\0';
    if (kind == 'u' || kind == 'U') {
      const std::size_t digits = kind == 'u' ? 4 : 8;
      char32_t code = 0;
      if (!read_escape(text.substr(at + 2), digits, code)) return at;
      out = put_utf8(out, code);
      at += 2 + digits;
    } else if (kind != '\0') {
      // Python takes a backslash and the following character together, so that the second of two
      // escapes nothing.
      out = put_utf8(out, '\\');
      out = put_utf8(out, static_cast<unsigned char>(kind));
      at += 2;
    } else {
      out = put_utf8(out, static_cast<unsigned char>(c));
      ++at;
    }
  }
  written = static_cast<std::size_t>(out - begin);
  return npos;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

namespace {

// Removes up to three octal digits from the front of `text`. REQUIRES: there is one.
char read_octal(std::string_view& text) {
  unsigned code = 0;
  for (int i = 0; i < 3 && !text.empty() && text[0] >= '0' && text[0] <= '7'; ++i) {
    code = code * 8 + static_cast<unsigned>(text[0] - '0');
    text.remove_prefix(1);
  }
  return static_cast<char>(code);
}

// Removes the escape after a backslash from the front of `text`. False: unknown escape.
bool read_one_escape(std::string_view& text, char*& out) {
  constexpr std::string_view letters = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
  if (text.empty()) return false;
  if (text[0] >= '0' && text[0] <= '7') return *out++ = read_octal(text), true;
  const char letter = text[0];
  text.remove_prefix(1);
  if (letter == 'x') {
    char32_t code = 0;
    if (!read_escape(text, 2, code)) return false;
    text.remove_prefix(2);
    *out++ = static_cast<char>(code);
    return true;
  }
  const std::size_t known = letters.find(letter);
  if (known == letters.npos) *out++ = '\\';  // an unknown escape is kept
  *out++ = known == letters.npos ? letter : meanings[known];
  return true;
}

}  // namespace

bool read_string_escape(std::string_view text, char* out, std::size_t& written) {
  const char* const begin = out;
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c != '\\') {
      *out++ = c;
    } else if (!read_one_escape(text, out)) {
      return false;
    }
  }
  written = static_cast<std::size_t>(out - begin);
  return true;
}

bool utf8_to_latin1(std::string_view text, char* out, std::size_t& written) {
  const char* const begin = out;
  while (!text.empty()) {
    char32_t code = 0;
    text.remove_prefix(value::utf8_next(text, code));
    if (code > 0xff) return false;
    *out++ = static_cast<char>(code);
  }
  written = static_cast<std::size_t>(out - begin);
  return true;
}

}  // namespace djcache::codec::pickle
