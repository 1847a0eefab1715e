#include "text/python_repr.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "value/utf8.h"

namespace djcache::text {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// What str.isprintable() rejects: Unicode's categories Cc, Cf, Cs, Co, Zl, Zp, and Zs without the
// space; and of Cn (unassigned) the noncharacters of plane 0 and the gaps that no version fills.
constexpr std::array<Range, 29> unprintable = {{
    {0x0, 0x1f},        {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
    {0x8e2, 0x8e2},     {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},
    {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},
    {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
    {0x1d173, 0x1d17a}, {0x2fffe, 0x2ffff}, {0x3fffe, 0xe00ff}, {0xe01f0, 0x10ffff},
    {0x1fffe, 0x1ffff},
}};

bool is_printable(char32_t code) {
  if (code >= ' ' && code < 0x7f) return true;
  return std::none_of(unprintable.begin(), unprintable.end(),
                      [code](Range range) { return code >= range.first && code <= range.last; });
}

void append_hex(std::string& text, char kind, int digits, char32_t code) {
  char escape[16];
  std::snprintf(escape, sizeof escape, "\\%c%0*lx", kind, digits, static_cast<unsigned long>(code));
  text += escape;
}

void append_escape(std::string& text, char32_t code) {
  if (code == '\n') {
    text += "\\n";
  } else if (code == '\r') {
    text += "\\r";
  } else if (code == '\t') {
    text += "\\t";
  } else if (code <= 0xff) {
    append_hex(text, 'x', 2, code);
  } else if (code <= 0xffff) {
    append_hex(text, 'u', 4, code);
  } else {
    append_hex(text, 'U', 8, code);
  }
}

// A lone surrogate encoded as if UTF-8 allowed it: Python's surrogatepass. 0 if there is none.
char32_t surrogate_at(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const bool is_one = text.size() >= 3 && byte(0) == 0xed && byte(1) >= 0xa0 && byte(1) <= 0xbf &&
                      (byte(2) & 0xc0) == 0x80;
  return is_one ? 0xd000u | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu) : 0;
}

// Appends the character at the front of `text` and returns its size in bytes. A NUL means no quote.
std::size_t append_front(std::string& repr, std::string_view text, char quote) {
  char32_t code;
  const std::size_t size = value::utf8_next(text, code);
  if (size == 0) {
    const char32_t surrogate = surrogate_at(text);
    append_escape(repr, surrogate ? surrogate : static_cast<unsigned char>(text.front()));
    return surrogate ? 3 : 1;
  }
  const bool quoted = quote != '\0' && code == static_cast<unsigned char>(quote);
  if (code == '\\' || quoted) repr += '\\';
  if (is_printable(code)) {
    repr.append(text.substr(0, size));
  } else {
    append_escape(repr, code);
  }
  return size;
}

// Like Python: double quotes only if that avoids escaping.
char quote_for(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  return has_single && !has_double ? '"' : '\'';
}

// Returns the part of `text` that does not fit into `max` bytes of `out`.
std::string_view append_some(std::string& out, std::string_view text, char quote, std::size_t max) {
  const std::size_t end = max < out.max_size() - out.size() ? out.size() + max : out.max_size();
  while (!text.empty() && out.size() < end) text.remove_prefix(append_front(out, text, quote));
  return text;
}

}  // namespace

std::string python_repr(std::string_view text, std::size_t max) {
  const char quote = quote_for(text);
  std::string repr(1, quote);
  const bool cut = !append_some(repr, text, quote, max).empty();
  repr += quote;
  return cut ? repr += "..." : repr;
}

void append_escaped(std::string& out, std::string_view text, std::size_t max) {
  if (!append_some(out, text, '\0', max).empty()) out += "...";
}

std::string named_key(std::string_view made_key) { return "Key " + python_repr(made_key, key_max); }

}  // namespace djcache::text
