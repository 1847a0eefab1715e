// Glob patterns as redis matches them against keys: * ? [abc] [a-z] [^a] and \ before a character.
//
// Pure. Source: https://redis.io/docs/latest/commands/keys/.
#pragma once

#include <string_view>

namespace djcache {

// In time bounded by the product of both sizes, whatever the pattern.
bool matches_pattern(std::string_view pattern, std::string_view text);

}  // namespace djcache
