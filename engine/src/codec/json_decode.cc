// JsonCodec::decode: reads exactly what Python's json.loads(bytes.decode()) reads. One pass, no
// tree besides the value, bounded depth and size.
#include <charconv>
#include <limits>

#include "codec/integer_text.h"
#include "codec/json.h"
#include "codec/limits.h"
#include "value/number_text.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace {

using value::is_digit;

// What strtod returns for a number that from_chars calls out of range: infinity or zero. This
// depends on the position of the first digit that is not 0, moved by the exponent.
double overflowed(std::string_view token) {
  const bool negative = token.front() == '-';
  const std::size_t mark = std::min(token.find_first_of("eE"), token.size());
  const std::string_view digits = token.substr(negative ? 1 : 0, mark - (negative ? 1 : 0));
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = std::min(digits.find_first_not_of("0."), digits.size());
  std::string_view exponent = token.substr(std::min(mark + 1, token.size()));
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t power = 0;
  const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  bool huge = false;
  if (read.ec == std::errc::result_out_of_range) {
    huge = exponent.front() != '-';
  } else {
    // Positions are below 2^32, so they cannot outweigh a huge or tiny exponent.
    constexpr std::int64_t far = std::int64_t{1} << 40;
    power = std::max(-far, std::min(far, power));
    huge = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + power > 0;
  }
  const double size = huge ? std::numeric_limits<double>::infinity() : 0.0;
  return negative ? -size : size;
}

double read_real(std::string_view token) {
  double number = 0;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), number);
  return read.ec == std::errc::result_out_of_range ? overflowed(token) : number;
}

class Decoder {
 public:
  Decoder(std::string_view bytes, const Limits& limits, Error& error)
      : bytes_(bytes), limits_(limits), elements_left_(limits), error_(error) {}

  bool decode_all(Value& out) {
    if (const std::size_t bad = value::utf8_error(bytes_); bad < bytes_.size()) {
      return fail_at("not UTF-8", bad);
    }
    if (!decode(out, 0)) return false;
    skip_blanks();
    return at_ == bytes_.size() || fail_at("bytes left over after the value", at_);
  }

 private:
  [[gnu::cold]] bool fail(std::string reason) {
    error_ = {Errc::decode_failed, "json: " + std::move(reason)};
    return false;
  }
  [[gnu::cold]] bool fail_at(std::string_view what, std::size_t position) {
    return fail(std::string(what) + " at byte " + std::to_string(position));
  }

