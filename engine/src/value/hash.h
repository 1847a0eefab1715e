// A hash of Values that agrees with operator==: equal values have equal hashes, the order of dict
// items and set members does not count. Keyed by a random number per process, so that nobody can
// prepare values that collide. Not for storing.
#pragma once

#include <cstdint>

#include <djcache/value.h>

namespace djcache::value {

std::uint64_t hash(const Value& value);

}  // namespace djcache::value
