// The form of errors about pickles: what, at which byte, why. They quote names of classes and
// modules, never values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <djcache/error.h>

namespace djcache::codec::pickle {

// All return false.
[[gnu::cold]] bool fail(Error& error, std::string reason);
// "pickle: <what> at byte <position><why>".
[[gnu::cold]] bool fail_at(Error& error, std::string what, std::size_t position,
                           std::string_view why);

inline constexpr std::string_view no_memory_left = "reading it takes memory over the limit of ";
inline constexpr std::string_view no_copies_left =
    ": the copies of what it shares take more memory than the limit allows";

// A name from a pickle, safe to print: cut to 100 bytes, everything but printable ASCII as "?".
std::string printable(std::string_view name);

}  // namespace djcache::codec::pickle
