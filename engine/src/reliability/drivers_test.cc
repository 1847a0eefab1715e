// The loop of a SyncEngine goes from hand to hand: R11 of callers that come, wait, give up, and
// leave it to each other, among forks, lost connections, disconnects, and the end.
#include <sys/wait.h>
#include <unistd.h>

#include "reliability/scale.h"
#include "sanitized.h"
#include "sync/sync_fixture.h"

namespace djcache::reliability {
namespace {

class Drivers : public SyncTest {
 protected:
  // What must not happen, wherever it happens.
  std::atomic<std::uint64_t> wrong_ = 0, answered_ = 0, failed_ = 0;
  std::atomic<std::uint64_t> hooks_elsewhere_ = 0;

  bool is_expected(const Error& error) {
    ++failed_;
    switch (error.code) {
      case Errc::timeout:
      case Errc::disconnected:
      case Errc::connection_lost:
      case Errc::closed:
      case Errc::key_not_found:
        return true;
      default:
        ADD_FAILURE() << to_string(error);
        return false;
    }
  }
  template <class T>
  bool expect(const Result<T>& result) {
    ++answered_;
    if (!result.ok() && !is_expected(result.error())) ++wrong_;
    return result.ok();
  }

  Settings hooked() {
    Settings settings = this->settings();
    auto thread = std::make_shared<std::atomic<std::thread::id>>();
    const auto note = [this, thread] {
      std::thread::id none;
      thread->compare_exchange_strong(none, std::this_thread::get_id());
      if (*thread != std::this_thread::get_id()) ++hooks_elsewhere_;
    };
    settings.on_event = [note](const PoolEvent&) { note(); };
    settings.on_warning = [note](std::string_view, std::string_view) { note(); };
    return settings;
  }

  // A value names its key: nobody may be given another's.
  void read(const SyncCache& cache, const std::string& key, std::chrono::milliseconds limit) {
    const auto found = cache.get(key, {.limit = limit});
    if (!expect(found) || !found->has_value()) return;
    if ((*found)->kind() != Kind::string || (*found)->text().substr(0, key.size()) != key) ++wrong_;
  }

  void one(SyncEngine& engine, const SyncCache& cache, const std::string& key, Random& random) {
    const auto limit = random.below(10) == 0 ? 1ms : 60'000ms;
    switch (random.below(40)) {
      case 0:
        return (void)expect(engine.disconnect({.limit = random.below(2) == 0 ? 0ms : 1000ms}));
      case 1: {
        SyncLock lock = cache.lock("lock" + key, {.ttl = 60s});
        return (void)expect(lock.acquire({.blocking = false}));  // and let go of
      }
      case 2: {
        const auto each = [](std::vector<std::string>&) { return true; };
        return (void)expect(cache.iter_keys("*", {.page_size = 7}, each));
      }
      case 3: {
        const auto produce = [&]() -> Result<Value> {
          read(cache, key, limit);
          return Value(key + "|made");
        };
        return (void)expect(cache.get_or_set(key + ".made", produce, {.limit = limit}));
      }
      case 4:
        return std::this_thread::sleep_for(std::chrono::milliseconds(random.below(15)));
      case 5:
        return (void)expect(engine.statistics());
      case 6:
        return (void)expect(cache.make_key("a key with spaces"));
      case 7:
        return (void)expect(cache.get("a key with spaces", {.limit = limit}));
      case 8:
        return (void)expect(cache.delete_(key, {.limit = limit}));
      case 9:
        return (void)expect(cache.get_many({key, "n"}, {.limit = limit}));
      case 10:
        return (void)expect(cache.incr("n", {.limit = limit}));
      case 11:
        return lose_connections();
      case 12:
        return fork_a_child(cache);
      default:
        if (random.below(2) == 0) return read(cache, key, limit);
        WriteOptions options;
        options.limit = limit;
        expect(cache.set(key, key + "|" + std::to_string(random.next()), options));
    }
  }

  void lose_connections() {
    auto inspector = harness::Inspector::open(server().endpoint());
    if (!inspector || !inspector->kill_clients("djcache")) ++wrong_;
  }
  // Not under a sanitizer: its allocator may be locked by another thread at the fork, and the child
  // would wait for it without end. Threads.R19 forks without such threads.
  void fork_a_child([[maybe_unused]] const SyncCache& cache) {
#if !defined(DJCACHE_SANITIZES_ADDRESS) && !defined(DJCACHE_SANITIZES_THREADS)
    const pid_t child = ::fork();
    if (child == 0) ::_exit(cache.get("n").ok() ? 1 : 0);
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0) ++wrong_;
#endif
  }
};

TEST_F(Drivers, R11CallersHandTheLoopToEachOther) {
  const std::uint64_t rounds = times({8, 200, 5'000});
  for (std::uint64_t round = 0; round < rounds; ++round) {
    auto engine = started(hooked());
    const SyncCache cache = engine->cache();
    (void)cache.add("n", 0);
    const int threads = static_cast<int>(round % 8) + 1;
    std::atomic<std::uint64_t> done = 0;
    auto callers = crew(threads, [&](int id) {
      Random random(round * 100 + static_cast<unsigned>(id));
      const std::string key = "k" + std::to_string(id);
      for (int i = 0; i < 60; ++i, ++done) one(*engine, cache, key, random);
    });
    // Every other engine ends under its callers.
    if (round % 2 == 1) {
      EXPECT_TRUE(eventually([&] { return done > 40u * static_cast<unsigned>(threads); }));
      EXPECT_TRUE(engine->stop().ok());
    }
    join(callers);
    EXPECT_EQ(engine->calls(), 0u);
  }
  EXPECT_EQ(wrong_, 0u);
  EXPECT_EQ(hooks_elsewhere_, 0u);
  figure("R11", "%llu engines, %llu calls of up to 8 threads, %llu ended with an error, 0 wrong",
         static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(answered_.load()),
         static_cast<unsigned long long>(failed_.load()));
}

}  // namespace
}  // namespace djcache::reliability
