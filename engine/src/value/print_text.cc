#include "value/print_text.h"

#include <charconv>
#include <cmath>

#include "value/utf8.h"

namespace djcache::value {
namespace {

void print_hex(std::string& out, std::uint32_t number, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[(number >> shift) & 0xf];
  }
}

// Like Python: double quotes only if that avoids escaping.
char quote_for(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  return single && text.find('"') == std::string_view::npos ? '"' : '\'';
}

void print_ascii(std::string& out, char c, char quote) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c == quote || c == '\\') {
    out += '\\';
    out += c;
  } else if (c < 0x20 || c == 0x7f) {
    out += "\\x";
    print_hex(out, static_cast<unsigned char>(c), 2);
  } else {
    out += c;
  }
}

struct Range {
  char32_t first, last;
};

// What str.isprintable() calls unprintable beyond ASCII: controls, format characters, spaces other
// than ' ', private use, noncharacters. Unassigned code points count as printable, because which
// these are changes with every Unicode version.
constexpr Range unprintable[] = {
    {0x80, 0xa0},       {0xad, 0xad},        {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},     {0x70f, 0x70f},      {0x890, 0x891},     {0x8e2, 0x8e2},
    {0x1680, 0x1680},   {0x180e, 0x180e},    {0x2000, 0x200f},   {0x2028, 0x202f},
    {0x205f, 0x206f},   {0x3000, 0x3000},    {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},
    {0xfeff, 0xfeff},   {0xfff0, 0xfffb},    {0xfffe, 0xffff},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0xe00ff}, {0xe01f0, 0x10ffff},
};

bool is_printable(char32_t code_point) {
  for (const Range& range : unprintable) {
    if (code_point <= range.last) return code_point < range.first;
  }
  return true;
}

void print_escaped(std::string& out, char32_t code_point) {
  if (code_point <= 0xff) {
    out += "\\x";
    print_hex(out, code_point, 2);
  } else if (code_point <= 0xffff) {
    out += "\\u";
    print_hex(out, code_point, 4);
  } else {
    out += "\\U";
    print_hex(out, code_point, 8);
  }
}

// Prints the character at the front of `text` and returns its size in bytes.
std::size_t print_character(std::string& out, std::string_view text, char quote) {
  char32_t code_point = 0;
  const std::size_t size = utf8_next(text, code_point);
  if (size == 0) {
    // Like Python's surrogateescape, for a byte that is not UTF-8.
    print_escaped(out, 0xdc00u + static_cast<unsigned char>(text[0]));
    return 1;
  }
  if (size == 1) {
    print_ascii(out, text[0], quote);
  } else if (is_printable(code_point)) {
    out.append(text.substr(0, size));
  } else {
    print_escaped(out, code_point);
  }
  return size;
}

void print_numbers(std::string& out, std::initializer_list<std::int64_t> numbers) {
  const char* separator = "";
  for (const std::int64_t number : numbers) {
    out += separator;
    print_integer(out, number);
    separator = ", ";
  }
}

// timedelta(...) of a duration that may be negative, in Python's normal form.
TimeDelta delta_of(std::int64_t microseconds) {
  constexpr std::int64_t second = 1'000'000, day = 86'400 * second;
  std::int64_t days = microseconds / day;
  if (microseconds % day < 0) --days;
  const std::int64_t rest = microseconds - days * day;
  return {static_cast<std::int32_t>(days), static_cast<std::int32_t>(rest / second),
          static_cast<std::int32_t>(rest % second)};
}

void print_zone(std::string& out, const TimeZone& zone) {
  if (!zone.name.empty()) {
    out += "zoneinfo.ZoneInfo(key=";
    print_string(out, zone.name, out.size() + zone.name.size() * 4);
    out += ')';
  } else if (*zone.offset_us == 0) {
    out += "datetime.timezone.utc";
  } else {
    out += "datetime.timezone(";
    print_timedelta(out, delta_of(*zone.offset_us));
    out += ')';
  }
}

// Prints hour and minute always, smaller units if they are not zero, then fold and zone.
void print_clock(std::string& out, const Time& time) {
  print_numbers(out, {time.hour, time.minute});
  if (time.second || time.microsecond) out += ", ", print_integer(out, time.second);
  if (time.microsecond) out += ", ", print_integer(out, time.microsecond);
  if (time.fold) out += ", fold=1";
  if (time.zone.offset_us || !time.zone.name.empty()) {
    out += ", tzinfo=";
    print_zone(out, time.zone);
  }
}

}  // namespace

void print_string(std::string& out, std::string_view text, std::size_t max_size) {
  const char quote = quote_for(text);
  out += quote;
  while (!text.empty() && out.size() <= max_size) {
    text.remove_prefix(print_character(out, text, quote));
  }
  out += quote;
}

void print_bytes(std::string& out, std::string_view data, std::size_t max_size) {
  const char quote = quote_for(data);
  out += 'b';
  out += quote;
  for (std::size_t i = 0; i < data.size() && out.size() <= max_size; ++i) {
    if (data[i] & 0x80) {
      out += "\\x";
      print_hex(out, static_cast<unsigned char>(data[i]), 2);
    } else {
      print_ascii(out, data[i], quote);
    }
  }
  out += quote;
}

void print_integer(std::string& out, std::int64_t number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

void print_real(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "nan";
    return;
  }
  if (std::isinf(number)) {
    out += number < 0 ? "-inf" : "inf";
    return;
  }
  // Python and to_chars produce the same digits, but choose the exponent form by different rules.
  const double size = std::abs(number);
  const bool fixed = number == 0 || (size >= 1e-4 && size < 1e16);
  char text[40];
  const char* end = std::to_chars(text, text + sizeof text, number,
                                  fixed ? std::chars_format::fixed : std::chars_format::scientific)
                        .ptr;
  const std::string_view digits(text, static_cast<std::size_t>(end - text));
  out += digits;
  if (fixed && digits.find('.') == std::string_view::npos) out += ".0";
}

void print_date(std::string& out, const Date& date) {
  out += "datetime.date(";
  print_numbers(out, {date.year, date.month, date.day});
  out += ')';
}

void print_time(std::string& out, const Time& time) {
  out += "datetime.time(";
  print_clock(out, time);
  out += ')';
}

void print_datetime(std::string& out, const DateTime& datetime) {
  out += "datetime.datetime(";
  print_numbers(out, {datetime.date.year, datetime.date.month, datetime.date.day});
  out += ", ";
  print_clock(out, datetime.time);
  out += ')';
}

void print_timedelta(std::string& out, const TimeDelta& delta) {
  out += "datetime.timedelta(";
  const char* separator = "";
  const auto part = [&](const char* name, std::int32_t number) {
    if (number == 0) return;
    out.append(separator).append(name);
    print_integer(out, number);
    separator = ", ";
  };
  part("days=", delta.days);
  part("seconds=", delta.seconds);
  part("microseconds=", delta.microseconds);
  out += *separator ? ")" : "0)";
}

void print_uuid(std::string& out, const Uuid& uuid) {
  out += "UUID('";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    print_hex(out, uuid.bytes[i], 2);
  }
  out += "')";
}

}  // namespace djcache::value
