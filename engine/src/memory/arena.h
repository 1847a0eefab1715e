// Arena: the memory of keys and values: blocks of any size, appended to segments.
//
// Pure. Blocks may move: when more than a ninth of the segments' bytes is dead, the blocks of the
// emptiest segment move to the open one, and it is freed. So, unlike with size classes or malloc,
// memory stays close to what is alive, whatever the sequence of sizes:
//   allocated() <= live() * 9 / 8 + slack(), after every call.
// Blocks above a sixteenth of a segment have memory of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace djcache::memory {

class Arena {
 public:
  // Is told the new address of `owner`'s block.
  class Owners {
   public:
    virtual void moved(std::uint32_t owner, char* block) = 0;

   protected:
    ~Owners() = default;
  };

  static constexpr std::size_t segment_bytes_min = 4096;
  static constexpr std::size_t segment_bytes_max = std::size_t{256} << 10;
  static constexpr std::size_t header_bytes = 8;

  // REQUIRES: segment_bytes is a power of two from segment_bytes_min to segment_bytes_max.
  Arena(std::size_t segment_bytes, Owners& owners);
  ~Arena() { reset(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A block for `size` bytes. It does not move before the next release(). REQUIRES: owner > 0, size
  // <= size_max.
  char* allocate(std::uint32_t owner, std::size_t size);
  void release(char* block);
  void reset();

  static char* data(char* block) { return block + header_bytes; }
  static const char* data(const char* block) { return block + header_bytes; }
  static std::size_t size(const char* block);

  std::size_t allocated() const { return allocated_; }
  std::size_t live() const { return live_; }
  std::size_t slack() const { return 5 * segment_bytes_; }
  // How much a block of `size` adds to live().
  std::size_t footprint(std::size_t size) const;

  static constexpr std::size_t size_max = (std::size_t{1} << 31) - 1;

 private:
  struct Header {
    std::uint32_t owner;  // 0: dead
    std::uint32_t size;
  };
  struct Segment {
    std::uint32_t place;  // in segments_
    std::uint32_t used;
    std::uint32_t live;
    std::uint32_t unused;
  };

  struct Large {  // precedes the header of a block that has memory of its own
    Large* previous;
    Large* next;
  };

  Header& header(char* block) const { return *reinterpret_cast<Header*>(block); }
  Segment& segment_of(char* block) const;
  bool is_large(std::size_t footprint) const { return footprint > segment_bytes_ / 16; }
  char* allocate_large(std::uint32_t owner, std::size_t size, std::size_t footprint);
  void free_large(Large* large);
  char* append(std::uint32_t owner, std::size_t size, std::size_t footprint);
  void open_segment();
  void free_segment(Segment& segment);
  void clean();
  void empty(Segment& segment);

  std::size_t segment_bytes_;
  Owners& owners_;
  std::vector<Segment*> segments_;
  Segment* open_ = nullptr;
  Large* large_ = nullptr;
  std::size_t allocated_ = 0;
  std::size_t live_ = 0;
};

}  // namespace djcache::memory
