// A lone call drives the loop on its own thread: what that saves, and that nothing else changes.
#include <pthread.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "sync/sync_fixture.h"

namespace djcache {
namespace {

class SyncDrive : public SyncTest {
 protected:
  // How often threads of this process have gone to sleep.
  static std::uint64_t switches() {
    std::uint64_t sum = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream status(task.path() / "status");
      for (std::string word; status >> word;) {
        if (word != "voluntary_ctxt_switches:") continue;
        std::uint64_t count = 0;
        status >> count;
        sum += count;
      }
    }
    return sum;
  }
  // Makes calls until callers drive the loop.
  static void warm_up(const SyncCache& cache) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(cache.get("warm").ok());
  }
  // An engine whose calls wait, and whose last calls were driven by their caller.
  std::unique_ptr<SyncEngine> waiting_engine() {
    Settings slow = settings();
    slow.caches["default"].options.command_limit = 60s;
    auto engine = started(std::move(slow));
    warm_up(engine->cache());
    const auto stopped = server().stop();
    EXPECT_TRUE(stopped) << stopped.problem;
    return engine;
  }
  void lose_connections() {
    auto inspector = harness::Inspector::open(server().endpoint());
    ASSERT_TRUE(inspector) << inspector.problem;
    EXPECT_GT(inspector->kill_clients("djcache").value_or(0), 0u);
  }
  void TearDown() override {
    (void)server().cont();
    SyncTest::TearDown();
  }
};

// One sleep is the wait for the server; through the loop thread there would be three. A machine
// that is busy with other programs adds some, but not to each of many batches.
TEST_F(SyncDrive, AGetOfALoneCallerSleepsOnceOnWhicheverThread) {
  constexpr std::uint64_t gets = 10;
  const SyncCache cache = this->cache();
  ASSERT_TRUE(cache.set("k", 1).ok());
  const auto sleeps_of_the_best_batch = [&] {
    std::uint64_t fewest = gets * 100;
    for (int batch = 0; batch < 2000 && fewest > gets + 2; ++batch) {
      const std::uint64_t before = switches();
      for (std::uint64_t i = 0; i < gets; ++i) EXPECT_TRUE(cache.get("k").ok());
      fewest = std::min(fewest, switches() - before);
    }
    EXPECT_LE(fewest, gets + 2) << "sleeps of " << gets << " gets";
  };
  sleeps_of_the_best_batch();
  std::thread(sleeps_of_the_best_batch).join();
}

// --- Functions of the program.

TEST_F(SyncDrive, EventsAndWarningsComeOnTheLoopThread) {
  std::mutex mutex;
  std::vector<std::thread::id> heard;
  std::atomic<int> events = 0, warnings = 0, unmasked = 0;
  const auto note = [&] {
    sigset_t blocked;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    if (::sigismember(&blocked, SIGTERM) != 1) ++unmasked;
    const std::lock_guard lock(mutex);
    heard.push_back(std::this_thread::get_id());
  };
  SyncEngine* self = nullptr;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent&) {
    note();
    EXPECT_EQ(self->cache().get("k").error().code, Errc::would_deadlock);
    ++events;
  };
  settings.on_warning = [&](std::string_view, std::string_view message) {
    note();
    EXPECT_THAT(std::string(message), testing::HasSubstr("memcached"));
    ++warnings;
  };
  SyncEngine engine(std::move(settings));
  self = &engine;
  ASSERT_TRUE(engine.start().ok());
  for (int round = 0; round < 10; ++round) {
    warm_up(engine.cache());
    EXPECT_TRUE(engine.cache().get("with a space").ok());
    EXPECT_EQ(warnings, round + 1) << "it comes before the answer";
    warm_up(engine.cache());
    std::thread other([this] { lose_connections(); });
    EXPECT_TRUE(eventually([&] {  // the loss, while this thread drives, and the connection after it
      return engine.cache().get("k").ok() && events >= 2 * (round + 1) + 1;
    }));
    other.join();
  }
  EXPECT_TRUE(engine.stop().ok());
  EXPECT_EQ(unmasked, 0);
  for (const auto& id : heard) {
    EXPECT_EQ(id, heard.front());
    EXPECT_NE(id, std::this_thread::get_id());
  }
}

