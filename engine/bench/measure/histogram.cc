// Pure: no I/O, no clock.
#include "measure/histogram.h"

#include <cmath>

namespace djcache::bench {

std::uint64_t Histogram::upper_edge(unsigned bucket) {
  if (bucket < kSub) return bucket;
  const unsigned shift = bucket / kSub - 1;
  return ((static_cast<std::uint64_t>(bucket % kSub) + kSub + 1) << shift) - 1;
}

std::uint64_t Histogram::percentile(double percent) const {
  if (total_ == 0) return 0;
  const auto rank =
      static_cast<std::uint64_t>(std::ceil(static_cast<double>(total_) * percent / 100));
  std::uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank && seen > 0) return upper_edge(bucket);
  }
  return upper_edge(kBuckets - 1);
}

}  // namespace djcache::bench
