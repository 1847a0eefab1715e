// A loop that is driven by another: operations issued between two turns are noticed.
#include <poll.h>

#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class OtherLoop : public EngineTest {
 protected:
  Cache driven(std::string url = {}) {
    Settings settings;
    CacheSettings& cache = settings.caches["default"];
    cache.location = {url.empty() ? server().url() : std::move(url)};
    cache.options.command_limit = 100ms;
    settings.on_work = [this] { ++told_; };
    return start(std::move(settings)).cache();
  }
  int told_ = 0;
};

// An event loop that knows the libuv loop only by its descriptor, its timeout and on_work. It
// sleeps until one of them wakes it, or its own timer, whose handler takes no turn.
class Foreign {
 public:
  explicit Foreign(uv_loop_t& loop) : loop_(loop) {}
  void poke() { poked_ = true; }

  // False: it would have slept forever (5 s in a test).
  bool run_until(const std::function<bool()>& predicate) {
    turn();
    while (!predicate()) {
      pollfd watched{.fd = uv_backend_fd(&loop_), .events = POLLIN, .revents = 0};
      const bool at_once = std::exchange(poked_, false);
      const int forever = 5000;
      const int time = at_once ? 0 : timer_ ? 1 : timeout_ < 0 ? forever : timeout_;
      const int ready = ::poll(&watched, 1, time);
      if (timer_ && !at_once && ready == 0) {
        std::exchange(timer_, nullptr)();
        continue;
      }
      if (ready == 0 && !at_once && time == forever) return false;
      turn();
    }
    return true;
  }
  void after_a_moment(std::function<void()> handler) { timer_ = std::move(handler); }

 private:
  void turn() {
    uv_run(&loop_, UV_RUN_NOWAIT);
    timeout_ = uv_backend_timeout(&loop_);
  }

  uv_loop_t& loop_;
  std::function<void()> timer_;
  int timeout_ = 0;
  bool poked_ = false;
};

TEST_F(OtherLoop, IsToldOnceOfWorkThatComesBetweenTwoTurns) {
  Cache cache = driven();
  Answer<std::optional<Value>> first, second, third;
  cache.get("a", first.callback());
  cache.get("b", second.callback());
  EXPECT_EQ(told_, 1);
  (void)wait(first);
  (void)wait(second);
  EXPECT_EQ(told_, 1);
  cache.get("c", third.callback());
  EXPECT_EQ(told_, 2);
  (void)wait(third);
  EXPECT_EQ(told_, 2);
}

TEST_F(OtherLoop, IsNotToldOfWorkThatATurnMakes) {
  Cache cache = driven();
  Answer<void> stored;
  cache.get("a", [&](Result<std::optional<Value>>) { cache.set("a", 1, stored.callback()); });
  EXPECT_TRUE(wait(stored).ok());
  EXPECT_EQ(told_, 1);
}

TEST_F(OtherLoop, IsToldOfEverythingThatNeedsATurn) {
  Cache cache = driven();
  Answer<void> nothing;
  cache.delete_many({}, nothing.callback());
  EXPECT_EQ(told_, 1);
  (void)wait(nothing);
  Answer<std::optional<Value>> cancelled;
  const Ticket ticket = cache.get("a", cancelled.callback());
  EXPECT_EQ(told_, 2);
  runner_.run_for_turns(1);
  if (cache.cancel(ticket)) {
    EXPECT_EQ(wait(cancelled), Errc::cancelled);
  }
  told_ = 0;
  (void)disconnect(engine());
  EXPECT_EQ(told_, 1);
}

TEST_F(OtherLoop, AnswersAnOperationOfItsOwnTimer) {
  Cache cache = driven();
  const Poster alive = engine().poster({.keep_loop_running = true});
  Foreign foreign(runner_.loop());
  Answer<void> stored;
  foreign.after_a_moment([&] {
    cache.set("a", 1, stored.callback());
    if (told_ > 0) foreign.poke();
  });
  EXPECT_TRUE(foreign.run_until([&] { return stored.come(); }));
  EXPECT_TRUE(wait(stored).ok());
}

TEST_F(OtherLoop, EndsAnOperationOfItsOwnTimerAtItsLimit) {
  harness::RedisServer& own = own_server();
  Cache cache = driven(own.url());
  const Poster alive = engine().poster({.keep_loop_running = true});
  Foreign foreign(runner_.loop());
  Answer<void> warm, stored;
  cache.set("a", 1, warm.callback());
  EXPECT_TRUE(foreign.run_until([&] { return warm.come(); }));
  ASSERT_TRUE(own.stop());
  told_ = 0;
  foreign.after_a_moment([&] {
    cache.set("a", 1, stored.callback());
    if (told_ > 0) foreign.poke();
  });
  EXPECT_TRUE(foreign.run_until([&] { return stored.come(); }));
  EXPECT_EQ(wait(stored), Errc::timeout);
}

}  // namespace
}  // namespace djcache