TEST_F(SyncDrive, KeyFunctionAndPagesRunOnTheLoopThread) {
  const auto caller = std::this_thread::get_id();
  std::atomic<int> elsewhere = 0, here = 0;
  const auto note = [&] { std::this_thread::get_id() == caller ? ++here : ++elsewhere; };
  Settings settings = this->settings();
  settings.caches["made"] = settings.caches["default"];
  settings.caches["made"].key_function = [&](std::string_view key, std::string_view, std::int64_t) {
    note();
    return std::string(key);
  };
  auto making = started(std::move(settings));
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(making->cache("made").get("k").ok());
    EXPECT_TRUE(making->cache().get("k").ok());
  }
  EXPECT_EQ(elsewhere, 50);
  warm_up(cache());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(cache().set("k" + std::to_string(i), i).ok());
  const auto each = [&](std::vector<std::string>&) {
    note();
    EXPECT_EQ(cache().get("k").error().code, Errc::would_deadlock);
    return true;
  };
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(cache().get("k1").ok());
    EXPECT_TRUE(cache().iter_keys("k*", {.page_size = 5}, each).ok());
  }
  EXPECT_GT(elsewhere, 50);
  EXPECT_EQ(here, 0);
}

// --- What no caller waits for.

TEST_F(SyncDrive, WithoutACallTheLoopThreadServesTheLoop) {
  std::atomic<int> lost = 0;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent& event) {
    if (event.kind == PoolEvent::Kind::disconnected) ++lost;
  };
  auto engine = started(std::move(settings));
  for (int round = 1; round <= 5; ++round) {
    warm_up(engine->cache());
    lose_connections();
    EXPECT_TRUE(eventually([&] { return lost == round; }));
  }
}

TEST_F(SyncDrive, CallersWhoNeverPollDoNotKeepTheLoopFromItsSockets) {
  std::atomic<int> lost = 0;
  Settings settings = this->settings();
  settings.on_event = [&](const PoolEvent& event) {
    if (event.kind == PoolEvent::Kind::disconnected) ++lost;
  };
  auto engine = started(std::move(settings));
  const SyncCache cache = engine->cache();
  warm_up(cache);
  lose_connections();
  EXPECT_TRUE(eventually([&] { return cache.make_key("k").ok() && lost > 0; }));
}

TEST_F(SyncDrive, ALockThatIsLetGoIsReleasedWithoutAnotherCall) {
  auto inspector = harness::Inspector::open(server().endpoint());
  ASSERT_TRUE(inspector) << inspector.problem;
  for (int round = 0; round < 5; ++round) {
    warm_up(cache());
    {
      SyncLock lock = cache().lock("l", {.ttl = 600s});
      ASSERT_TRUE(*lock.acquire());
      EXPECT_EQ(inspector->dbsize(), 1);
    }
    EXPECT_TRUE(eventually([&] { return inspector->dbsize() == 0; }));
  }
}

// --- While a caller drives and waits.

TEST_F(SyncDrive, OthersHaveTheirLimitsWhileACallerDrives) {
  auto engine = waiting_engine();
  std::thread driver([&] { EXPECT_EQ(engine->cache().incr("n").error().code, Errc::closed); });
  EXPECT_TRUE(eventually([&] { return engine->calls() == 1; }));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(engine->cache().get("k", {.limit = 5ms}).error().code, Errc::timeout);
  }
  EXPECT_TRUE(engine->stop().ok());
  driver.join();
}

TEST_F(SyncDrive, ItsOwnLimitEndsTheCallOfADriver) {
  auto engine = waiting_engine();
  EXPECT_EQ(engine->cache().get("k", {.limit = 5ms}).error().code, Errc::timeout);
  EXPECT_EQ(engine->calls(), 0u);
}

TEST_F(SyncDrive, DisconnectEndsTheCallOfADriver) {
  auto engine = waiting_engine();
  std::thread driver(
      [&] { EXPECT_EQ(engine->cache().incr("n").error().code, Errc::disconnected); });
  EXPECT_TRUE(eventually([&] { return engine->calls() == 1; }));
  EXPECT_TRUE(engine->disconnect({.limit = 0ms}).ok());
  driver.join();
}

TEST_F(SyncDrive, DestructionEndsTheCallOfADriver) {
  auto engine = waiting_engine();
  const std::uint64_t before = engine->calls_begun();
  std::thread driver(
      [cache = engine->cache()] { EXPECT_EQ(cache.incr("n").error().code, Errc::closed); });
  EXPECT_TRUE(eventually([&] { return engine->calls_begun() > before; }));
  engine.reset();
  driver.join();
}

TEST_F(SyncDrive, AThreadThatIsCancelledWhileItDrivesHasItsAnswerFirst) {
  auto engine = waiting_engine();
  std::atomic<bool> answered = false;
  std::thread driver([&] {
    answered = engine->cache().get("k").ok();
    ::pthread_testcancel();
    ADD_FAILURE() << "not cancelled";
  });
  EXPECT_TRUE(eventually([&] { return engine->calls() == 1; }));
  ::pthread_cancel(driver.native_handle());
  ASSERT_TRUE(server().cont());
  driver.join();
  EXPECT_TRUE(answered);
  EXPECT_EQ(engine->calls(), 0u);
  EXPECT_TRUE(engine->cache().get("k").ok());
}

}  // namespace
}  // namespace djcache
