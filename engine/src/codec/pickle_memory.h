// The memory that reading one pickle takes, counted where it is allocated: that of the machine,
// which grows with its instructions, and that of the Value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace djcache::codec::pickle {

// Thrown when memory would exceed the limit; run_machine() turns it into an error.
struct TooMuchMemory final : std::bad_alloc {};

// For this thread, since the last restart. Negative if memory kept from before was freed.
class Memory {
 public:
  static void restart(std::size_t max_bytes) {
    held_ = 0;
    max_ = static_cast<std::int64_t>(max_bytes);
  }
  static void take(std::size_t bytes) {
    if (held_ + static_cast<std::int64_t>(bytes) > max_) throw TooMuchMemory();
    held_ += static_cast<std::int64_t>(bytes);
  }
  static void give(std::size_t bytes) { held_ -= static_cast<std::int64_t>(bytes); }

 private:
  static inline thread_local std::int64_t held_ = 0, max_ = 0;
};

// For std::vector.
template <class T>
struct Counted {
  using value_type = T;
  Counted() = default;
  template <class U>
  Counted(const Counted<U>&) {}
  // Out of line, so that push_back can be inlined.
  [[gnu::noinline]] T* allocate(std::size_t count) {
    Memory::take(count * sizeof(T));
    return std::allocator<T>().allocate(count);
  }
  void deallocate(T* at, std::size_t count) {
    Memory::give(count * sizeof(T));
    std::allocator<T>().deallocate(at, count);
  }
  friend bool operator==(const Counted&, const Counted&) { return true; }
};

}  // namespace djcache::codec::pickle
