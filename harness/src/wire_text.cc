#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

constexpr char digits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte of a one-letter escape, or -1.
int plain_escape(char letter) {
  switch (letter) {
    case 'r':
      return '\r';
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '0':
      return '\0';
    case 's':
      return ' ';
    case '\\':
      return '\\';
    default:
      return -1;
  }
}

}  // namespace

std::string escape(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c >= ' ' && c < '\x7f') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

Unescaped unescape(std::string_view text) {
  Unescaped out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.bytes += text[i];
      continue;
    }
    const char letter = ++i < text.size() ? text[i] : '\0';
    if (const int byte = plain_escape(letter); byte >= 0) {
      out.bytes += static_cast<char>(byte);
      continue;
    }
    const int high = letter == 'x' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      out.problem = "not an escape: '" + std::string(text.substr(i - 1, 4)) + "'";
      return out;
    }
    out.bytes += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string encode_command(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto& word : words) {
    out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return out;
}

}  // namespace djcache::harness
