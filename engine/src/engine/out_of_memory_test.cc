// An engine when memory runs out where a test can cause it: in the program's own code. In
// simulation/ the engine's own allocations fail, one by one.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

using OutOfMemory = EngineTest;

TEST_F(OutOfMemory, ACallbackThatLetsItEscapeEndsWhatWaitsAndNothingElse) {
  const Cache cached = cache();
  ASSERT_TRUE(wait_for(cached).set("k", 1).ok());
  Answer<std::optional<Value>> later;
  Cache handle = cached;
  handle.get("k", {}, [&](auto) {
    handle.get("k", {}, later.callback());
    throw std::bad_alloc();
  });
  const auto told = wait(later);
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(to_string(told.error()), "no_memory: no memory left");
  EXPECT_EQ(later.calls, 1);
  EXPECT_EQ(wait_for(cached).get("k").value(), Value(1)) << "over a new connection";
  EXPECT_EQ(statistics().connects, 2u);
}

TEST_F(OutOfMemory, ACallThatFindsNoneThrowsAndDestroysItsCallback) {
  CacheSettings settings;
  bool full = true;
  settings.key_function = [&](std::string_view key, std::string_view, std::int64_t) {
    if (full) throw std::bad_alloc();
    return std::string(key);
  };
  Verbs verbs = this->verbs(std::move(settings));
  auto kept = std::make_shared<int>();
  const auto done = [kept](auto) {};
  EXPECT_THROW(verbs.cache.get("k", {}, done), std::bad_alloc);
  EXPECT_THROW(verbs.cache.set("k", 1, {}, done), std::bad_alloc);
  EXPECT_THROW(verbs.cache.get_many({"k", "l"}, {}, done), std::bad_alloc);
  EXPECT_THROW(verbs.cache.get_or_set("k", 1, {}, done), std::bad_alloc);
  EXPECT_EQ(kept.use_count(), 2) << "the test's own";
  full = false;
  EXPECT_TRUE(verbs.set("k", 1).ok());
  EXPECT_EQ(verbs.get("k").value(), Value(1));
}

// As a subscriber that learns of its loss.
TEST_F(OutOfMemory, WhoIsToldOfALossMayMakePoolsMeanwhile) {
  Settings settings;
  for (int i = 0; i < 40; ++i) {
    CacheSettings each{.location = {server().url()}};
    each.options.client_name = "pool" + std::to_string(i);
    settings.caches.emplace(i == 0 ? "default" : "other" + std::to_string(i), std::move(each));
  }
  Engine& engine = start(std::move(settings));
  Cache cache = engine.cache();
  const auto pools_before = engine.pools().size();
  bool subscribed = false;
  int made = 0;
  Subscriber subscriber = cache.client({}).subscribe(
      {.channels = {"news"}, .on_event = [&](const SubscriberEvent& event) {
         if (event.kind == SubscriberEvent::Kind::subscribed) subscribed = true;
         if (event.kind != SubscriberEvent::Kind::lost || made > 0) return;
         for (int i = 1; i < 40; ++i, ++made) {
           engine.cache("other" + std::to_string(i)).get("k", {}, [](auto) {});
         }
       }});
  ASSERT_TRUE(run_until([&] { return subscribed; }));
  cache.get("k", {}, [](auto) { throw std::bad_alloc(); });
  ASSERT_TRUE(run_until([&] { return made == 39; }));
  EXPECT_GT(engine.pools().size(), pools_before);
  EXPECT_TRUE(wait_for(cache).set("k", 1).ok());
}

TEST_F(OutOfMemory, ADrainStillReports) {
  const Cache cached = cache();
  ASSERT_TRUE(wait_for(cached).set("k", 1).ok());
  std::optional<DisconnectReport> report;
  Cache handle = cached;
  handle.get("k", {}, [&](auto) {
    engine().disconnect({}, [&](DisconnectReport r) { report = std::move(r); });
    throw std::bad_alloc();
  });
  EXPECT_TRUE(run_until([&] { return report.has_value(); }));
  EXPECT_EQ(our_handles(), "");
}

}  // namespace
}  // namespace djcache
