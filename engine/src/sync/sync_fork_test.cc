// fork() after connecting: the child's calls are refused, it may make an engine of its own, and it
// never touches what the parent still uses.
#include <sys/wait.h>
#include <unistd.h>

#include "sanitized.h"
#include "sync/sync_fixture.h"

namespace djcache {
namespace {

class SyncFork : public SyncTest {
 protected:
  // Runs `child` in a forked process; its result is the exit code.
  template <class Child>
  static int in_child(Child child) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(child());
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(SyncFork, AChildIsRefusedAndTheParentGoesOn) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  const SyncCache cache = this->cache();
  EXPECT_EQ(in_child([&] {
              if (cache.get("k").ok()) return 1;
              if (cache.get("k").error().code != Errc::closed) return 2;
              if (cache.get("k").error().detail.find("fork") == std::string::npos) return 3;
              if (engine().disconnect().ok() || engine().stop().ok()) return 4;
              return 0;
            }),
            0);
  EXPECT_EQ(cache.get("k").value(), Value(1));
}

TEST_F(SyncFork, DestroyingTheEngineInAChildDoesNotDisturbTheParentsConnection) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  EXPECT_EQ(in_child([&] {
              engine_.reset();
              return 0;
            }),
            0);
  EXPECT_EQ(cache().get("k").value(), Value(1));
  const PoolInfo info = engine().pools()->front().info().value();
  EXPECT_EQ(info.statistics.connects, 1u) << "the connection is the one of before";
  EXPECT_EQ(info.statistics.disconnects, 0u);
}

// The thread sanitizer cannot follow a thread that the child of a threaded process makes.
#if !defined(DJCACHE_SANITIZES_THREADS)
TEST_F(SyncFork, AChildMayMakeAnEngineOfItsOwn) {
  ASSERT_TRUE(cache().set("k", 1).ok());
  EXPECT_EQ(in_child([&] {
              SyncEngine own(settings());
              if (!own.start().ok()) return 1;
              const auto found = own.cache().get("k");
              if (!found.ok() || *found != Value(1)) return 2;
              return own.cache().set("k", 2).ok() && own.stop().ok() ? 0 : 3;
            }),
            0);
  EXPECT_EQ(cache().get("k").value(), Value(2));
}
#endif

TEST_F(SyncFork, AForkWhileOtherThreadsCallLeavesThemAlone) {
  std::atomic<bool> enough = false;
  std::atomic<int> wrong = 0, right = 0;
  auto crew = SyncTest::crew(4, [&, cache = cache()](int id) {
    const std::string key = "key" + std::to_string(id);
    for (int i = 0; !enough; ++i) {
      const bool ok = cache.set(key, i).ok() && cache.get(key).value_or({}) == Value(i);
      ok ? ++right : ++wrong;
    }
  });
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(eventually([&, before = right.load()] { return right > before + 10; }));
    EXPECT_EQ(in_child([] { return 0; }), 0);
  }
  enough = true;
  join(crew);
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace djcache
