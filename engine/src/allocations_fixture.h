// Counts the allocations of a test program. Exactly one of its files includes this, because it
// replaces operator new; with sanitizers, which have their own, it uses their hook.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "sanitized.h"

namespace djcache {
namespace {
std::size_t allocations = 0;
}
// Set while a library allocates whose memory is not counted.
inline thread_local bool others_allocate = false;
}  // namespace djcache

#if defined(DJCACHE_SANITIZES_ADDRESS) || defined(DJCACHE_SANITIZES_THREADS)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*of_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*of_free)(const volatile void*));
namespace djcache {
namespace {
// Where it counts: malloc's own, of every library.
const int allocations_counted = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { allocations += others_allocate ? 0 : 1; },
    [](const volatile void*) {});
}  // namespace
}  // namespace djcache
#else
namespace djcache {
namespace {
const int allocations_counted = 1;
}
}  // namespace djcache
void* operator new(std::size_t size) {
  ++djcache::allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
