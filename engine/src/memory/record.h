// Record: the fixed part of an entry, 40 bytes, named by a 27-bit index. Key and value are in a
// block of the arena.
//
// Pure. Records are in chunks that do not move, so growing copies nothing. Index 0 is not a record:
// it ends lists and marks empty slots.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace djcache::memory {

using Index = std::uint32_t;
inline constexpr Index none = 0;
inline constexpr unsigned index_bits = 27;
inline constexpr std::size_t entries_max = (std::size_t{1} << index_bits) - 1;
inline constexpr unsigned key_size_bits = 28;
inline constexpr std::size_t key_bytes_max = (std::size_t{1} << key_size_bits) - 1;

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

enum class QueueId : std::uint8_t { main, small };

struct Record {
  char* block;           // null: unused record
  std::int64_t expires;  // in milliseconds of the store's clock, or `never`
  Index next, previous;  // in its queue, towards the tail and the head
  Index wheel_next, wheel_previous;
  std::uint32_t hash;
  std::uint32_t key_size : key_size_bits;
  std::uint32_t hits : 2;   // since it entered its queue, at most 3
  std::uint32_t queue : 1;  // QueueId
  std::uint32_t timed : 1;  // whether it is on the wheel
};
static_assert(sizeof(Record) == 40);

class Records {
 public:
  Record& operator[](Index index) { return chunks_[index / chunk_size][index % chunk_size]; }
  const Record& operator[](Index index) const {
    return chunks_[index / chunk_size][index % chunk_size];
  }

  // REQUIRES: size() < entries_max.
  Index take();
  void give_back(Index index);
  void reset();
  std::size_t size() const { return used_; }
  // Upper bound of all used indexes.
  Index end() const { return end_; }
  std::size_t allocated() const { return chunks_.size() * chunk_bytes; }
  // How much the next take() allocates.
  std::size_t growth() const { return free_ == none && end_ % chunk_size == 0 ? chunk_bytes : 0; }

  static constexpr std::size_t chunk_size = 256;
  static constexpr std::size_t chunk_bytes = chunk_size * sizeof(Record) + sizeof(void*);

 private:
  std::vector<std::unique_ptr<Record[]>> chunks_;
  Index free_ = none;  // a list, linked by `next`
  Index end_ = 0;      // the first index that has never been used
  std::size_t used_ = 0;
};

inline Index Records::take() {
  if (free_ != none) {
    ++used_;
    const Index index = free_;
    free_ = (*this)[index].next;
    return index;
  }
  if (end_ % chunk_size == 0) {
    chunks_.push_back(std::make_unique_for_overwrite<Record[]>(chunk_size));
    if (end_ == 0) end_ = 1;
  }
  ++used_;
  return end_++;
}

inline void Records::give_back(Index index) {
  (*this)[index].block = nullptr;
  (*this)[index].next = free_;
  free_ = index;
  --used_;
}

inline void Records::reset() {
  std::vector<std::unique_ptr<Record[]>>().swap(chunks_);
  free_ = none;
  end_ = 0;
  used_ = 0;
}

}  // namespace djcache::memory
