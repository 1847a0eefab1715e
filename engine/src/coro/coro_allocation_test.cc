// A co_await allocates nothing: all its state is in the frame.
#include <djcache/coro.h>

#include "allocations_fixture.h"
#include "coro/task_fixture.h"
#include "engine/engine_fixture.h"

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
  ASSERT_NE(allocations_counted, 0);
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
