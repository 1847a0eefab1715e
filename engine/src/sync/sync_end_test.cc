// Starting and stopping, and calls that must not wait: which are refused, and with which error.
#include <djcache/harness/scripted_peer.h>

#include "sync/sync_fixture.h"

namespace djcache {
namespace {

using testing::HasSubstr;

class SyncEnd : public SyncTest {
 protected:
  // A server that accepts connections and never replies: calls of this engine wait.
  std::unique_ptr<SyncEngine> waiting_engine() {
    Settings slow = settings();
    slow.caches["default"].options.command_limit = 60s;
    auto engine = started(std::move(slow));
    EXPECT_TRUE(engine->cache().set("k", 1).ok());
    const auto stopped = server().stop();
    EXPECT_TRUE(stopped) << stopped.problem;
    return engine;
  }
  void TearDown() override {
    (void)server().cont();
    SyncTest::TearDown();
  }
};

TEST_F(SyncEnd, BeforeStartACallIsRefused) {
  SyncEngine engine(settings());
  const auto refused = engine.cache().get("k");
  EXPECT_EQ(refused.error().code, Errc::closed);
  EXPECT_THAT(refused.error().detail, HasSubstr("not been started"));
  EXPECT_EQ(engine.disconnect().error().code, Errc::closed);
}

TEST_F(SyncEnd, InvalidSettingsDoNotStart) {
  SyncEngine engine(settings("nonsense://"));
  EXPECT_EQ(engine.start().error().code, Errc::invalid_settings);
  EXPECT_EQ(engine.cache().get("k").error().code, Errc::invalid_settings);
}

TEST_F(SyncEnd, AnEngineStartsOnce) {
  EXPECT_EQ(engine().start().error().code, Errc::closed);
  EXPECT_TRUE(engine().stop().ok());
  EXPECT_EQ(engine().start().error().code, Errc::closed);
}

TEST_F(SyncEnd, AfterStopEveryCallIsClosedAndStopMayBeCalledAgain) {
  const SyncCache cache = this->cache();
  ASSERT_TRUE(cache.set("k", 1).ok());
  EXPECT_TRUE(engine().stop().ok());
  EXPECT_TRUE(engine().stop().ok());
  EXPECT_EQ(cache.get("k").error().code, Errc::closed);
  EXPECT_EQ(engine().pools().error().code, Errc::closed);
  engine_.reset();
  EXPECT_EQ(cache.get("k").error().code, Errc::closed);
  EXPECT_EQ(cache.get_or_set("k", [] { return Value(1); }).error().code, Errc::closed);
}

TEST_F(SyncEnd, StopWakesEveryWaiterWithClosed) {
  auto engine = waiting_engine();
  std::atomic<int> closed = 0;
  auto crew = SyncTest::crew(64, [&, cache = engine->cache()](int id) {
    const auto r = id % 2 == 0 ? cache.incr("n") : cache.decr("n");
    if (!r.ok() && r.error().code == Errc::closed) ++closed;
  });
  EXPECT_TRUE(eventually([&] { return engine->calls() == 64; }));
  EXPECT_TRUE(engine->stop().ok());
  join(crew);
  EXPECT_EQ(closed, 64);
  EXPECT_EQ(engine->calls(), 0u);
}

TEST_F(SyncEnd, DestructionWakesEveryWaiterWithClosed) {
  auto engine = waiting_engine();
  std::atomic<int> closed = 0;
  auto crew = SyncTest::crew(16, [&, cache = engine->cache()](int) {
    const auto r = cache.get("k");
    if (!r.ok() && r.error().code == Errc::closed) ++closed;
  });
  EXPECT_TRUE(eventually([&] { return engine->calls() == 16; }));
  engine.reset();
  join(crew);
  EXPECT_EQ(closed, 16);
}

TEST_F(SyncEnd, StopDuringCallsLosesNoCaller) {
  for (int round = 0; round < 5; ++round) {
    auto engine = started(settings());
    std::atomic<int> answered = 0, other = 0;
    auto crew = SyncTest::crew(8, [&, cache = engine->cache()](int) {
      for (;;) {
        const auto r = cache.get("k");
        if (r.ok()) {
          ++answered;
        } else {
          if (r.error().code != Errc::closed) ++other;
          return;
        }
      }
    });
    EXPECT_TRUE(eventually([&] { return answered > 100; }));
    EXPECT_TRUE(engine->stop().ok());
    join(crew);
    EXPECT_EQ(other, 0);
  }
}

TEST_F(SyncEnd, SeveralThreadsMayStopAtOnce) {
  auto crew = SyncTest::crew(4, [this](int) { EXPECT_TRUE(engine().stop().ok()); });
  join(crew);
}

TEST_F(SyncEnd, StopWhileAProducerIsAtWorkEndsItsCallWithClosed) {
  const auto r = cache().get_or_set("k", [this] {
    EXPECT_TRUE(engine().stop().ok());
    return Value(1);
  });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::closed);
}

TEST_F(SyncEnd, ACallFromTheLoopThreadIsRefusedInsteadOfDeadlocking) {
  std::atomic<int> asked = 0;
  SyncEngine* self = nullptr;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent&) {
    EXPECT_EQ(self->cache().get("k").error().code, Errc::would_deadlock);
    EXPECT_EQ(self->cache().get_or_set("k", [] { return Value(1); }).error().code,
              Errc::would_deadlock);
    EXPECT_EQ(self->disconnect().error().code, Errc::would_deadlock);
    EXPECT_EQ(self->stop().error().code, Errc::would_deadlock);
    ++asked;
  };
  SyncEngine engine(std::move(settings));
  self = &engine;
  ASSERT_TRUE(engine.start().ok());
  EXPECT_TRUE(engine.cache().set("k", 1).ok());
  EXPECT_TRUE(eventually([&] { return asked > 0; }));
  EXPECT_TRUE(engine.stop().ok());
}

TEST_F(SyncEnd, TheEngineMayBeDestroyedOnItsOwnLoopThread) {
  std::unique_ptr<SyncEngine> own;
  std::atomic<bool> gone = false;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent&) {
    own.reset();
    gone = true;
  };
  own = std::make_unique<SyncEngine>(std::move(settings));
  ASSERT_TRUE(own->start().ok());
  const SyncCache cache = own->cache();
  (void)cache.get("k");
  EXPECT_TRUE(eventually([&] { return gone.load(); }));
  EXPECT_EQ(cache.get("k").error().code, Errc::closed);
}

}  // namespace
}  // namespace djcache
