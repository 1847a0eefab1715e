// The size limit that all serializers share.
#pragma once

#include <cstddef>

#include "codec/codec.h"

namespace djcache::codec {

// Serializers recurse, so this bounds max_depth, whatever the settings say.
inline constexpr std::size_t depth_max = 1000;

// False: `size` is over limits.max_bytes.
bool check_size(std::size_t size, const Limits& limits, Error& error);

}  // namespace djcache::codec
