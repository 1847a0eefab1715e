// Counts durations in buckets that are at most 1.6% wide, in a fixed array: recording never
// allocates and costs a handful of instructions. Pure: no I/O, no clock.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace djcache::bench {

class Histogram {
 public:
  void record(std::uint64_t ns) {
    ++counts_[bucket_of(ns)];
    ++total_;
  }

  /// The upper edge of the bucket in which the percentile lies; 0 if nothing was recorded.
  std::uint64_t percentile(double percent) const;
  std::uint64_t total() const { return total_; }

 private:
  static constexpr unsigned kSubBits = 6;
  static constexpr unsigned kSub = 1U << kSubBits;
  static constexpr unsigned kTopBit = 40;  // About 18 minutes; longer goes into the last bucket.
  static constexpr unsigned kBuckets = (kTopBit - kSubBits + 2) * kSub;

  static unsigned bucket_of(std::uint64_t ns) {
    if (ns < kSub) return static_cast<unsigned>(ns);
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kSubBits;
    if (shift > kTopBit - kSubBits) return kBuckets - 1;
    return (shift + 1) * kSub + static_cast<unsigned>(ns >> shift) - kSub;
  }
  static std::uint64_t upper_edge(unsigned bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace djcache::bench
