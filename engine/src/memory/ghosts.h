// Ghosts: which entries have been evicted lately, by their hashes alone: four bytes each.
//
// Pure. Approximate: one in some thousand unknown hashes is taken for known, and a bucket of four
// that is full forgets its oldest. Forgets by itself what more than capacity() others came after.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace djcache::memory {

class Ghosts {
 public:
  // Remembers as many as there are entries; what it knew is forgotten when it has to grow for that.
  void remember(std::uint32_t hash, std::size_t entries);
  // True at most once for what was remembered once.
  bool forget(std::uint32_t hash);
  void reset();

  std::size_t capacity() const { return buckets_ * ways; }
  std::size_t allocated() const { return capacity() * sizeof(Ghost); }
  // What remember() will allocate for so many entries, at most.
  static std::size_t growth(std::size_t entries);

 private:
  struct Ghost {
    std::uint16_t mark;  // of the hash; 0: none
    std::uint16_t age;   // when it came, in periods
  };
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t periods = 256;  // until it is forgotten

  static std::uint16_t mark(std::uint32_t hash) {
    return static_cast<std::uint16_t>(hash >> 16 | 1u);
  }
  static std::size_t buckets_for(std::size_t entries);
  Ghost* bucket(std::uint32_t hash) const { return &ghosts_[(hash & (buckets_ - 1)) * ways]; }
  std::uint16_t now() const {
    return static_cast<std::uint16_t>(remembered_ * periods / capacity());
  }

  std::unique_ptr<Ghost[]> ghosts_;
  std::size_t buckets_ = 0;  // a power of two
  std::uint64_t remembered_ = 0;
};

}  // namespace djcache::memory
