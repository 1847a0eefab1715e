#include "link/pipeline.h"

#include <algorithm>
#include <utility>

namespace djcache::link {

Millis Pipeline::stamp(Millis now) {
  Millis earliest = never;
  most_slots_ = std::max(most_slots_, slots_.size());
  most_bytes_ = std::max(most_bytes_, out_.size());
  for (; unstamped_from_ < slots_.size(); ++unstamped_from_) {
    Slot& slot = slots_[unstamped_from_];
    slot.deadline = now + slot.limit_ms;
    earliest = std::min(earliest, slot.deadline);
  }
  return earliest;
}

void Pipeline::fall_back() noexcept {
  const std::size_t slots = std::exchange(most_slots_, slots_.size());
  const std::size_t bytes = std::exchange(most_bytes_, out_.size());
  // Not to what was just enough: a need that wavers must not take memory again and again.
  if (slots_.capacity() > kept_slots && slots_.capacity() / 4 >= slots) slots_.fit(2 * slots);
  if (bytes <= OutBuffer::first_chunk_bytes) out_.fall_back();
}

bool Pipeline::has_barrier() const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (is_barrier(slots_[i])) return true;
  }
  return false;
}

std::size_t Pipeline::sendable() const {
  if (in_flight_ > 0 && is_barrier(slots_[in_flight_ - 1])) return 0;
  std::size_t bytes = 0;
  for (std::size_t i = in_flight_; i < slots_.size(); ++i) {
    const bool barrier = is_barrier(slots_[i]);
    if (barrier && (i > 0 || (slots_[i].script && scripts_ == Scripts::refused))) break;
    bytes += slots_[i].bytes;
    if (barrier) break;
  }
  return bytes - credit_;
}

Millis Pipeline::earliest() const {
  Millis earliest = never;
  for (std::size_t i = 0; i < unstamped_from_; ++i) {
    if (slots_[i].call != nullptr) earliest = std::min(earliest, slots_[i].deadline);
  }
  return earliest;
}

}  // namespace djcache::link
