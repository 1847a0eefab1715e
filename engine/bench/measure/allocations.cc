#include "measure/allocations.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define DJCACHE_BENCH_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define DJCACHE_BENCH_COUNTS_ALLOCATIONS 0
#endif
#endif
#ifndef DJCACHE_BENCH_COUNTS_ALLOCATIONS
#define DJCACHE_BENCH_COUNTS_ALLOCATIONS 1
#endif

#if DJCACHE_BENCH_COUNTS_ALLOCATIONS

namespace {

std::atomic<std::uint64_t> allocations{0};

// A load and a store instead of one locked addition: the contestants run on one thread, and a
// locked addition would slow down only those that allocate.
void count_one() {
  allocations.store(allocations.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

// glibc's implementations of malloc and its family.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  count_one();
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  count_one();
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  count_one();
  return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count_one();
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  void* memory = memalign(alignment, size);
  if (memory == nullptr) return ENOMEM;
  *result = memory;
  return 0;
}
}

#endif

namespace djcache::bench {

std::optional<std::uint64_t> allocation_count() {
#if DJCACHE_BENCH_COUNTS_ALLOCATIONS
  return allocations.load(std::memory_order_relaxed);
#else
  return std::nullopt;
#endif
}

}  // namespace djcache::bench
