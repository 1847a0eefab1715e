// Errors of servers, explained in djcache's words.
//
// Pure. Private to text/.
#pragma once

#include <string_view>

namespace djcache::text {

// "WRONGPASS"; "an error" if the text does not begin with a word that servers are known to use.
std::string_view first_word(std::string_view error);
// The meaning of the error; empty if unknown.
std::string_view meaning(std::string_view error);

}  // namespace djcache::text
