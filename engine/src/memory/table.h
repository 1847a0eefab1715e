// Table: from a key's hash to the index of its record. Open addressing with linear probing, four
// bytes per slot: the index and five bits of the hash, which avoid most looks at other records.
//
// Pure. Knows no keys: callers decide whether a record matches.
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

  // The record with this hash for which `matches(record)` holds; `none` if there is none.
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
  // Ensures that the next insert() needs no memory.
  void reserve_one() {
    if (full()) grow();
  }
  void insert(Index index);
  // REQUIRES: it is in the table.
  void erase(Index index);
  void reset();

  std::size_t allocated() const { return slots_ == nullptr ? 0 : (mask_ + 1) * sizeof(Slot); }
  // How much the next insert() allocates; the old slots are freed only afterwards.
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
