// The nine rules of callbacks: DestructionIsSilent. Pending closures are destroyed uncalled,
// handles close on later turns, and handles of a destroyed engine do nothing.
#include "engine/lifetime_fixture.h"
#include "engine/silent_listener.h"

namespace djcache {
namespace {

// Counts the closures that hold a copy, and their calls.
class Closures {
 public:
  auto make() {
    return [held = held_, this](auto&&...) { ++called_; };
  }
  long alive() const { return held_.use_count() - 1; }
  int called() const { return called_; }

 private:
  std::shared_ptr<int> held_ = std::make_shared<int>();
  int called_ = 0;
};

// Closures of every verb, in engines at different stages of their work.
TEST_F(NineRules, DestructionIsSilent) {
  SilentListener silent;
  ASSERT_TRUE(silent.ok());
  const std::vector<std::string> locations{
      server().url(), silent.url(), server().unix_url(),
      "redis://localhost:" + std::to_string(server().port()),
      "redis://127.0.0.1:" + std::to_string(harness::unused_port())};
  for (const std::string& location : locations) {
    for (const int turns : {0, 1, 2}) {
      SCOPED_TRACE(location + " after turns: " + std::to_string(turns));
      Closures closures;
      auto engine = std::make_unique<Engine>(
          runner_.loop(), Settings{.caches = {{"default", {.location = {location}}}}});
      // Stopped: no reply may arrive before the end.
      ASSERT_TRUE(server().stop());
      Cache cached = engine->cache();
      for (int i = 0; i < 10; ++i) {
        cached.get("a", closures.make());
        cached.set("a", std::string(100'000, 'v'), closures.make());
        cached.get_many({"a", "b"}, closures.make());
        cached.get_or_set("a", Value(1), closures.make());
        cached.get_or_set("a", AsyncProducer(closures.make()), closures.make());
      }
      engine->disconnect({.limit = 1h}, closures.make());
      EXPECT_EQ(closures.alive(), 61);
      runner_.run_for_turns(turns);
      const int before = closures.called();  // refused, perhaps
      engine.reset();
      EXPECT_EQ(closures.alive(), 0);
      EXPECT_TRUE(runner_.run_until([&] { return our_handles().empty(); })) << runner_.problem();
      EXPECT_EQ(closures.called(), before);
      ASSERT_TRUE(server().cont());
    }
  }
}

TEST_F(NineRules, DestructionIsSilentForAConnectedPool) {
  Closures closures;
  Verbs cached = verbs({.options = {.connections_max = 4}});
  for (int i = 0; i < 100; ++i) ASSERT_EQ(cached.set("key " + std::to_string(i), i), worked);
  EXPECT_EQ(inspector().count_clients(), 4u);
  for (int i = 0; i < 100; ++i) cached.cache.get("key " + std::to_string(i), closures.make());
  destroy();
  EXPECT_EQ(closures.alive(), 0);
  run_until([&] { return our_handles().empty(); });
  EXPECT_EQ(closures.called(), 0);
  const auto gone = inspector().wait_for_clients(0);
  EXPECT_TRUE(gone) << gone.problem;
}

TEST_F(NineRules, DestructionIsSilentForWhatWaitsForItsTurn) {
  Closures closures;
  Cache cached = cache();
  cached.get_many({}, closures.make());
  engine().cache("nobody").get("a", closures.make());
  cached.cancel(cached.get("a", closures.make()));
  engine().disconnect({}, closures.make());
  EXPECT_EQ(closures.alive(), 4);
  destroy();
  EXPECT_EQ(closures.alive(), 0);
  run_until([&] { return our_handles().empty(); });
  EXPECT_EQ(closures.called(), 0);
}

TEST_F(NineRules, DestructionIsSilentForAParkedProducer) {
  Closures closures;
  Cache cached = cache();
  std::optional<Resolve> resolve;
  cached.get_or_set("a", AsyncProducer([&](Resolve r) { resolve.emplace(std::move(r)); }),
                    closures.make());
  run_until([&] { return resolve.has_value(); });
  destroy();
  EXPECT_EQ(closures.alive(), 0);
  (*resolve)(Value(1));  // no operation is left that would receive it
  resolve.reset();
  run_until([&] { return our_handles().empty(); });
  EXPECT_EQ(closures.called(), 0);
}

TEST_F(NineRules, DestructionIsSilentTowardsHandlesThatOutliveTheEngine) {
  Closures closures;
  Cache cached = cache();
  Cache unknown = engine().cache("nobody");
  ASSERT_EQ(wait_for(cached).get("a"), miss);
  Pool pool = engine().pools().at(0);
  destroy();
  for (Cache* each : {&cached, &unknown}) {
    each->get("a", closures.make());
    each->get_many({"a"}, closures.make());
    each->get_many({}, closures.make());
    each->set("a", 1, closures.make());
    each->set_many({{"a", 1}}, closures.make());
    each->delete_many({"a"}, closures.make());
    each->incr("a", closures.make());
    each->incr_version("a", closures.make());
    each->get_or_set("a", Value(1), closures.make());
    each->get_or_set("a", AsyncProducer(closures.make()), closures.make());
    each->clear(closures.make());
    each->disconnect({}, closures.make());
    EXPECT_FALSE(each->cancel({.index = 0, .generation = 1}));
  }
  pool.disconnect({}, closures.make());
  EXPECT_EQ(pool.info().endpoint, "");
  EXPECT_EQ(cached.make_key("a"), ":1:a");  // still has its settings
  EXPECT_EQ(closures.alive(), 0);
  EXPECT_EQ(closures.called(), 0);
  EXPECT_TRUE(warnings_.empty());
  run_until([&] { return our_handles().empty(); });
}

TEST_F(NineRules, DestructionIsSilentAlsoWhenClosuresCallBackIntoTheCache) {
  // A closure's destructor uses the cache while its engine is being destroyed.
  struct Nosy {
    Nosy(Cache used, int* count) : cache(std::move(used)), destroyed(count) {}
    Cache cache;
    int* destroyed;
    ~Nosy() {
      ++*destroyed;
      cache.get("from a destructor", [](auto) { ADD_FAILURE() << "called"; });
      cache.disconnect({}, [](auto) { ADD_FAILURE() << "called"; });
    }
  };
  int destroyed = 0;
  Cache cached = cache();
  for (int i = 0; i < 3; ++i) {
    cached.get("a", [nosy = std::make_unique<Nosy>(cached, &destroyed)](auto) {
      ADD_FAILURE() << "called";
    });
  }
  engine().disconnect(
      {}, [nosy = std::make_unique<Nosy>(cached, &destroyed)](auto) { ADD_FAILURE() << "called"; });
  destroy();
  EXPECT_EQ(destroyed, 4);
  run_until([&] { return our_handles().empty(); });
}

TEST_F(NineRules, DestructionIsSilentForAnEngineNeverUsed) {
  cache();
  destroy();
  EXPECT_EQ(our_handles(), "");
}

}  // namespace
}  // namespace djcache
