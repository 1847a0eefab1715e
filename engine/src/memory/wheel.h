// Wheel: finds expired entries without looking at the others: a hierarchical timer wheel of five
// levels with 64 slots each. A slot of the lowest level is 256 ms, the highest level reaches over
// eight years; later entries are kept in its last slot and sorted in again.
//
// Pure: no timer and no clock; advance() is told the time. It only decides when memory is freed:
// whether an entry has expired is always decided by its own `expires`.
#pragma once

#include <cstddef>
#include <cstdint>

#include "memory/record.h"

namespace djcache::memory {

class Wheel {
 public:
  explicit Wheel(Records& records) : records_(records) {}

  // Adds the record by its `expires`. REQUIRES: that is not `never`; not on the wheel.
  void add(Index index);
  // REQUIRES: on the wheel.
  void remove(Index index);
  void reset();

  // Takes entries that have expired by `now` off the wheel and calls `expire(index)` for each;
  // looks at most at `entries_at_most`. The rest is left for the next call.
  template <class Expire>
  void advance(std::int64_t now, int entries_at_most, Expire expire) {
    const std::int64_t target = tick_of(now);
    if (target <= tick_ && !behind_) return;
    for (behind_ = true; entries_at_most > 0; --entries_at_most) {
      const Index index = next_due(target);
      if (index == none) {
        behind_ = false;
        return;
      }
      if (tick_of(records_[index].expires) < tick_) {
        expire(index);
      } else {
        add(index);
      }
    }
  }

 private:
  static constexpr int levels = 5;
  static constexpr int slot_bits = 6;
  static constexpr std::uint32_t slots = 1u << slot_bits;
  static constexpr int tick_bits = 8;  // milliseconds in a tick
  // A `previous` of this value or above names the slot whose first record it is.
  static constexpr Index slot_mark = Index{1} << index_bits;

  static std::int64_t tick_of(std::int64_t milliseconds) { return milliseconds >> tick_bits; }
  // Advances to the next slot that is not empty, unless that is beyond `target`, and takes its
  // entry off.
  Index next_due(std::int64_t target);

  Records& records_;
  Index first_[levels * slots] = {};
  std::uint64_t occupied_[levels] = {};
  std::int64_t tick_ = 0;
  bool behind_ = false;
};

}  // namespace djcache::memory
