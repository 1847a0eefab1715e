// Percent-decoding of the parts of a URL. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace djcache::settings {

// %XX becomes the byte, everything else stays. nullopt for a '%' without two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);
// The same for the value of a query parameter, where '+' is a space.
std::optional<std::string> query_decode(std::string_view text);

}  // namespace djcache::settings
