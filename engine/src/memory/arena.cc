#include "memory/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace djcache::memory {

namespace {
constexpr std::size_t alignment = 4;  // of blocks, whose headers are two words

constexpr std::size_t malloc_bytes = 16;  // malloc's own, per allocation

constexpr std::size_t rounded(std::size_t bytes) {
  return (bytes + alignment - 1) & ~(alignment - 1);
}

// malloc would touch a page on either side of an aligned segment: for a million entries as much as
// everything else. But it suits the small segments of a small store, which pages may exceed.
constexpr std::size_t mapped_from = std::size_t{64} << 10;

char* map(std::size_t bytes) {
  void* const at =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(at);
}

void* take_segment(std::size_t bytes) {
  if (bytes < mapped_from) return ::operator new (bytes, std::align_val_t{bytes});
  const auto beyond = [bytes](char* at) { return reinterpret_cast<std::uintptr_t>(at) % bytes; };
  // Usually next to the previous segment.
  char* at = map(bytes);
  if (beyond(at) == 0) return at;
  ::munmap(at, bytes);
  at = map(2 * bytes);
  const std::size_t before = beyond(at) == 0 ? 0 : bytes - beyond(at);
  if (before != 0) ::munmap(at, before);
  ::munmap(at + before + bytes, bytes - before);
  return at + before;
}

void give_back_segment(void* segment, std::size_t bytes) {
  if (bytes < mapped_from) return ::operator delete (segment, std::align_val_t{bytes});
  ::munmap(segment, bytes);
}

}  // namespace

Arena::Arena(std::size_t segment_bytes, Owners& owners)
    : segment_bytes_(segment_bytes), owners_(owners) {}

std::size_t Arena::footprint(std::size_t size) const {
  const std::size_t bytes = rounded(header_bytes + size);
  return is_large(bytes) ? bytes + sizeof(Large) + malloc_bytes : bytes;
}

std::size_t Arena::size(const char* block) { return reinterpret_cast<const Header*>(block)->size; }

// Segments are aligned to their size.
Arena::Segment& Arena::segment_of(char* block) const {
  const auto address = reinterpret_cast<std::uintptr_t>(block);
  return *reinterpret_cast<Segment*>(address & ~(segment_bytes_ - 1));
}

// Does not clean: the dead bytes it may add, the rest of a segment that is not quite full, are
// below a sixteenth of it.
char* Arena::allocate(std::uint32_t owner, std::size_t size) {
  const std::size_t bytes = footprint(size);
  char* const block =
      is_large(bytes) ? allocate_large(owner, size, bytes) : append(owner, size, bytes);
  live_ += bytes;
  return block;
}

char* Arena::allocate_large(std::uint32_t owner, std::size_t size, std::size_t bytes) {
  void* const memory = ::operator new(sizeof(Large) + header_bytes + size);
  Large* const large = ::new (memory) Large{nullptr, large_};
  if (large_ != nullptr) large_->previous = large;
  large_ = large;
  char* const block = static_cast<char*>(memory) + sizeof(Large);
  header(block) = {owner, static_cast<std::uint32_t>(size)};
  allocated_ += bytes;
  return block;
}

void Arena::free_large(Large* large) {
  (large->previous != nullptr ? large->previous->next : large_) = large->next;
  if (large->next != nullptr) large->next->previous = large->previous;
  ::operator delete(large);
}

char* Arena::append(std::uint32_t owner, std::size_t size, std::size_t bytes) {
  if (open_ == nullptr || open_->used + bytes > segment_bytes_) open_segment();
  char* block = reinterpret_cast<char*>(open_) + open_->used;
  header(block) = {owner, static_cast<std::uint32_t>(size)};
  open_->used += static_cast<std::uint32_t>(bytes);
  open_->live += static_cast<std::uint32_t>(bytes);
  return block;
}

void Arena::open_segment() {
  segments_.push_back(nullptr);
  void* memory = nullptr;
  try {
    memory = take_segment(segment_bytes_);
  } catch (const std::bad_alloc&) {
    segments_.pop_back();
    throw;
  }
  const auto place = static_cast<std::uint32_t>(segments_.size() - 1);
  segments_.back() = open_ = ::new (memory) Segment{place, sizeof(Segment), 0, 0};
  allocated_ += segment_bytes_;
}

void Arena::free_segment(Segment& segment) {
  segments_.back()->place = segment.place;
  segments_[segment.place] = segments_.back();
  segments_.pop_back();
  if (open_ == &segment) open_ = nullptr;
  allocated_ -= segment_bytes_;
  give_back_segment(&segment, segment_bytes_);
}

void Arena::release(char* block) {
  const std::size_t bytes = footprint(header(block).size);
  live_ -= bytes;
  if (is_large(bytes)) {
    allocated_ -= bytes;
    free_large(reinterpret_cast<Large*>(block - sizeof(Large)));
  } else {
    Segment& segment = segment_of(block);
    header(block).owner = 0;
    segment.live -= static_cast<std::uint32_t>(bytes);
    if (segment.live == 0) {
      // The open segment starts anew.
      &segment == open_ ? (void)(open_->used = sizeof(Segment)) : free_segment(segment);
    }
  }
  clean();
}

// Without memory to move blocks to, dead bytes stay until the next release. Each round gains
// memory: if segments are more than a ninth dead on average, so is the emptiest, and the rest left
// behind where its blocks go is below a sixteenth.
void Arena::clean() {
  while (allocated_ > live_ + live_ / 8 + slack() - 2 * segment_bytes_) {
    Segment* emptiest = nullptr;
    for (Segment* each : segments_) {
      if (each != open_ && (emptiest == nullptr || each->live < emptiest->live)) emptiest = each;
    }
    if (emptiest == nullptr) return;
    try {
      empty(*emptiest);
    } catch (const std::bad_alloc&) {
      return;
    }
  }
}

void Arena::empty(Segment& segment) {
  char* const begin = reinterpret_cast<char*>(&segment);
  for (std::size_t at = sizeof(Segment); at < segment.used;) {
    char* const block = begin + at;
    const Header head = header(block);
    const std::size_t bytes = footprint(head.size);
    if (head.owner != 0) {
      char* const copy = append(head.owner, head.size, bytes);
      std::memcpy(data(copy), data(block), head.size);
      owners_.moved(head.owner, copy);
      // At once, so that the arena is valid even if memory for the next block is missing.
      header(block).owner = 0;
      segment.live -= static_cast<std::uint32_t>(bytes);
    }
    at += bytes;
  }
  free_segment(segment);
}

void Arena::reset() {
  while (!segments_.empty()) free_segment(*segments_.back());
  while (large_ != nullptr) free_large(large_);
  allocated_ = 0;
  live_ = 0;
}

}  // namespace djcache::memory
