// Table: from a key's hash to the index of its record. Open addressing with linear probing, four
// bytes a slot: the index and five bits of the hash, which spare most looks at wrong records.
//
// Pure. Knows no keys: what a slot means is asked of its user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "memory/record.h"

namespace djcache::memory {

class Table {
 public:
  explicit Table(const Records& records) : records_(records) {}

  // The record for which `matches(record)`, among those with this hash; none.
  template <class Matches>
  Index find(std::uint32_t hash, Matches matches) const {
    if (slots_ == nullptr) return none;
    for (std::size_t at = hash & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
      if (slots_[at] >> index_bits != tag(hash)) continue;
      const Index index = slots_[at] & entries_max;
      const Record& record = records_[index];
      if (record.hash == hash && matches(record)) return index;
    }
    return none;
  }
  // REQUIRES: the record's hash is set and its key is not in the table.
  // So that the next insert() needs no memory.
  void reserve_one() {
    if (full()) grow();
  }
  void insert(Index index);
  // REQUIRES: it is in the table.
  void erase(Index index);
  void reset();

  std::size_t allocated() const { return slots_ == nullptr ? 0 : (mask_ + 1) * sizeof(Slot); }
  // What the next insert() will allocate, the old slots being freed only afterwards.
  std::size_t growth() const { return full() ? slots_after_growth() * sizeof(Slot) : 0; }

 private:
  using Slot = std::uint32_t;
  static constexpr std::size_t slots_min = 16;

  static std::uint32_t tag(std::uint32_t hash) { return hash >> index_bits; }
  bool full() const { return slots_ == nullptr || used_ + 1 > (mask_ + 1) / 8 * 7; }
  std::size_t slots_after_growth() const { return slots_ == nullptr ? slots_min : 2 * (mask_ + 1); }
  void grow();
  void place(Slot slot, std::uint32_t hash);

  const Records& records_;
  std::unique_ptr<Slot[]> slots_;
  std::size_t mask_ = 0;
  std::size_t used_ = 0;
};

}  // namespace djcache::memory
