#include "memory/table.h"

namespace djcache::memory {

void Table::insert(Index index) {
  reserve_one();
  const std::uint32_t hash = records_[index].hash;
  place(index | tag(hash) << index_bits, hash);
  ++used_;
}

void Table::place(Slot slot, std::uint32_t hash) {
  std::size_t at = hash & mask_;
  while (slots_[at] != 0) at = (at + 1) & mask_;
  slots_[at] = slot;
}

void Table::grow() {
  const std::size_t old_size = slots_ == nullptr ? 0 : mask_ + 1;
  const std::size_t size = slots_after_growth();
  const auto old = std::exchange(slots_, std::make_unique<Slot[]>(size));
  mask_ = size - 1;
  for (std::size_t at = 0; at < old_size; ++at) {
    if (old[at] != 0) place(old[at], records_[old[at] & entries_max].hash);
  }
}

// Moves later slots into the gap instead of leaving a tombstone: probe sequences never grow longer
// than needed.
void Table::erase(Index index) {
  const std::uint32_t hash = records_[index].hash;
  std::size_t gap = hash & mask_;
  while ((slots_[gap] & entries_max) != index) gap = (gap + 1) & mask_;
  for (std::size_t at = (gap + 1) & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
    const std::size_t home = records_[slots_[at] & entries_max].hash & mask_;
    // It may move to the gap unless its home is behind the gap.
    if (((at - home) & mask_) < ((at - gap) & mask_)) continue;
    slots_[gap] = slots_[at];
    gap = at;
  }
  slots_[gap] = 0;
  --used_;
}

void Table::reset() {
  slots_.reset();
  mask_ = 0;
  used_ = 0;
}

}  // namespace djcache::memory
