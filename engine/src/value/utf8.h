// UTF-8 by the book: no overlong forms, no surrogates, nothing above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace djcache::value {

// The position of the first byte that is not part of a valid sequence; text.size() if there is
// none.
std::size_t utf8_error(std::string_view text);

// Reads the sequence at the front of `text` (not empty). Its length in bytes; 0 when it is invalid.
std::size_t utf8_next(std::string_view text, char32_t& code_point);

}  // namespace djcache::value
