// "Did you mean ...?": the known name closest to a misspelt one. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace djcache::settings {

// The candidate with the smallest edit distance, ignoring case; "" when none is close enough to be
// a misspelling.
std::string_view closest_name(std::string_view name, std::span<const std::string_view> candidates);

// "; did you mean 'connect_limit'?", or "".
std::string suggestion(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace djcache::settings
