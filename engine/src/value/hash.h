// A hash of Values that agrees with operator==: equal values have equal hashes, the order of dict
// items and set members does not count. Keyed by a random number per process, so that nobody can
// prepare values that collide. Not for storing.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include <djcache/value.h>

namespace djcache::value {

// Of containers inside of sets and dicts, by where they are: who opens one after the other need not hash
// again at each level.
using KnownHashes = std::unordered_map<const Value*, std::uint64_t>;

// Looks into `known` first, and adds to it what it met further inside.
std::uint64_t hash(const Value& value, KnownHashes* known = nullptr);
// Of a tuple, set or frozenset whose children have these.
std::uint64_t hash_of(Kind kind, std::span<const std::uint64_t> children);

}  // namespace djcache::value
