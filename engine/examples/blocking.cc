// A program without a loop: several threads share the blocking API and its one connection. Takes
// the server's URL, or DJCACHE_EXAMPLE_URL.
#include <djcache/sync_cache.h>

#include <thread>
#include <vector>

#include "foreign_work.h"

int main(int argc, char** argv) {
  djcache::SyncEngine engine(example_settings(argc, argv));
  if (const auto started = engine.start(); !started.ok()) {
    std::puts(to_string(started.error()).c_str());
    return 1;
  }
  const djcache::SyncCache cache = engine.cache("default");
  (void)cache.set("visits", 0);
  std::vector<std::thread> visitors;
  for (int i = 0; i < 10; ++i) visitors.emplace_back([&cache] { (void)cache.incr("visits"); });
  for (std::thread& visitor : visitors) visitor.join();
  const auto visits = cache.get<std::int64_t>("visits");
  if (!visits.ok()) std::puts(to_string(visits.error()).c_str());
  return visits.ok() && *visits == 10 && engine.stop().ok() ? 0 : 1;
}
