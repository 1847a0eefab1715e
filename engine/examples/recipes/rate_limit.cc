// A rate limit: a maximum number of requests per user and minute, counted across all programs.
#include <djcache/djcache.h>
#include <uv.h>

#include <cstdio>
#include <cstdlib>

using namespace std::chrono_literals;

// Calls `done` with true if the request is allowed. It is also allowed if the cache fails, so that
// an outage of the cache does not stop the service.
void allow(djcache::Cache cache, const std::string& user, std::int64_t limit,
           djcache::UniqueFunction<void(bool)> done) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto minute = std::chrono::duration_cast<std::chrono::minutes>(now).count();
  const std::string key = "rate:" + user + ":" + std::to_string(minute);
  // Both commands are sent together and run in order: add() creates the counter with its expiry,
  // incr() keeps the expiry.
  cache.add(key, 0, {.ttl = 2min}, nullptr);
  cache.incr(key, [limit, done = std::move(done)](djcache::Result<std::int64_t> count) mutable {
    done(!count.ok() || *count <= limit);
  });
}

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  uv_loop_t* loop = uv_default_loop();
  djcache::Engine engine(*loop, {.caches = {{"default", {.location = {url}}}}});

  int allowed = 0, refused = 0;
  for (int i = 0; i < 5; ++i) {
    allow(engine.cache(), "ana", 3, [&](bool may) { ++(may ? allowed : refused); });
  }
  uv_run(loop, UV_RUN_DEFAULT);
  std::printf("%d allowed, %d refused\n", allowed, refused);

  engine.disconnect({}, nullptr);
  uv_run(loop, UV_RUN_DEFAULT);
  // 3 and 2, or more allowed if a new minute began in between.
  return uv_loop_close(loop) == 0 && allowed >= 3 && allowed + refused == 5 ? 0 : 1;
}
