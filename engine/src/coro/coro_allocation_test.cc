// A co_await allocates nothing: what it needs is in the frame.
#include <djcache/coro.h>

#include <cstdlib>
#include <new>

#include "coro/task_fixture.h"
#include "engine/engine_fixture.h"
#include "sanitized.h"

namespace {
std::size_t allocations = 0;
}

// The sanitizers have operators of their own.
#if !defined(DJCACHE_SANITIZES_ADDRESS) && !defined(DJCACHE_SANITIZES_THREADS)
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

// Allocations of a hundred rounds in the steady state.
Task count(coro::Cache cache, std::size_t& counted) {
  const Value value(12345);
  for (int i = 0; i < 200; ++i) {
    if (i == 100) counted = allocations;
    (void)co_await cache.set("some_key", value);
    (void)co_await cache.get("some_key");
    (void)co_await cache.incr("some_key");
    (void)co_await cache.has_key("some_key");
  }
  counted = allocations - counted;
}

TEST_F(CoroAllocation, AHundredRoundsOfAwaitsAllocateNothing) {
  std::size_t counted = 1;
  Task task = count(coro::Cache(cache()), counted);
  // Not run_until of the fixture: its predicate is a std::function.
  while (!task.ended()) uv_run(&runner_.loop(), UV_RUN_ONCE);
  EXPECT_EQ(counted, 0u);
}

}  // namespace
}  // namespace djcache
