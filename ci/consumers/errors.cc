// Mistakes for which the compiler must print an error that says what to write instead. Compiled
// with one mistake at a time, which must always fail.
#include <djcache/coro.h>
#include <djcache/djcache.h>

#include <coroutine>
#include <exception>

struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

#if MISTAKE == 1
void store(djcache::Cache cache) { cache.set("a", 1, {.ttl = 60}, nullptr); }
#elif MISTAKE == 2
djcache::Ttl ttl = 0.5;
#elif MISTAKE == 3
Task read(djcache::coro::Cache cache) {
  auto operation = cache.get("a");
  (void)co_await operation;
}
#endif
