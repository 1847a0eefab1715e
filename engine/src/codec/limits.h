// The size limits that all serializers share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "codec/codec.h"
#include "value/work.h"

namespace djcache::codec {

// Upper bound of the limits themselves, whatever the settings say: serializers recurse, and msgpack
// counts in 32 bits.
inline constexpr std::size_t depth_max = 1000;
inline constexpr std::size_t bytes_max = UINT32_MAX;

// Empties a reused buffer; frees it if a huge value made it large.
inline void restart(std::string& buffer) {
  constexpr std::size_t kept_capacity_max = 1u << 20;
  if (buffer.capacity() > kept_capacity_max) std::string().swap(buffer);
  buffer.clear();
}

// Sets a result to nil. It nearly always is, and checking costs less than writing.
inline void make_nil(Value& out) {
  if (!out.is_nil()) out = Value();
}

// False: `size` is over limits.max_bytes.
[[gnu::cold]] bool fail_size(std::size_t size, const Limits& limits, Error& error);
inline bool check_size(std::size_t size, const Limits& limits, Error& error) {
  return size <= limits.max_bytes || fail_size(size, limits, error);
}

// How many items the containers of one value may still have; see Limits::max_elements().
class ElementsLeft {
 public:
  explicit ElementsLeft(const Limits& limits) : left_(limits.max_elements()) {}
  explicit ElementsLeft(std::size_t count) : left_(count) {}
  bool covers(std::size_t count) const { return count <= left_; }
  bool take(std::size_t count) {
    if (!covers(count)) return false;
    left_ -= count;
    return true;
  }

 private:
  std::size_t left_;
};
// Bytes that copies of shared objects in a pickle may take, so that a small pickle cannot block the
// loop for long. Containers are copied more slowly than texts.
inline constexpr std::size_t copies_of_texts = 1024, copies_of_containers = 128;  // per byte
inline std::size_t copies_max(std::size_t size, std::size_t for_each, const Limits& limits) {
  constexpr std::size_t copies_min = 4u << 20;
  return std::min(limits.max_bytes, copies_min + for_each * size);
}

// How much hashing, comparing and repeated looking one value may cost; see value/work.h. In
// proportion to its bytes and items. Decoders are built so that hashing alone never reaches it.
class WorkLeft {
 public:
  void restart(std::size_t bytes) { end_ = value::work_done + work_min + 2 * bytes; }
  void allow(std::size_t units) { end_ += units; }
  bool pay(std::size_t units) {
    value::work_done += units;
    return is_left();
  }
  bool is_left() const { return value::work_done <= end_; }

  static constexpr std::size_t for_item = 8;

 private:
  static constexpr std::size_t work_min = 4096;
  std::uint64_t end_ = 0;
};
inline constexpr std::string_view no_work_left =
    ": what it repeats costs more work than the limit allows";
// A decoder's reason for one item too many; its caller adds what and where.
[[gnu::cold]] std::string over_elements(const Limits& limits);
// An encoder's reason. Returns false.
[[gnu::cold]] bool fail_elements(const Limits& limits, Error& error);

}  // namespace djcache::codec
