// A co_await allocates nothing: all its state is in the frame.
#include <djcache/coro.h>

#include <cstdlib>
#include <new>

#include "coro/task_fixture.h"
#include "engine/engine_fixture.h"
#include "sanitized.h"

namespace {
std::size_t allocations = 0;
}

// The sanitizers have operators of their own, and a hook instead.
#if defined(DJCACHE_SANITIZES_ADDRESS) || defined(DJCACHE_SANITIZES_THREADS)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*of_malloc)(const volatile void*,
                                                                           std::size_t),
                                                         void (*of_free)(const volatile void*));
namespace {
const int hooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});
}
#else
namespace {
const int hooked = 1;
}
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace djcache {
namespace {

class CoroAllocation : public EngineTest {};

// Allocations of a hundred rounds in the steady state: by then the output buffer has both of its
// chunks.
Task count(coro::Cache cache, std::size_t& counted) {
  const Value value(12345);
  for (int i = 0; i < 500; ++i) {
    if (i == 400) counted = allocations;
    (void)co_await cache.set("some_key", value);
    (void)co_await cache.get("some_key");
    (void)co_await cache.incr("some_key");
    (void)co_await cache.has_key("some_key");
  }
  counted = allocations - counted;
}

TEST_F(CoroAllocation, AHundredRoundsOfAwaitsAllocateNothing) {
  ASSERT_NE(hooked, 0);
  std::size_t counted = 1;
  Task task = count(coro::Cache(cache()), counted);
  // Not run_until of the fixture, because its predicate is a std::function.
  const std::size_t before = allocations;
  while (!task.ended()) uv_run(&runner_.loop(), UV_RUN_ONCE);
  EXPECT_EQ(counted, 0u);
  EXPECT_GT(allocations, before) << "nothing was counted";
}

}  // namespace
}  // namespace djcache
