// Ghosts: recently evicted entries, remembered by their hashes alone: four bytes each.
//
// Pure. Approximate: about one in a thousand unknown hashes is taken for known, and a full bucket
// of four forgets its oldest. Hashes are forgotten after more than capacity() later ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace djcache::memory {

class Ghosts {
 public:
  // Remembers as many hashes as there are entries; growing for that forgets the earlier ones.
  void remember(std::uint32_t hash, std::size_t entries);
  // True at most once per remember().
  bool forget(std::uint32_t hash);
  void reset();

  std::size_t capacity() const { return buckets_ * ways; }
  std::size_t allocated() const { return capacity() * sizeof(Ghost); }
  // How much remember() allocates at most with this many entries.
  static std::size_t growth(std::size_t entries);

 private:
  struct Ghost {
    std::uint16_t mark;  // part of the hash; 0: empty
    std::uint16_t age;   // when it was remembered, in periods
  };
  static constexpr std::size_t ways = 4;
  static constexpr std::size_t periods = 256;  // until a hash is forgotten

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
