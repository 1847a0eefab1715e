// JsonCodec::encode: exactly the bytes of Python's json.dumps(value, cls=DjangoJSONEncoder):
// separators ", " and ": ", everything beyond ASCII escaped.
#include <cmath>

#include "codec/integer_text.h"
#include "codec/json.h"
#include "codec/json_text.h"
#include "codec/limits.h"
#include "value/print_text.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace {

// The bytes that ensure_ascii leaves unchanged.
constexpr bool is_plain(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void append_u_escape(std::string& out, char32_t unit) {
  constexpr const char* digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(unit >> shift) & 0xf];
}

void append_escaped(std::string& out, char32_t code_point) {
  switch (code_point) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\b':
      out += "\\b";
      return;
    default:
      break;
  }
  if (code_point >= 0x10000) {
    append_u_escape(out, 0xd800 + ((code_point - 0x10000) >> 10));
    code_point = 0xdc00 + ((code_point - 0x10000) & 0x3ff);
  }
  append_u_escape(out, code_point);
}

class Encoder {
 public:
  Encoder(std::string& body, const Limits& limits, Error& error)
      : body_(body), limits_(limits), elements_left_(limits), error_(error) {}

  bool encode(const Value& value, std::size_t depth) {
    switch (value.kind()) {
      case Kind::nil:
        return put("null");
      case Kind::boolean:
        return put(*value.as_bool() ? "true" : "false");
      case Kind::integer:
      case Kind::big_integer:
        return encode_integer(value);
      case Kind::real:
        return encode_real(*value.as_double());
      case Kind::string:
        return encode_string(value.text());
      case Kind::list:
      case Kind::tuple:
        return encode_list(*value.as_sequence(), depth + 1);
      case Kind::dict:
        return encode_dict(*value.as_dict(), depth + 1);
      case Kind::datetime:
        return encode_text(*value.as_datetime());
      case Kind::date:
        return encode_text(*value.as_date());
      case Kind::time:
        return encode_text(*value.as_time());
      case Kind::timedelta:
        return encode_text(*value.as_timedelta());
      case Kind::decimal:
        return put("\"") && put(value.text()) && put("\"");
      case Kind::uuid:
        body_ += '"';
        append_json_text(body_, *value.as_uuid());
        return put("\"");
      case Kind::opaque:
        return fail("an object of " + std::string(value.opaque_class()) +
                    " is written by the serializer pickle alone");
      case Kind::bytes:
      case Kind::set:
      case Kind::frozenset:
        break;
    }
    return fail("Object of type " + std::string(to_string(value.kind())) +
                " is not JSON serializable");
  }

 private:
  bool fail(std::string reason) {
    error_ = {Errc::encode_failed, "json: " + std::move(reason)};
    return false;
  }
  bool check_body() {
    if (body_.size() <= limits_.max_bytes) return true;
    error_ = {Errc::value_too_large,
              "a value over the limit of " + std::to_string(limits_.max_bytes) + " bytes"};
    return false;
  }
  bool put(std::string_view text) {
    if (text.size() <= limits_.max_bytes) body_ += text;
    return text.size() <= limits_.max_bytes ? check_body()
                                            : fail_size(text.size(), limits_, error_);
  }
  bool enter(std::size_t depth, std::size_t count) {
    if (depth <= limits_.max_depth) {
      return elements_left_.take(count) || fail_elements(limits_, error_);
    }
    return fail("nested deeper than " + std::to_string(limits_.max_depth) + " levels");
  }

  bool encode_integer(const Value& value) {
    if (const auto number = value.as_int()) {
      value::print_integer(body_, *number);
      return check_body();
    }
    return check_digits(value, error_) && put(value.text());
  }

  bool encode_real(double number) {
    if (std::isnan(number)) return put("NaN");
    if (std::isinf(number)) return put(number < 0 ? "-Infinity" : "Infinity");
    value::print_real(body_, number);
    return check_body();
  }

  bool encode_string(std::string_view text) {
    if (!put("\"")) return false;
    std::size_t at = 0;
    while (at < text.size()) {
      std::size_t end = at;
      while (end < text.size() && is_plain(text[end])) ++end;
      if (!put(text.substr(at, end - at))) return false;
      if ((at = end) == text.size()) break;
      char32_t code_point = 0;
      const std::size_t size = value::utf8_next(text.substr(at), code_point);
      if (size == 0) {
        return fail("a str that is not UTF-8 at its byte " + std::to_string(at) +
                    ", and JSON has no bytes");
      }
      append_escaped(body_, code_point);
      at += size;
    }
    return put("\"");
  }

  template <class T>
  bool encode_text(const T& thing) {
    std::string reason;
    body_ += '"';
    return append_json_text(body_, thing, reason) ? put("\"") : fail(std::move(reason));
  }

  bool encode_list(const Value::List& items, std::size_t depth) {
    if (!enter(depth, items.size()) || !put("[")) return false;
    bool first = true;
    for (const Value& item : items) {
      if (!first && !put(", ")) return false;
      if (!encode(item, depth)) return false;
      first = false;
    }
    return put("]");
  }

  bool encode_dict(const Value::Items& items, std::size_t depth) {
    if (!enter(depth, 2 * items.size()) || !put("{")) return false;
    bool first = true;
    for (const auto& [key, value] : items) {
      if (!first && !put(", ")) return false;
      if (!encode_key(key) || !put(": ") || !encode(value, depth)) return false;
      first = false;
    }
    return put("}");
  }

  // Python converts keys of these kinds to strings, and refuses others.
  bool encode_key(const Value& key) {
    switch (key.kind()) {
      case Kind::string:
        return encode_string(key.text());
      case Kind::nil:
      case Kind::boolean:
      case Kind::integer:
      case Kind::big_integer:
      case Kind::real:
        return put("\"") && encode(key, 0) && put("\"");
      default:
        return fail("keys must be str, int, float, bool or None, not " +
                    std::string(to_string(key.kind())));
    }
  }

  std::string& body_;
  const Limits& limits_;
  ElementsLeft elements_left_;
  Error& error_;
};

}  // namespace

bool JsonCodec::encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const {
  if (value.is(Kind::integer) || value.is(Kind::big_integer)) {
    return write_integer(value, scratch, out, error) && check_size(out.size(), limits_, error);
  }
  restart(scratch.body);
  if (!Encoder(scratch.body, limits_, error).encode(value, 0)) return false;
  out = {{}, scratch.body};
  return check_size(out.size(), limits_, error);
}

}  // namespace djcache::codec
