// Reading the Cookie header; see cookie.h.
#include <djcache/cookie.h>

namespace djcache {

namespace {

// The ASCII characters that Python's str.strip() removes.
constexpr std::string_view blanks = " \t\n\v\f\r\x1c\x1d\x1e\x1f";

std::string_view strip(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_octal(char c, char last) { return c >= '0' && c <= last; }

// The code point of a "\ooo", as UTF-8.
void append_octal(std::string& out, std::string_view digits) {
  const int code = (digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0');
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// http.cookies._unquote: a value in double quotes, with \ooo and \x escapes.
std::string unquote(std::string_view value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  value = value.substr(1, value.size() - 2);
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string_view after = value.substr(i + 1);
    if (value[i] != '\\' || after.empty() || after[0] == '\n') {
      out += value[i];
    } else if (after.size() >= 3 && is_octal(after[0], '3') && is_octal(after[1], '7') &&
               is_octal(after[2], '7')) {
      append_octal(out, after);
      i += 3;
    } else {
      out += after[0];
      i += 1;
    }
  }
  return out;
}

// The last cookie of this name, still quoted.
std::optional<std::string_view> find_raw(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  for (bool more = true; more;) {
    const std::size_t end = header.find(';');
    std::string_view chunk = header.substr(0, end);
    more = end != std::string_view::npos;
    if (more) header.remove_prefix(end + 1);
    const std::size_t equals = chunk.find('=');
    // Without "=" the name is empty, as in browsers.
    const bool has_name = equals != std::string_view::npos;
    const std::string_view key = has_name ? strip(chunk.substr(0, equals)) : std::string_view();
    const std::string_view value = strip(has_name ? chunk.substr(equals + 1) : chunk);
    if (key == name && !(key.empty() && value.empty())) found = value;
  }
  return found;
}

}  // namespace

std::optional<std::string> find_cookie(std::string_view header, std::string_view name) {
  const auto raw = find_raw(header, name);
  return raw ? std::optional(unquote(*raw)) : std::nullopt;
}

std::optional<std::string> session_key_from_cookie(std::string_view header,
                                                   const CookieOptions& options) {
  if (header.size() > options.header_max_bytes) return std::nullopt;
  std::optional<std::string> value = find_cookie(header, options.name);
  if (!value || !is_session_key(*value, options.more_key_characters)) return std::nullopt;
  return value;
}

}  // namespace djcache
