// The memory of the quick reader (pickle_plain.h): pickle's stack and memo with 16 bytes per entry,
// and the containers that are not yet inside of another.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <djcache/value.h>

namespace djcache::codec::pickle {

enum class PieceTag : std::uint32_t { nil, boolean, integer, real, string, bytes, container };

// A scalar, a view of the pickle, or a container. Members have no initial values, so that a buffer
// of them needs no initialization.
struct Piece {
  PieceTag tag;
  std::uint32_t size;  // of a text; of a container: its index
  union {
    std::int64_t number;
    std::int64_t levels;  // of a container, including itself
    double real;
    const char* data;
  };

  void set_text(PieceTag kind, const char* begin, std::uint32_t bytes) {
    tag = kind;
    size = bytes;
    data = begin;
  }
  void set_boolean(bool value) {
    tag = PieceTag::boolean;
    number = value;
  }
  bool is_container() const { return tag == PieceTag::container; }
  bool is_text() const { return tag == PieceTag::string || tag == PieceTag::bytes; }
};

// A stack that is accessed through its end, which the reader keeps in a register.
class Pieces {
 public:
  void reserve_some() {
    if (!items_) grow(nullptr);
  }
  Piece* begin() { return items_.get(); }
  Piece* limit() { return items_.get() + capacity_; }
  // Makes room after `top`, and returns its position in the new memory.
  Piece* grow(Piece* top) {
    const auto used = static_cast<std::size_t>(top - begin());
    capacity_ = std::max(size_min, 2 * capacity_);
    std::unique_ptr<Piece[]> larger(new Piece[capacity_]);
    if (used > 0) std::copy_n(begin(), used, larger.get());
    items_ = std::move(larger);
    return begin() + used;
  }
  // Frees what only an unusually large pickle needed.
  void trim() {
    if (capacity_ * sizeof(Piece) <= kept_bytes_max) return;
    items_.reset();
    capacity_ = 0;
  }

 private:
  static constexpr std::size_t size_min = 256, kept_bytes_max = 1u << 20;
  std::unique_ptr<Piece[]> items_;
  std::size_t capacity_ = 0;
};

// Kept per thread, so that reading allocates only the Value.
struct PlainMemory {
  Pieces stack, memo;
  // unfinished containers and those without a parent, in stack order
  std::vector<Value> containers;

  void prepare() {
    stack.reserve_some();
    memo.reserve_some();
  }
  void clear() {
    containers.clear();
    if (containers.capacity() > containers_kept_max) std::vector<Value>().swap(containers);
    stack.trim();
    memo.trim();
  }

 private:
  static constexpr std::size_t containers_kept_max = 1u << 14;
};

}  // namespace djcache::codec::pickle
