// Engine on memory and dummy: the rules of callbacks, stores by LOCATION, and no handle left.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

constexpr const char* locmem = "django.core.cache.backends.locmem.LocMemCache";
constexpr const char* dummy = "django.core.cache.backends.dummy.DummyCache";

struct MemoryTest : EngineTest {
  Settings two_aliases(CacheSettings a, CacheSettings b) {
    return {.caches = {{"default", std::move(a)}, {"other", std::move(b)}}};
  }
};

TEST_F(MemoryTest, AnEngineWithoutSettingsIsUsable) {
  start(Settings{});
  Verbs cache = wait_for(engine().cache());
  EXPECT_TRUE(cache.set("k", "v").ok());
  EXPECT_EQ(**cache.get("k"), Value("v"));
  EXPECT_TRUE(engine().pools().empty());
}

TEST_F(MemoryTest, AnIdleEngineOwnsNoHandle) {
  start(Settings{});
  Verbs cache = wait_for(engine().cache());
  EXPECT_TRUE(cache.set("k", "v", {.ttl = 50ms}).ok());
  EXPECT_TRUE(run_until([&] { return our_handles().empty(); })) << our_handles();
}

TEST_F(MemoryTest, EveryVerbAnswersOnceAndNeverInside) {
  start(Settings{});
  int ended = 0;
  bool inside = true;
  const int verbs = call_every_verb(engine().cache(), [&](std::string_view verb, const Error*) {
    EXPECT_FALSE(inside) << verb;
    ++ended;
  });
  inside = false;
  EXPECT_EQ(ended, 0);
  EXPECT_TRUE(run_until([&] { return ended >= verbs; }));
  runner_.run_for_turns(3);
  EXPECT_EQ(ended, verbs);
}

TEST_F(MemoryTest, DestructionDropsWhatWasNotToldYet) {
  start(Settings{});
  int told = 0;
  const auto alive = std::make_shared<int>();
  Cache cache = engine().cache();
  cache.set("k", "v", [&told, alive](Result<void>) { ++told; });
  destroy();
  EXPECT_EQ(alive.use_count(), 1);
  runner_.run_for_turns(3);
  EXPECT_EQ(told, 0);
  EXPECT_EQ(cache.peek("k").error().code, Errc::not_supported);
}

TEST_F(MemoryTest, ACallbackMayDestroyItsEngine) {
  start(Settings{});
  bool second = false;
  Cache cache = engine().cache();
  cache.get("k", [this](auto) { destroy(); });
  cache.get("k", [&](auto) { second = true; });
  runner_.run_for_turns(3);
  EXPECT_FALSE(second);
}

TEST_F(MemoryTest, PeekSeesWhatWasJustSet) {
  start(Settings{});
  Cache cache = engine().cache();
  cache.set("k", Value::list({1, 2}), Callback<void>());
  EXPECT_EQ(**cache.peek("k"), Value::list({1, 2}));
  EXPECT_EQ(*cache.peek("missing"), std::nullopt);
  EXPECT_EQ(*cache.peek("k", {.version = 2}), std::nullopt);
  EXPECT_EQ(*cache.peek("a key"), std::nullopt);
  EXPECT_EQ(warnings_.size(), 1u);
}

TEST_F(MemoryTest, PeekOnAServerIsNotSupported) {
  const auto peeked = cache().peek("k");
  EXPECT_EQ(peeked.error().code, Errc::not_supported);
  EXPECT_THAT(peeked.error().detail, HasSubstr("CACHES['default']"));
}

TEST_F(MemoryTest, DisconnectReportsLaterAndKeepsTheEntries) {
  start(Settings{});
  Verbs verbs = wait_for(engine().cache());
  EXPECT_TRUE(verbs.set("k", "v").ok());
  std::vector<std::string> order;
  Cache cache = engine().cache();
  cache.get("k", [&](auto) { order.push_back("get"); });
  cache.disconnect({}, [&](DisconnectReport report) {
    order.push_back("report");
    EXPECT_EQ(report.connections, 0u);
    EXPECT_FALSE(report.limit_reached);
    EXPECT_EQ(our_handles(), "");
  });
  EXPECT_TRUE(order.empty());
  EXPECT_TRUE(run_until([&] { return order.size() == 2; }));
  EXPECT_EQ(order, (std::vector<std::string>{"get", "report"}));
  EXPECT_EQ(**verbs.get("k"), Value("v"));
}

