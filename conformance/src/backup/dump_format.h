// Shared by the writer and the reader of dumps.
#pragma once

#include <cstdint>
#include <string_view>

namespace djcache::conformance {

inline constexpr std::string_view dump_magic = "djcache-conformance dump 1\n";
inline constexpr std::uint64_t dump_end = 0, dump_key_follows = 1;

}  // namespace djcache::conformance
