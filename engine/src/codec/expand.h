// The loop of all decompressors: a buffer that doubles as it fills, never beyond the limit, and
// never because of a size in a header. Pure; knows no library.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "codec/compressor.h"

namespace djcache::codec {

// The result of one step of a decompressor.
enum class Step : std::uint8_t {
  more,       // call again, with more room
  ended,      // the frame is complete
  truncated,  // input is missing
  damaged,    // `reason` has the details
};

// Grows to exactly this size, where std::string by itself would double.
inline void grow(std::string& out, std::size_t size) {
  std::string larger;
  larger.reserve(size);
  larger.append(out).resize(size);
  out.swap(larger);
}

// step(to, room, produced) writes up to `room` bytes. `left()` counts the unread input.
template <class NextStep, class Left>
Expansion expand_in_steps(NextStep next_step, Left left, std::size_t max_bytes, std::string& out,
                          std::string& reason) {
  constexpr std::size_t first_size = 4096;
  std::size_t filled = 0;
  out.clear();
  for (;;) {
    // One byte more than the limit reveals that the limit is exceeded.
    if (filled == out.size()) {
      grow(out, std::min(max_bytes + 1, std::max(first_size, 2 * filled)));
    }
    std::size_t produced = 0;
    const Step step = next_step(out.data() + filled, out.size() - filled, produced);
    filled += produced;
    if (filled > max_bytes) return Expansion::too_large;
    switch (step) {
      case Step::more:
        continue;
      case Step::ended:
        out.resize(filled);
        if (left() == 0) return Expansion::done;
        reason = std::to_string(left()) + " bytes left over after its end";
        return Expansion::damaged;
      case Step::truncated:
        reason = "cut off, its end is missing";
        return Expansion::damaged;
      case Step::damaged:
        return Expansion::damaged;
    }
  }
}

}  // namespace djcache::codec
