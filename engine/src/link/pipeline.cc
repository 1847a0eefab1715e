#include "link/pipeline.h"

#include <algorithm>
#include <utility>

namespace djcache::link {

Millis Pipeline::stamp(Millis now) {
  const std::size_t first = unstamped_from_;
  if (first == slots_.size()) return never;
  const std::size_t gone = leading_tombstones();
  if (first == 0) {
    in_order_ = true;
    last_deadline_ = 0;
  }
  for (; unstamped_from_ < slots_.size(); ++unstamped_from_) {
    Slot& slot = slots_[unstamped_from_];
    slot.deadline = now + slot.limit_ms;
    if (slot.deadline < last_deadline_) [[unlikely]]
      in_order_ = false;
    last_deadline_ = slot.deadline;
  }
  behind_tombstones_ = unstamped_from_ - gone;
  Millis earliest = slots_[first].deadline;
  if (in_order_) return earliest;
  for (std::size_t i = first + 1; i < slots_.size(); ++i) {
    earliest = std::min(earliest, slots_[i].deadline);
  }
  return earliest;
}

void Pipeline::note_need() noexcept {
  most_slots_ = std::max(most_slots_, slots_.size());
  most_bytes_ = std::max(most_bytes_, out_.size());
}

void Pipeline::fall_back() noexcept {
  const std::size_t slots = std::exchange(most_slots_, slots_.size());
  const std::size_t bytes = std::exchange(most_bytes_, out_.size());
  // Not down to the exact need: a fluctuating need must not allocate again and again.
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
  for (std::size_t i = leading_tombstones(); i < unstamped_from_; ++i) {
    if (slots_[i].call == nullptr) continue;
    earliest = std::min(earliest, slots_[i].deadline);
    if (in_order_) break;
  }
  return earliest;
}

}  // namespace djcache::link
