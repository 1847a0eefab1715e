// Memory that a burst needed is freed: within seconds of quiet, and at once by a disconnect. In
// bytes.
#include <malloc.h>

#include "engine/engine_fixture.h"
#include "sanitized.h"

#if defined(DJCACHE_SANITIZES_ADDRESS) || defined(DJCACHE_SANITIZES_THREADS)
// not every system has its header
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace djcache {
namespace {

std::int64_t allocated() {
#if defined(DJCACHE_SANITIZES_ADDRESS) || defined(DJCACHE_SANITIZES_THREADS)
  return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes());
#else
  const struct mallinfo2 info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
#endif
}

constexpr std::int64_t megabyte = 1 << 20;

class BurstTest : public EngineTest {
 protected:
  // An engine at work, with the memory that a few operations need.
  Cache at_work() {
    Verbs verbs =
        this->verbs({.location = {server().unix_url()}, .options = {.command_limit = 1min}});
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(verbs.set("key", i).ok());
    return verbs.cache;
  }
  // As many operations as the pool admits, but one, at once.
  static constexpr int operations = 99'999;
  void burst_of(const Cache& cache) {
    ended_ = 0;
    for (int i = 0; i < operations; ++i) {
      cache.get("key", [this](auto result) { ended_ += result.ok() ? 1 : 0; });
    }
    peak_ = allocated();
  }
  void burst(const Cache& cache) {
    burst_of(cache);
    ASSERT_TRUE(run_until([this] { return ended_ == operations; }, 60s));
  }
  int ended_ = 0;
  std::int64_t peak_ = 0;
};

TEST_F(BurstTest, IsGivenBackInAWhileOfQuiet) {
  const Cache cached = at_work();
  const std::int64_t before = allocated();
  burst(cached);
  run_until([&] { return allocated() <= before + 2 * megabyte; });
  EXPECT_LE(allocated(), before + 2 * megabyte) << "after " << peak_ - before << " bytes";
}

TEST_F(BurstTest, IssuedByACallbackIsGivenBack) {
  const Cache cached = at_work();
  const std::int64_t before = allocated();
  bool begun = false;
  cached.get("key", [&](auto) {
    burst_of(cached);
    begun = true;
  });
  ASSERT_TRUE(run_until([&] { return begun && ended_ == operations; }, 60s));
  run_until([&] { return allocated() <= before + 2 * megabyte; });
  EXPECT_LE(allocated(), before + 2 * megabyte) << "after " << peak_ - before << " bytes";
}

TEST_F(BurstTest, IsGivenBackAtOnceByADisconnect) {
  const Cache cached = at_work();
  const std::int64_t before = allocated();
  burst(cached);
  disconnect(engine());
  EXPECT_LE(allocated(), before + 2 * megabyte) << "after " << peak_ - before << " bytes";
}

TEST_F(BurstTest, OfMemoryBackendsIsGivenBackWhenTheEngineRests) {
  start(Settings{});
  EXPECT_TRUE(wait_for(engine().cache()).set("key", 1).ok());
  const std::int64_t before = allocated();
  burst(engine().cache());
  run_until([&] { return our_handles().empty(); });
  EXPECT_LE(allocated(), before + 2 * megabyte) << "after " << peak_ - before << " bytes";
}

}  // namespace
}  // namespace djcache
