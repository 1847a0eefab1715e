// Pure: no I/O, no clock.
#include "driver/key_set.h"

#include <cstdio>
#include <cstring>

namespace djcache::bench {
namespace {

constexpr std::size_t kStampBytes = 8;

}  // namespace

KeySet::KeySet(std::uint32_t count, std::uint32_t value_bytes) : value_(value_bytes, 'v') {
  keys_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    char bare[32];  // redis-benchmark replaces __rand_int__ by twelve digits, too
    std::snprintf(bare, sizeof bare, "key:%012u", i);
    keys_.push_back({.bare = bare, .made = std::string(":1:") + bare});
  }
}

std::string_view KeySet::stamp(std::uint32_t index) const {
  const std::string& bare = keys_[index].bare;
  return {bare.data() + bare.size() - kStampBytes, kStampBytes};
}

std::string_view KeySet::value_of(std::uint32_t index) {
  const std::string_view mark = stamp(index);
  std::memcpy(value_.data(), mark.data(), kStampBytes);
  std::memcpy(value_.data() + value_.size() - kStampBytes, mark.data(), kStampBytes);
  return value_;
}

bool KeySet::is_value_of(std::uint32_t index, std::string_view value) const {
  if (value.size() != value_.size()) return false;
  const std::string_view mark = stamp(index);
  return value.substr(0, kStampBytes) == mark && value.substr(value.size() - kStampBytes) == mark;
}

std::uint32_t KeyOrder::next(std::uint32_t count) {
  state_ ^= state_ << 13;
  state_ ^= state_ >> 7;
  state_ ^= state_ << 17;
  return static_cast<std::uint32_t>(((state_ >> 32) * count) >> 32);
}

}  // namespace djcache::bench
