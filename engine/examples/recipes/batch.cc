// A batch program on the blocking API: a lock, worker threads, iteration over keys, counters.
#include <djcache/djcache.h>
#include <djcache/sync_cache.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

bool said(const djcache::Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  return false;
}

// One share of the work, run by each thread: stores its entries in one call.
bool store_prices(const djcache::SyncCache& cache, int first, int count) {
  std::vector<std::pair<std::string, djcache::Value>> prices;
  for (int i = first; i < first + count; ++i)
    prices.emplace_back("price:" + std::to_string(i), 9.5);
  const auto failed = cache.set_many(prices, {.ttl = 1h});
  return failed.ok() || said(failed.error());
}

bool run(const djcache::SyncCache& cache) {
  // Runs once at a time, across all machines. If the program dies, the lock expires after the ttl.
  djcache::SyncLock lock = cache.lock("nightly", {.ttl = 10min});
  const auto taken = lock.acquire({.blocking = false});
  if (!taken.ok()) return said(taken.error());
  if (!*taken) {
    std::puts("another one is at work");
    return true;
  }

  bool stored[4] = {};
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&cache, &stored, i] { stored[i] = store_prices(cache, i * 250, 250); });
    }
  }
  std::int64_t keys = 0;
  const auto walked = cache.iter_keys("price:*", {}, [&](std::vector<std::string> page) {
    keys += static_cast<std::int64_t>(page.size());  // on the loop's thread while this one waits
    return true;
  });
  if (!walked.ok()) return said(walked.error());
  std::printf("%lld prices\n", static_cast<long long>(keys));
  const auto released = lock.release();
  return (released.ok() || said(released.error())) && stored[0] && stored[1] && stored[2] &&
         stored[3];
}

int main() {
  const char* url = std::getenv("DJCACHE_EXAMPLE_URL");
  if (url == nullptr) url = "redis://127.0.0.1:6379";
  djcache::SyncEngine engine({.caches = {{"default", {.location = {url}}}}});
  if (const auto started = engine.start(); !started.ok()) {
    said(started.error());
    return 1;
  }
  const bool done = run(engine.cache());

  // For node_exporter's textfile collector or a push gateway, because a batch program does not run
  // long enough to be scraped.
  const auto counters = engine.statistics();
  if (counters.ok()) std::fputs(djcache::prometheus_text(*counters).c_str(), stdout);
  return engine.stop().ok() && done ? 0 : 1;
}
