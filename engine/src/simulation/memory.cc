#include "simulation/memory.h"
#include "sanitized.h"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

using djcache::simulation::Memory;

#if defined(DJCACHE_SANITIZES_ADDRESS) || defined(DJCACHE_SANITIZES_THREADS)
namespace {
void* take(std::size_t size) { return std::malloc(size); }
void give(void* memory) { std::free(memory); }
}  // namespace
#else
// The C library's functions, under the names it provides for programs that replace the usual ones.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  if (Memory::gives()) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
void* calloc(std::size_t count, std::size_t size) {
  if (Memory::gives()) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}
void* realloc(void* memory, std::size_t size) {
  if (Memory::gives()) return __libc_realloc(memory, size);
  errno = ENOMEM;
  return nullptr;
}
}
namespace {
void* take(std::size_t size) { return __libc_malloc(size); }
void give(void* memory) { __libc_free(memory); }
}  // namespace
#endif

void* operator new(std::size_t size) {
  void* memory = Memory::gives() ? take(size > 0 ? size : 1) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return Memory::gives() ? take(size > 0 ? size : 1) : nullptr;
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* memory) noexcept { give(memory); }
void operator delete[](void* memory) noexcept { give(memory); }
void operator delete(void* memory, std::size_t) noexcept { give(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { give(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { give(memory); }
