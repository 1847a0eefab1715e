// Eviction: the order in which entries are evicted when memory runs short. Three policies:
//
//   cull, lru  one queue, the least recently used entry goes first
//   s3_fifo    a small queue for new entries, a main one for those that were hit there, and ghosts
//              of those that left the small one; a hit only counts, nothing moves
//              (Yang et al., SOSP 2023)
//
// Pure. Decides and keeps the queues; the store removes the entry.
#pragma once

#include <cstddef>
#include <cstdint>

#include <djcache/settings.h>

#include "memory/ghosts.h"
#include "memory/queue.h"
#include "memory/record.h"

namespace djcache::memory {

class Eviction {
 public:
  Eviction(Records& records, EvictionPolicy policy)
      : records_(records), policy_(policy), main_(records), small_(records) {}

  EvictionPolicy policy() const { return policy_; }

  // A new entry, whose hash is set.
  void insert(Index index, std::size_t charge);
  void remove(Index index, std::size_t charge) { queue_of(index).remove(index, charge); }
  void hit(Index index) {
    if (policy_ != EvictionPolicy::s3_fifo) return main_.to_head(index);
    if (records_[index].hits < 3) ++records_[index].hits;
  }
  void recharge(Index index, std::size_t before, std::size_t after) {
    queue_of(index).recharge(before, after);
  }
  // The next entry to evict: the caller removes it. `charge(index)` is the size it was inserted
  // with. REQUIRES: there is an entry.
  template <class Charge>
  Index victim(Charge charge);
  void reset();

  std::size_t allocated() const { return ghosts_.allocated(); }
  // How much victim() may allocate with this many entries.
  std::size_t growth(std::size_t entries) const {
    if (policy_ != EvictionPolicy::s3_fifo) return 0;
    const std::size_t wanted = Ghosts::growth(entries);
    return wanted > ghosts_.allocated() ? wanted - ghosts_.allocated() : 0;
  }

 private:
  // How many entries a single call passes over at most, however many have been hit: the cost of a
  // call is bounded, too.
  static constexpr int passes_max = 64;
  static constexpr std::uint64_t small_share = 10;  // one tenth

  Queue& queue_of(Index index) {
    return static_cast<QueueId>(records_[index].queue) == QueueId::small ? small_ : main_;
  }
  bool small_is_over() const {
    return main_.empty() || small_.charge() * small_share > small_.charge() + main_.charge();
  }
  void to_main(Index index, std::size_t charge) {
    queue_of(index).remove(index, charge);
    records_[index].queue = static_cast<unsigned>(QueueId::main);
    main_.push(index, charge);
  }

  Records& records_;
  EvictionPolicy policy_;
  Queue main_;
  Queue small_;
  Ghosts ghosts_;
};

inline void Eviction::insert(Index index, std::size_t charge) {
  Record& record = records_[index];
  const bool is_new = policy_ == EvictionPolicy::s3_fifo && !ghosts_.forget(record.hash);
  record.hits = 0;
  record.queue = static_cast<unsigned>(is_new ? QueueId::small : QueueId::main);
  (is_new ? small_ : main_).push(index, charge);
}

template <class Charge>
Index Eviction::victim(Charge charge) {
  if (policy_ != EvictionPolicy::s3_fifo) return main_.tail();
  for (int pass = 0; pass < passes_max; ++pass) {
    const bool from_small = small_is_over() && !small_.empty();
    const Index oldest = from_small ? small_.tail() : main_.tail();
    Record& record = records_[oldest];
    if (from_small ? record.hits < 2 : record.hits == 0) {
      if (from_small) ghosts_.remember(record.hash, main_.count() + small_.count());
      return oldest;
    }
    record.hits = (from_small ? 0u : record.hits - 1u) & 3u;
    to_main(oldest, charge(oldest));
  }
  return main_.empty() ? small_.tail() : main_.tail();
}

inline void Eviction::reset() {
  main_.reset();
  small_.reset();
  ghosts_.reset();
}

}  // namespace djcache::memory
