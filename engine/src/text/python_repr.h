// Text that others wrote, made fit for one line of ours: without control characters, and bounded.
//
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace djcache::text {

// Python's repr of a str: quotes chosen and escapes written as Python does. Bytes that are not
// UTF-8 appear as \xNN. Of the code points that Unicode has not assigned, only noncharacters and
// the large gaps between planes are escaped; which others Python escapes depends on its version.
// What does not fit into `max` bytes is left out, and "..." follows.
std::string python_repr(std::string_view text, std::size_t max = std::string::npos);

// The same escapes without quotes, appended to `out` until `max` bytes are used up: "..." stands for
// the rest.
void append_escaped(std::string& out, std::string_view text, std::size_t max);

// "Key ':1:visits'", as errors begin: a repr that stops with "..." after `key_max` bytes.
inline constexpr std::size_t key_max = 256;
std::string named_key(std::string_view made_key);

}  // namespace djcache::text
