// Texts from elsewhere, made fit for one line of a log: without control characters, and bounded.
//
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace djcache::text {

// Python's repr of a str, with Python's choice of quotes and escapes. Bytes that are not UTF-8
// appear as \xNN. Of unassigned code points, only noncharacters and the large gaps between planes
// are escaped; which others Python escapes depends on its version. After `max` bytes the rest is
// cut with "...".
std::string python_repr(std::string_view text, std::size_t max = std::string::npos);

// The same escapes without quotes, appended until `out` has `max` bytes; "..." stands for the rest.
void append_escaped(std::string& out, std::string_view text, std::size_t max);

// "Key ':1:visits'", as errors begin: a repr that is cut with "..." after `key_max` bytes.
inline constexpr std::size_t key_max = 256;
std::string named_key(std::string_view made_key);

}  // namespace djcache::text
