// Bytes to text and back, for wire scripts and for messages about mismatches.
//
// Escapes: \r \n \t \0 \s (a space) \\ and \xNN (any byte, two hexadecimal digits). Every other
// byte is literal, so `+OK\r\n` is five bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace djcache::harness {

// Printable ASCII is kept, the rest is escaped; unescape(escape(x)) == x.
std::string escape(std::string_view bytes);

struct Unescaped {
  std::string bytes;
  std::string problem;  // empty, or the invalid escape
};
Unescaped unescape(std::string_view text);

// The RESP array of bulk strings that a client sends for these words.
std::string encode_command(const std::vector<std::string>& words);

}  // namespace djcache::harness