TEST_F(MemoryTest, OneLocationIsOneStoreWithinAnEngine) {
  start(two_aliases({.backend = locmem, .location = {"one"}},
                    {.backend = "memory", .location = {"one"}}));
  EXPECT_TRUE(wait_for(engine().cache()).set("k", "v").ok());
  EXPECT_EQ(**wait_for(engine().cache("other")).get("k"), Value("v"));
  Engine& second = start({.caches = {{"default", {.backend = locmem, .location = {"one"}}}}});
  EXPECT_EQ(*wait_for(second.cache()).get("k"), std::nullopt);
}

TEST_F(MemoryTest, CachesOfOneStoreMayDifferInDjangosOptions) {
  start(two_aliases({.backend = locmem, .options = {.max_entries = 4}}, {.backend = locmem}));
  Verbs large = wait_for(engine().cache("other"));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(large.set("k" + std::to_string(i), i).ok());
  EXPECT_TRUE(*large.has_key("k0"));
  EXPECT_TRUE(wait_for(engine().cache()).set("n", 1).ok());
  EXPECT_FALSE(*large.has_key("k0"));
}

TEST_F(MemoryTest, CachesOfOneStoreThatDisagreeAreRefused) {
  const Settings settings = two_aliases({.backend = locmem, .options = {.max_bytes = 1 << 20}},
                                        {.backend = locmem, .options = {.max_bytes = 1 << 21}});
  EXPECT_THAT(
      settings.check().error().detail,
      HasSubstr("CACHES['other']['OPTIONS']['max_bytes']: must be as in CACHES['default']"));
}

TEST_F(MemoryTest, AnEntryGoesAfterAFractionOfASecond) {
  start(Settings{});
  Cache cache = engine().cache();
  cache.set("k", "v", {.ttl = 30ms}, nullptr);
  EXPECT_TRUE(cache.peek("k")->has_value());
  EXPECT_TRUE(runner_.run_until([&] { return !cache.peek("k")->has_value(); },
                                {.limit = 10s, .check_every = 5ms}));
}

TEST_F(MemoryTest, AValueOverMaxBytesIsAnErrorThatNamesTheKey) {
  start({.caches = {{"default", {.options = {.max_bytes = 100'000}}}}});
  Verbs cache = wait_for(engine().cache());
  const auto result = cache.set("big", std::string(100'000, 'x'));
  EXPECT_EQ(result.error().code, Errc::value_too_large);
  EXPECT_THAT(result.error().detail, HasSubstr("':1:big'"));
}

TEST_F(MemoryTest, DummyTakesEverythingAndKeepsNothing) {
  start({.caches = {{"default", {.backend = dummy}}}});
  Verbs cache = wait_for(engine().cache());
  EXPECT_TRUE(cache.set("k", "v").ok());
  EXPECT_EQ(*cache.get("k"), std::nullopt);
  EXPECT_EQ(*cache.add("k", "v"), true);
  EXPECT_EQ(*cache.add("k", "v"), true);
  EXPECT_EQ(*cache.touch("k"), false);
  EXPECT_EQ(*cache.delete_("k"), false);
  EXPECT_EQ(cache.incr("k").error().code, Errc::key_not_found);
  EXPECT_EQ(cache.incr_version("k").error().code, Errc::key_not_found);
  EXPECT_EQ(*cache.get_or_set("k", 5), Value(5));
  EXPECT_EQ(*cache.cache.peek("k"), std::nullopt);
  EXPECT_TRUE(cache.get_many({"a", "b"})->empty());
}

TEST_F(MemoryTest, DummyAnswersEveryVerbOnceAndNeverInside) {
  start({.caches = {{"default", {.backend = dummy}}}});
  int ended = 0;
  bool inside = true;
  const int verbs = call_every_verb(engine().cache(), [&](std::string_view verb, const Error*) {
    EXPECT_FALSE(inside) << verb;
    ++ended;
  });
  inside = false;
  EXPECT_TRUE(run_until([&] { return ended >= verbs; }));
  runner_.run_for_turns(3);
  EXPECT_EQ(ended, verbs);
}

}  // namespace
}  // namespace djcache
