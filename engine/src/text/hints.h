// What servers mean, in our own words.
//
// Pure. Private to text/.
#pragma once

#include <string_view>

namespace djcache::text {

// "WRONGPASS"; "an error" if it begins with no word that servers are known to use.
std::string_view first_word(std::string_view error);
// What the error means; empty if it is not known.
std::string_view meaning(std::string_view error);

}  // namespace djcache::text
