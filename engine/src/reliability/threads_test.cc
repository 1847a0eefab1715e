// Threads and processes: R11 of the blocking API, R19 fork.
#include <sys/wait.h>
#include <unistd.h>

#include "reliability/scale.h"
#include "sanitized.h"
#include "sync/sync_fixture.h"

namespace djcache::reliability {
namespace {

class Threads : public SyncTest {};

TEST_F(Threads, R11SixtyFourThreadsGetTheirOwnValues) {
  const std::uint64_t each = times({50, 5'000, 100'000});
  std::atomic<std::uint64_t> wrong = 0;
  const SyncCache cached = cache();
  auto threads = crew(64, [&](int thread) {
    for (std::uint64_t i = 0; i < each; ++i) {
      const std::string key = "t" + std::to_string(thread) + "." + std::to_string(i % 10);
      const std::string value = key + "|" + std::to_string(i);
      WriteOptions options;
      options.limit = 60s;
      if (!cached.set(key, value, options).ok()) ++wrong;
      const auto found = cached.get(key, {.limit = 60s});
      if (!found.ok() || !found->has_value() || (*found)->text() != value) ++wrong;
    }
  });
  join(threads);
  EXPECT_EQ(wrong, 0u);
  figure("R11", "64 threads, %llu operations, 0 errors",
         static_cast<unsigned long long>(64 * each * 2));
}

// Under the thread sanitizer a child of a process with threads cannot make threads.
#ifndef DJCACHE_SANITIZES_THREADS
TEST_F(Threads, R19ForkedChildrenAreRefusedAndSendNothing) {
  const std::uint64_t forks = times({5, 100, 1000});
  const SyncCache cached = cache();
  ASSERT_TRUE(cached.set("a", "mine").ok());
  for (std::uint64_t i = 0; i < forks; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const bool refused = cached.get("a").ok() == false && cached.set("a", "theirs").ok() == false;
      ::_exit(refused ? 0 : 1);
    }
    EXPECT_TRUE(cached.set("b", static_cast<std::int64_t>(i)).ok());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_EQ(cached.get("a").value(), Value("mine"));
    EXPECT_EQ(cached.get("b").value(), Value(static_cast<std::int64_t>(i)));
  }
  const PoolStatistics statistics = engine().pools()->at(0).info()->statistics;
  EXPECT_EQ(statistics.connects, 1u);  // a byte from a child would have closed it
  EXPECT_EQ(statistics.protocol_errors, 0u);
  figure("R19", "%llu forks, the parent's one connection undisturbed",
         static_cast<unsigned long long>(forks));
}
#endif

}  // namespace
}  // namespace djcache::reliability
