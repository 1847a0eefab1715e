#include "link/pipeline.h"

#include <algorithm>

namespace djcache::link {

Millis Pipeline::stamp(Millis now) {
  Millis earliest = never;
  for (; unstamped_from_ < slots_.size(); ++unstamped_from_) {
    Slot& slot = slots_[unstamped_from_];
    slot.deadline = now + slot.limit_ms;
    earliest = std::min(earliest, slot.deadline);
  }
  return earliest;
}

Millis Pipeline::earliest() const {
  Millis earliest = never;
  for (std::size_t i = 0; i < unstamped_from_; ++i) {
    if (slots_[i].call != nullptr) earliest = std::min(earliest, slots_[i].deadline);
  }
  return earliest;
}

}  // namespace djcache::link
