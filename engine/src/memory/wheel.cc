#include "memory/wheel.h"

#include <algorithm>
#include <bit>

namespace djcache::memory {

// Adds to the lowest level where its slot differs from the current one, or to the current slot if
// it is due. So the current slot of a higher level only holds entries yet to be sorted into lower
// ones.
void Wheel::add(Index index) {
  Record& record = records_[index];
  // An entry is due at the first tick that begins after it has expired.
  constexpr std::int64_t reach = std::int64_t{slots - 1} << (slot_bits * (levels - 1));
  const std::int64_t due =
      std::clamp(tick_of(record.expires) + 1, tick_, std::min(tick_, INT64_MAX - reach) + reach);
  int level = 0;
  while ((due >> (slot_bits * level)) - (tick_ >> (slot_bits * level)) >= slots) ++level;
  const auto slot = static_cast<std::uint32_t>(due >> (slot_bits * level)) % slots;
  const std::uint32_t place = static_cast<std::uint32_t>(level) * slots + slot;
  Index& first = first_[place];
  record.wheel_next = first;
  record.wheel_previous = slot_mark + place;
  if (first != none) records_[first].wheel_previous = index;
  first = index;
  occupied_[level] |= std::uint64_t{1} << slot;
  record.timed = 1;
}

void Wheel::remove(Index index) {
  Record& record = records_[index];
  record.timed = 0;
  if (record.wheel_next != none) records_[record.wheel_next].wheel_previous = record.wheel_previous;
  if (record.wheel_previous < slot_mark) {
    records_[record.wheel_previous].wheel_next = record.wheel_next;
    return;
  }
  const std::uint32_t place = record.wheel_previous - slot_mark;
  first_[place] = record.wheel_next;
  if (record.wheel_next == none) occupied_[place / slots] &= ~(std::uint64_t{1} << place % slots);
}

Index Wheel::next_due(std::int64_t target) {
  std::int64_t soonest = target + 1;
  int soonest_level = 0;
  for (int level = 0; level < levels; ++level) {
    if (occupied_[level] == 0) continue;
    const std::int64_t present = tick_ >> (slot_bits * level);
    const int distance =
        std::countr_zero(std::rotr(occupied_[level], static_cast<int>(present % slots)));
    const std::int64_t begin = (present + distance) << (slot_bits * level);
    if (begin < soonest) {
      soonest = begin;
      soonest_level = level;
    }
  }
  // Nothing is due in between, so the tick may jump.
  tick_ = std::max(tick_, std::min(soonest, target));
  if (soonest > target) return none;
  const auto slot = static_cast<std::uint32_t>(tick_ >> (slot_bits * soonest_level)) % slots;
  const Index index = first_[static_cast<std::uint32_t>(soonest_level) * slots + slot];
  remove(index);
  return index;
}

void Wheel::reset() {
  std::fill(std::begin(first_), std::end(first_), none);
  std::fill(std::begin(occupied_), std::end(occupied_), 0);
  behind_ = false;
}

}  // namespace djcache::memory
