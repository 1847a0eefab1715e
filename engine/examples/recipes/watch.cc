// WATCH on a lease, in a coroutine: changes an entry only if it has not changed since it was read.
#include <djcache/coro.h>
#include <djcache/djcache.h>
#include <uv.h>

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>

// A minimal task type: the coroutine starts at once and is not awaited.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

using djcache::Lease;
using djcache::Reply;
using djcache::Result;
using djcache::coro::awaitable;
using Replies = std::optional<std::vector<Reply>>;

// Takes one article out of stock, if there is any. `taken` stays empty after an error.
Task take_one(djcache::Cache cache, std::string article, std::optional<bool>& taken) {
  djcache::Client client = cache.client({});
  const std::string key = client.make_key(article);
  Result<Lease> lease = co_await awaitable<Result<Lease>>(
      [&](auto done) { return client.lease({}, std::move(done)); });
  if (!lease.ok()) co_return;

  while (true) {
    (void)co_await awaitable<Result<Reply>>([&](auto done) {
      return lease->command({"WATCH", key}, std::move(done));
    });
    Result<Reply> stored = co_await awaitable<Result<Reply>>([&](auto done) {
      return lease->command({"GET", key}, std::move(done));
    });
    if (!stored.ok()) co_return;
    Result<djcache::Value> stock = client.decode(stored->text);
    if (stored->is_nil() || !stock.ok() || stock->as_int().value_or(0) <= 0) {
      taken = false;
      co_return;  // releases the lease, which also ends its WATCH
    }
    Result<std::string> less = client.encode(*stock->as_int() - 1);
    if (!less.ok()) co_return;
    djcache::Pipeline change;
    change.add({"SET", key, *less});
    Result<Replies> executed = co_await awaitable<Result<Replies>>(
        [&](auto done) { return lease->transaction(change, {}, std::move(done)); });
    if (!executed.ok()) co_return;
    if (!executed->has_value()) continue;  // the entry has changed: retry
    taken = true;
    co_return;
  }
}

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});
  djcache::Cache cache = engine.cache();

  cache.set("stock:bread", 2, nullptr);
  std::optional<bool> taken[3];
  for (auto& each : taken)
    take_one(cache, "stock:bread", each);  // three buyers at once, two loaves
  uv_run(loop, UV_RUN_DEFAULT);

  int bought = 0;
  for (const auto& each : taken) bought += each.value_or(false) ? 1 : 0;
  std::printf("%d of 3 got one\n", bought);
  engine.disconnect({}, nullptr);
  uv_run(loop, UV_RUN_DEFAULT);
  return uv_loop_close(loop) == 0 && bought == 2 ? 0 : 1;
}
