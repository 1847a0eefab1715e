// Failing servers while many threads wait: each call gets the right error, and none hangs.
#include "sync/sync_fixture.h"

namespace djcache {
namespace {

class SyncWeather : public SyncTest {
 protected:
  std::unique_ptr<harness::RedisServer> own_server() {
    auto started = harness::RedisServer::start();
    EXPECT_TRUE(started) << started.problem;
    return std::move(started.value);
  }
};

TEST_F(SyncWeather, AServerKilledUnder64WaitingThreadsTellsAllOfThem) {
  auto own = own_server();
  ASSERT_NE(own, nullptr);
  Settings slow = settings(own->url());
  slow.caches["default"].options.command_limit = 30s;
  auto engine = started(std::move(slow));
  ASSERT_TRUE(engine->cache().set("n", 1).ok());
  ASSERT_TRUE(
      engine->cache().incr("n").ok());  // the first script of a connection is alone in flight
  ASSERT_TRUE(own->stop());
  std::atomic<int> told = 0, wrong = 0;
  auto crew = SyncTest::crew(64, [&, cache = engine->cache()](int) {
    const auto r = cache.incr("n");
    if (r.ok()) return;
    ++told;
    if (r.error().code != Errc::connection_lost && r.error().code != Errc::connect_failed) ++wrong;
  });
  EXPECT_TRUE(eventually([&] {
    const auto pools = engine->pools();
    const auto info = pools->front().info();
    return info->in_flight == 64;
  }));
  own->kill9();
  join(crew);
  EXPECT_EQ(told, 64);
  EXPECT_EQ(wrong, 0);
}

TEST_F(SyncWeather, ACallThatFindsNoMemoryTellsItsThreadAndNobodyElse) {
  Settings hungry = settings();
  std::atomic<bool> full = true;
  hungry.caches["default"].key_function = [&](std::string_view key, std::string_view,
                                              std::int64_t) {
    if (full) throw std::bad_alloc();
    return std::string(key);
  };
  auto engine = started(std::move(hungry));
  const auto none = engine->cache().get("k");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(to_string(none.error()), "no_memory: no memory left");
  full = false;
  EXPECT_TRUE(engine->cache().set("k", 1).ok());
}

TEST_F(SyncWeather, AfterARestartCallsWorkAgain) {
  auto own = own_server();
  ASSERT_NE(own, nullptr);
  auto engine = started(settings(own->url()));
  ASSERT_TRUE(engine->cache().set("n", 1).ok());
  ASSERT_TRUE(own->restart());
  EXPECT_TRUE(eventually([&] { return engine->cache().set("n", 2).ok(); }));
  EXPECT_EQ(engine->cache().get("n").value(), Value(2));
}

TEST_F(SyncWeather, NobodyThereIsToldAsConnectFailed) {
  auto engine = started(settings("redis://127.0.0.1:" + std::to_string(harness::unused_port())));
  std::atomic<int> told = 0;
  auto crew = SyncTest::crew(8, [&, cache = engine->cache()](int) {
    const auto r = cache.get("k");
    if (!r.ok() && r.error().code == Errc::connect_failed) ++told;
  });
  join(crew);
  EXPECT_EQ(told, 8);
}

TEST_F(SyncWeather, ASilentServerEndsACallAtItsLimit) {
  auto own = own_server();
  ASSERT_NE(own, nullptr);
  auto engine = started(settings(own->url()));
  ASSERT_TRUE(engine->cache().set("k", 1).ok());
  ASSERT_TRUE(own->stop());
  EXPECT_EQ(engine->cache().get("k", {.limit = 20ms}).error().code, Errc::timeout);
  ASSERT_TRUE(own->cont());
  EXPECT_TRUE(eventually([&] { return engine->cache().get("k").ok(); }));
}

// A callback of the program blocks the loop's thread: the call itself must time out.
TEST_F(SyncWeather, ALoopThreadThatIsHeldUpEndsACallWithTimeout) {
  std::atomic<bool> held = false, let_go = false;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent& event) {
    if (event.kind != PoolEvent::Kind::connected) return;
    held = true;
    while (!let_go) std::this_thread::yield();
  };
  auto engine = started(std::move(settings));
  std::thread first([cache = engine->cache()] { (void)cache.set("k", 1, {.limit = 60s}); });
  EXPECT_TRUE(eventually([&] { return held.load(); }));
  const auto late = engine->cache().get("k", {.limit = 1ms});
  let_go = true;
  first.join();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Errc::timeout);
  EXPECT_THAT(late.error().detail, testing::HasSubstr("not sent"));
}

}  // namespace
}  // namespace djcache
