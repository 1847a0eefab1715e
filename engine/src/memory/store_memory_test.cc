// The store when an allocation fails: it throws, may have lost the entry that was to be replaced,
// and stays valid.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "memory/store.h"

namespace {
// Counts down while armed; the allocation that reaches 0 fails.
std::uint64_t left = 0;
bool gives() { return left == 0 || --left != 0; }
void* take(std::size_t size, std::size_t alignment = 0) {
  void* memory = nullptr;
  if (gives()) {
    memory = alignment > 0
                 ? std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1))
                 : std::malloc(size > 0 ? size : 1);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

// For this program alone.
void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
// The sanitizer's own operator must not be paired with the delete defined here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return take(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace djcache::memory {
namespace {

class StoreMemory : public testing::TestWithParam<EvictionPolicy> {
 protected:
  // Plays the same 400 steps, in which allocation number `failing` fails; 0: none. Returns how many
  // could have failed.
  std::uint64_t play(std::uint64_t failing) {
    constexpr std::uint64_t enough = std::uint64_t{1} << 40;
    Store store(StoreOptions{.policy = GetParam(), .max_bytes = 600'000, .seed = 1});
    const EntryBounds bounds{.max_entries = 300, .cull_frequency = 3};
    std::map<std::string, std::string> known;  // the expected value of each entry that exists
    std::uint64_t random = 7, counted = 0;
    const auto below = [&random](std::uint64_t most) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      return (random >> 33) % most;
    };
    std::uint64_t budget = failing != 0 ? failing : enough;
    for (int step = 0; step < 400; ++step) {
      const std::string key = "key " + std::to_string(below(step < 200 ? 350 : 40));
      const std::uint64_t kind = below(8);
      const std::size_t sizes[] = {3, 200, 3000, 40'000};
      const std::string value(sizes[below(step % 16 == 0 ? 4 : 3)] + below(9),
                              static_cast<char>('a' + step % 26));
      const Bytes bytes{value, {}};
      bool failed = false;
      left = budget;
      try {
        if (kind == 0) {
          store.erase(key, 1);
        } else if (kind == 1 && step % 64 == 1) {
          store.clear();
        } else if (kind > 1) {
          store.set(key, bytes, never, 1, bounds);
        }
      } catch (const std::bad_alloc&) {
        failed = true;
      }
      counted += budget != 0 ? budget - left : 0;
      budget = failed ? 0 : left;
      left = 0;
      if (failed) {
        // The old value or none, but not the new one.
      } else if (kind == 0) {
        known.erase(key);
      } else if (kind == 1 && step % 64 == 1) {
        known.clear();
      } else if (kind > 1) {
        known[key] = value;
      }
      check(store, known, failing);
    }
    store.clear();
    EXPECT_EQ(store.payload_bytes(), 0u);
    return counted;
  }

  static void check(Store& store, const std::map<std::string, std::string>& known,
                    std::uint64_t failing) {
    std::size_t found = 0, payload = 0;
    for (const auto& [key, value] : known) {
      std::string_view got;
      if (!store.get(key, 1, got)) continue;  // evicted, or lost while being replaced
      ++found;
      payload += key.size() + got.size();
      ASSERT_EQ(got, value) << key << ", failing " << failing;
    }
    ASSERT_EQ(found, store.entries()) << "failing " << failing;
    ASSERT_EQ(payload, store.payload_bytes()) << "failing " << failing;
    ASSERT_LE(store.allocated(), 600'000u) << "failing " << failing;
  }
};

TEST_P(StoreMemory, IsWholeWhicheverAllocationFails) {
  const std::uint64_t allocations = play(0);
  ASSERT_GT(allocations, 20u);
  for (std::uint64_t failing = 1; failing <= allocations; ++failing) {
    play(failing);
    if (HasFatalFailure()) return;
  }
  std::printf("[ FIGURE   ] R04: %llu allocations of the store failed, one in each run\n",
              static_cast<unsigned long long>(allocations));
}

INSTANTIATE_TEST_SUITE_P(Policies, StoreMemory,
                         testing::Values(EvictionPolicy::cull, EvictionPolicy::lru,
                                         EvictionPolicy::s3_fifo));

}  // namespace
}  // namespace djcache::memory