  char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }
  bool skip(char wanted) {
    if (at_ == bytes_.size() || bytes_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool skip_word(std::string_view word) {
    if (!bytes_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool decode(Value& out, std::size_t depth) {
    skip_blanks();
    switch (peek()) {
      case '"':
        return decode_string(out);
      case '[':
        return decode_list(out, depth + 1);
      case '{':
        return decode_dict(out, depth + 1);
      default:
        break;
    }
    if (is_digit(peek()) || (peek() == '-' && !bytes_.substr(at_).starts_with("-I"))) {
      return decode_number(out);
    }
    return decode_word(out);
  }

  bool decode_word(Value& out) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (skip_word("null")) return out = Value(), true;
    if (skip_word("true")) return out = true, true;
    if (skip_word("false")) return out = false, true;
    if (skip_word("NaN")) return out = std::numeric_limits<double>::quiet_NaN(), true;
    if (skip_word("Infinity")) return out = infinity, true;
    if (skip_word("-Infinity")) return out = -infinity, true;
    return fail_at(at_ == bytes_.size() ? "ends where a value is expected" : "no value starts",
                   at_);
  }

  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  bool decode_number(Value& out) {
    const std::size_t start = at_;
    skip('-');
    if (!is_digit(peek())) return fail_at("a '-' without digits", start);
    if (!skip('0')) skip_digits();
    const std::size_t end = at_;
    if (skip('.')) {
      if (!is_digit(peek())) return fail_at("no digit after the point", at_);
      skip_digits();
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) skip('-');
      if (!is_digit(peek())) return fail_at("an exponent without digits", at_);
      skip_digits();
    }
    const std::string_view token = bytes_.substr(start, at_ - start);
    if (at_ != end) return out = read_real(token), true;
    return decode_integer(token, start, out);
  }

  bool decode_integer(std::string_view token, std::size_t start, Value& out) {
    const std::size_t digits = token.size() - (token.front() == '-' ? 1 : 0);
    if (digits > integer_digits_max) {
      return fail_at("an integer of " + std::to_string(digits) + " digits, of which Python reads " +
                         std::to_string(integer_digits_max),
                     start);
    }
    auto number = Value::integer(token);
    if (!number) return fail_at("no integer", start);
    out = std::move(*number);
    return true;
  }

  bool decode_string(Value& out) {
    const std::size_t start = ++at_;
    while (at_ < bytes_.size() && bytes_[at_] != '"' && bytes_[at_] != '\\' &&
           static_cast<unsigned char>(bytes_[at_]) >= 0x20) {
      ++at_;
    }
    const std::string_view plain = bytes_.substr(start, at_ - start);
    if (skip('"')) return out = Value(plain), true;
    std::string text(plain);
    if (!decode_escapes(text, start - 1)) return false;
    out = Value(std::move(text));
    return true;
  }

  bool decode_escapes(std::string& text, std::size_t start) {
    while (at_ < bytes_.size()) {
      const char c = bytes_[at_];
      if (skip('"')) return true;
      if (static_cast<unsigned char>(c) < 0x20) {
        return fail_at("a control character in a string", at_);
      }
      if (c == '\\') {
        if (!decode_escape(text)) return false;
      } else {
        text += c;
        ++at_;
      }
    }
    return fail_at("unterminated string", start);
  }

  bool decode_escape(std::string& text) {
    const std::size_t start = at_++;
    constexpr std::string_view names = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (at_ < bytes_.size()) {
      const std::size_t which = names.find(bytes_[at_]);
      if (which != std::string_view::npos) {
        text += meanings[which];
        ++at_;
        return true;
      }
    }
    char32_t code = 0, low = 0;
    if (!read_unit(code)) return fail_at("an escape that is not valid", start);
    if (code >= 0xd800 && code <= 0xdbff && read_low(low)) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    // Python reads these, but a str with them cannot be UTF-8.
    if (code >= 0xd800 && code <= 0xdfff) return fail_at("a lone surrogate", start);
    append_utf8(text, code);
    return true;
  }

  bool read_low(char32_t& low) {
    const std::size_t before = at_;
    if (skip('\\') && read_unit(low) && low >= 0xdc00 && low <= 0xdfff) return true;
    at_ = before;
    return false;
  }

  // "u" and four hexadecimal digits.
  bool read_unit(char32_t& unit) {
    if (!skip('u') || bytes_.size() - at_ < 4) return false;
    std::uint32_t number = 0;
    const char* const from = bytes_.data() + at_;
    const auto read = std::from_chars(from, from + 4, number, 16);
    if (read.ec != std::errc() || read.ptr != from + 4) return false;
    unit = number;
    at_ += 4;
    return true;
  }

  static void append_utf8(std::string& text, char32_t code) {
    const auto tail = [&](int shift) {
      text += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
    };
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      text += static_cast<char>(0xe0 | (code >> 12));
      tail(6), tail(0);
    } else {
      text += static_cast<char>(0xf0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  bool enter(std::size_t depth) {
    if (depth <= limits_.max_depth) return true;
    return fail_at("nested deeper than " + std::to_string(limits_.max_depth) + " levels", at_);
  }
  // Checked before the items are created.
  bool may_hold(std::size_t count) {
    return elements_left_.take(count) ||
           fail("an item at byte " + std::to_string(at_) + over_elements(limits_));
  }
  // After an item: whether another one follows (`more`), or the container ends.
  bool next(char end, bool& more) {
    skip_blanks();
    more = skip(',');
    return more || skip(end) || fail_at(std::string("neither ',' nor '") + end + "'", at_);
  }

  // Doubling needs three times the memory of the existing items. Large containers grow more slowly.
  template <class Items>
  static void make_room(Items& items) {
    constexpr std::size_t many = 4096;
    const std::size_t size = items.size();
    if (size == items.capacity() && size >= many) items.reserve(size + size / 8);
  }

  bool decode_list(Value& out, std::size_t depth) {
    if (!enter(depth)) return false;
    ++at_;
    Value::List items;
    skip_blanks();
    bool more = !skip(']');
    while (more) {
      if (!may_hold(1)) return false;
      make_room(items);
      if (!decode(items.emplace_back(), depth) || !next(']', more)) return false;
    }
    out = Value::list(std::move(items));
    return true;
  }

  bool decode_dict(Value& out, std::size_t depth) {
    if (!enter(depth)) return false;
    ++at_;
    Value::Items items;
    skip_blanks();
    bool more = !skip('}');
    while (more) {
      if (!may_hold(2)) return false;
      make_room(items);
      auto& [key, value] = items.emplace_back();
      skip_blanks();
      if (peek() != '"') return fail_at("no key, which is a string, starts", at_);
      if (!decode_string(key)) return false;
      skip_blanks();
      if (!skip(':')) return fail_at("no ':' after a key", at_);
      if (!decode(value, depth) || !next('}', more)) return false;
    }
    out = Value::dict(std::move(items));
    return true;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  const Limits& limits_;
  ElementsLeft elements_left_;
  Error& error_;
};

}  // namespace

bool JsonCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (read_integer(bytes, out)) return true;
  Value read;
  if (!Decoder(bytes, limits_, error).decode_all(read)) return false;
  out = std::move(read);
  return true;
}

}  // namespace djcache::codec
