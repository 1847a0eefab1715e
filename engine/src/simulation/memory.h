// Memory: counts the allocations of the engine, and makes one of them fail.
//
// Only those of the engine count, not those of the simulated world: a call into the engine is
// marked Inside, a call from it Outside. Allocations are those of operator new and, unless a
// sanitizer replaces it, of malloc, which hiredis uses.
#pragma once

#include <cstdint>
#include <utility>

namespace djcache::simulation {

class Memory {
 public:
  // From now on; 0: none fails.
  static void reset(std::uint64_t failing) {
    failing_ = failing;
    count_ = 0;
    inside_ = false;
  }
  static std::uint64_t count() { return count_; }
  static bool has_failed() { return failing_ != 0 && count_ >= failing_; }
  // Requests an allocation. False: it fails.
  static bool gives() { return !inside_ || ++count_ != failing_; }

 private:
  template <bool inside>
  friend class Side;
  static inline std::uint64_t failing_ = 0;
  static inline std::uint64_t count_ = 0;
  static inline bool inside_ = false;
};

// Which side runs, until the end of the scope.
template <bool inside>
class Side {
 public:
  Side() : before_(std::exchange(Memory::inside_, inside)) {}
  ~Side() { Memory::inside_ = before_; }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;

 private:
  bool before_;
};
using Inside = Side<true>;
using Outside = Side<false>;

}  // namespace djcache::simulation
