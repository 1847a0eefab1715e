// fork() after connecting: a child that destroys the engine does not affect what the parent uses.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Fork : public EngineTest {
 protected:
  // Runs `child` in a forked process, which must end by itself with 0.
  template <class Child>
  static void in_child(Child child) {
    const pid_t pid = ::fork();
    if (pid == 0) child();
    int status = -1;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
  }
  void expect_same_connection(Verbs& cached) {
    EXPECT_EQ(cached.get("a"), 1);
    EXPECT_EQ(statistics().connects, 1u);
    EXPECT_EQ(statistics().disconnects, 0u);
    EXPECT_EQ(statistics().timeouts, 0u);
  }
};

TEST_F(Fork, AChildThatLeavesByExitWithAStaticEngineLeavesTheParentsConnectionAlone) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  in_child([&] {
    static std::unique_ptr<Engine> of_program;  // destroyed by exit()
    of_program = std::move(owner_of_engine());
    std::exit(0);
  });
  expect_same_connection(cached);
}

TEST_F(Fork, AChildOfAnEngineWithAPosterAndWorkUnderWayLeavesTheParentAlone) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  const Poster poster = engine().poster();
  Answer<std::int64_t> under_way;
  cached.cache.incr("n", {}, under_way.callback());
  in_child([&] {
    owner_of_engine().reset();
    ::_exit(under_way.calls);
  });
  EXPECT_EQ(wait(under_way), Errc::key_not_found);
  bool posted = false;
  EXPECT_TRUE(poster.post([&] { posted = true; }));
  EXPECT_TRUE(run_until([&] { return posted; }));
  expect_same_connection(cached);
}

}  // namespace
}  // namespace djcache
