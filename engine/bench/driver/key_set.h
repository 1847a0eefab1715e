// The keys and values for every contestant, and the check of values in replies. A value carries its
// key's digits at both ends, so that a reply for another key, or a stream that is off by some
// bytes, is detected. Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace djcache::bench {

struct Key {
  std::string bare;  ///< The key that a caller of a cache passes: "key:000000000042".
  std::string made;  ///< The key on the server: ":1:key:000000000042".
};

class KeySet {
 public:
  KeySet(std::uint32_t count, std::uint32_t value_bytes);

  std::uint32_t size() const { return static_cast<std::uint32_t>(keys_.size()); }
  const Key& operator[](std::uint32_t index) const { return keys_[index]; }

  /// The value of this key. The view is valid until the next call, so contestants copy it.
  std::string_view value_of(std::uint32_t index);
  bool is_value_of(std::uint32_t index, std::string_view value) const;

 private:
  std::string_view stamp(std::uint32_t index) const;

  std::vector<Key> keys_;
  std::string value_;
};

/// The order in which keys are drawn: xorshift, the same for every contestant of a round.
class KeyOrder {
 public:
  explicit KeyOrder(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint32_t next(std::uint32_t count);

 private:
  std::uint64_t state_;
};

}  // namespace djcache::bench
