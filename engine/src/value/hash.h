// A hash of Values that agrees with operator==: equal values have equal hashes, and the order of
// dict items and set members does not count. Keyed by a random number per process, so that
// colliding values cannot be prepared. Must not be stored.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include <djcache/value.h>

namespace djcache::value {

// Hashes of containers inside of sets and dicts, by address, so that a caller that descends level
// by level does not hash everything again at each level.
using KnownHashes = std::unordered_map<const Value*, std::uint64_t>;

// Looks containers up in `known`, and adds the ones inside of `value` that were hashed.
std::uint64_t hash(const Value& value, KnownHashes* known = nullptr);
// The hash of a tuple, set or frozenset, given those of its children.
std::uint64_t hash_of(Kind kind, std::span<const std::uint64_t> children);

}  // namespace djcache::value
