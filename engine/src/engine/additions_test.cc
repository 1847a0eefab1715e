// django-redis' additions, on redis and on memory: both give the same answers.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

using Where = const char*;

class Additions : public EngineTest, public testing::WithParamInterface<Where> {
 protected:
  bool on_redis() const { return GetParam() == std::string("redis"); }
  CacheSettings where(CacheSettings settings = {}) {
    if (!on_redis()) settings.backend = "django.core.cache.backends.locmem.LocMemCache";
    return settings;
  }
  // Runs a verb until its callback has come.
  template <class T, class Verb>
  Result<T> ask(Verb verb) {
    Answer<T> answer;
    verb(answer.callback());
    return wait(answer);
  }
  Result<std::vector<std::string>> keys(Cache& cached, std::string_view pattern,
                                        const PatternOptions& options = {}) {
    auto found = ask<std::vector<std::string>>(
        [&](auto done) { cached.keys(pattern, options, std::move(done)); });
    if (found.ok()) std::sort(found->begin(), found->end());
    return found;
  }
  Result<std::optional<std::chrono::milliseconds>> pttl(Cache& cached, std::string_view key) {
    return ask<std::optional<std::chrono::milliseconds>>(
        [&](auto done) { cached.pttl(key, std::move(done)); });
  }
  Result<std::optional<std::chrono::seconds>> ttl(Cache& cached, std::string_view key) {
    return ask<std::optional<std::chrono::seconds>>(
        [&](auto done) { cached.ttl(key, std::move(done)); });
  }
};

using Keys = std::vector<std::string>;

TEST_P(Additions, TtlTellsSecondsNothingAndForEver) {
  Verbs cached = verbs(where());
  ASSERT_EQ(cached.set("a", 1, {.ttl = 100s}), worked);
  ASSERT_EQ(cached.set("b", 1, {.ttl = forever}), worked);
  const auto left = ttl(cached.cache, "a");
  ASSERT_TRUE(left.ok() && left->has_value());
  EXPECT_LE((*left)->count(), 100);
  EXPECT_GT((*left)->count(), 80);
  EXPECT_EQ(ttl(cached.cache, "b").value(), std::nullopt);
  EXPECT_EQ(ttl(cached.cache, "none").value(), std::optional(0s));
  const auto precise = pttl(cached.cache, "a");
  ASSERT_TRUE(precise.ok() && precise->has_value());
  EXPECT_GT((*precise)->count(), 80'000);
  EXPECT_LE((*precise)->count(), 100'000);
  EXPECT_EQ(pttl(cached.cache, "b").value(), std::nullopt);
  EXPECT_EQ(pttl(cached.cache, "none").value(), std::optional(0ms));
}

TEST_P(Additions, ExpireGivesANewLifeToWhatIsThere) {
  Verbs cached = verbs(where());
  ASSERT_EQ(cached.set("a", 1), worked);
  Cache& cache = cached.cache;
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire("a", 5000s, std::move(done)); }), true);
  EXPECT_GT(ttl(cache, "a")->value(), 4900s);
  EXPECT_EQ(ask<bool>([&](auto done) { cache.pexpire("a", 60'500ms, std::move(done)); }), true);
  const auto left = pttl(cache, "a")->value();
  EXPECT_GT(left, 40'000ms);
  EXPECT_LE(left, 60'500ms);
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire("none", 5s, std::move(done)); }), false);
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire("a", 0s, std::move(done)); }), true);
  EXPECT_EQ(cached.get("a"), miss);
}

TEST_P(Additions, ExpireAtNamesTheMoment) {
  Verbs cached = verbs(where());
  Cache& cache = cached.cache;
  ASSERT_EQ(cached.set("a", 1), worked);
  const auto now = std::chrono::system_clock::now();
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire_at("a", now + 1h, std::move(done)); }), true);
  EXPECT_GT(ttl(cache, "a")->value(), 3500s);
  EXPECT_LE(ttl(cache, "a")->value(), 3600s);
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire_at("a", now - 1h, std::move(done)); }), true);
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(ask<bool>([&](auto done) { cache.expire_at("a", now + 1h, std::move(done)); }), false);
}

TEST_P(Additions, PersistTellsWhetherThereWasAnExpiry) {
  Verbs cached = verbs(where());
  Cache& cache = cached.cache;
  const auto persist = [&](std::string_view key) {
    return ask<bool>([&](auto done) { cache.persist(key, std::move(done)); });
  };
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(persist("a"), true);
  EXPECT_EQ(ttl(cache, "a").value(), std::nullopt);
  EXPECT_EQ(persist("a"), false);
  EXPECT_EQ(persist("none"), false);
}

TEST_P(Additions, ReplaceStoresOnlyOverWhatIsThere) {
  Verbs cached = verbs(where());
  Cache& cache = cached.cache;
  const auto replace = [&](std::string_view key, const Value& value, WriteOptions options = {}) {
    return ask<bool>([&](auto done) { cache.replace(key, value, options, std::move(done)); });
  };
  EXPECT_EQ(replace("a", "new"), false);
  EXPECT_EQ(cached.get("a"), miss);
  ASSERT_EQ(cached.set("a", "old"), worked);
  EXPECT_EQ(replace("a", "new", {.ttl = 1000s}), true);
  EXPECT_EQ(cached.get("a"), "new");
  EXPECT_GT(ttl(cache, "a")->value(), 900s);
  EXPECT_EQ(replace("a", "newer", {.ttl = forever}), true);
  EXPECT_EQ(ttl(cache, "a").value(), std::nullopt);
  EXPECT_EQ(replace("a", "gone", {.ttl = 0s}), true);
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(replace("a", "gone", {.ttl = 0s}), false);
  EXPECT_EQ(replace("a", Value("\xff")), Errc::encode_failed);
}

TEST_P(Additions, KeysAreThoseOfTheAliasAndItsVersion) {
  Verbs cached = verbs(where({.key_prefix = "p*[x]"}));
  for (const char* key : {"foo-1", "foo-2", "bar-1"}) ASSERT_EQ(cached.set(key, 1), worked);
  ASSERT_EQ(cached.set("foo-3", 1, {.version = 2}), worked);
  EXPECT_EQ(keys(cached.cache, "foo-*"), (Keys{"foo-1", "foo-2"}));
  EXPECT_EQ(keys(cached.cache, "*"), (Keys{"bar-1", "foo-1", "foo-2"}));
  EXPECT_EQ(keys(cached.cache, "*", {.version = 2}), Keys{"foo-3"});
  EXPECT_EQ(keys(cached.cache, "[bf]*-1"), (Keys{"bar-1", "foo-1"}));
  EXPECT_EQ(keys(cached.cache, "nothing*"), Keys{});
}

TEST_P(Additions, PatternsMeanTheSameOnEveryBackend) {
  Verbs cached = verbs(where());
  const Keys all{"a", "b", "ab", "a*b", "a[b", "a\\b", "aXb", "a-b", "]", "^", "h\xc3\xa9"};
  for (const std::string& key : all) ASSERT_EQ(cached.set(key, 1), worked);
  EXPECT_EQ(keys(cached.cache, "a?b"), (Keys{"a*b", "a-b", "aXb", "a[b", "a\\b"}));
  EXPECT_EQ(keys(cached.cache, "a\\*b"), Keys{"a*b"});
  EXPECT_EQ(keys(cached.cache, "a[-*]b"), (Keys{"a*b", "a-b"}));
  EXPECT_EQ(keys(cached.cache, "a[*-]b"), (Keys{"ab"}));
  EXPECT_EQ(keys(cached.cache, "[Z-]"), (Keys{"]"}));
  EXPECT_EQ(keys(cached.cache, "a[\\--\\]]b"), Keys{"a-b"});
  EXPECT_EQ(keys(cached.cache, "a[^*X]b"), (Keys{"a-b", "a[b", "a\\b"}));
  EXPECT_EQ(keys(cached.cache, "[a-b]"), (Keys{"a", "b"}));
  EXPECT_EQ(keys(cached.cache, "[b-a]"), (Keys{"a", "b"}));
  EXPECT_EQ(keys(cached.cache, "[\\]^]"), (Keys{"]", "^"}));
  EXPECT_EQ(keys(cached.cache, "h??"), Keys{"h\xc3\xa9"});
  EXPECT_EQ(keys(cached.cache, "[ab"), (Keys{"a", "b"}));
}

TEST_P(Additions, KeysAreBounded) {
  Verbs cached = verbs(where());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(cached.set(std::to_string(i), 1), worked);
  const auto refused = keys(cached.cache, "*", {.page_size = 2, .keys_max = 10});
  EXPECT_EQ(refused, Errc::overloaded);
  EXPECT_THAT(detail_of(refused), HasSubstr("keys_max (10)"));
  EXPECT_EQ(keys(cached.cache, "*", {.page_size = 3, .keys_max = 20})->size(), 20u);
}

TEST_P(Additions, IterKeysGivesPagesUntilItIsToldToStop) {
  Verbs cached = verbs(where());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(cached.set(std::to_string(i), 1), worked);
  std::vector<std::string> found;
  int pages = 0;
  const auto iterate = [&](int pages_wanted) {
    found.clear();
    pages = 0;
    return ask<std::int64_t>([&](auto done) {
      cached.cache.iter_keys(
          "*", {.page_size = 10},
          [&, pages_wanted](std::vector<std::string>& page) {
            found.insert(found.end(), page.begin(), page.end());
            return ++pages != pages_wanted;
          },
          std::move(done));
    });
  };
  ASSERT_TRUE(iterate(0).ok());
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  EXPECT_EQ(found.size(), 100u);
  EXPECT_GT(pages, 2);
  const auto first = iterate(1);
  EXPECT_EQ(pages, 1);
  EXPECT_EQ(first, static_cast<std::int64_t>(found.size()));
}

TEST_P(Additions, IterKeysMayEndTheEngine) {
  Cache cached = cache(where());
  Answer<void> stored;
  cached.set("a", 1, stored.callback());
  ASSERT_EQ(wait(stored), worked);
  bool called = false;
  Answer<std::int64_t> never_told;
  cached.iter_keys(
      "*", {}, [&](std::vector<std::string>&) { return destroy(), called = true; },
      never_told.callback());
  run_until([&] { return called; });
  EXPECT_EQ(never_told.calls, 0);
}

TEST_P(Additions, DeletePatternTellsHowManyWentAndLeavesTheRest) {
  Verbs cached = verbs(where());
  for (int i = 0; i < 60; ++i) ASSERT_EQ(cached.set("x" + std::to_string(i), 1), worked);
  ASSERT_EQ(cached.set("y", 1), worked);
  ASSERT_EQ(cached.set("x1", 1, {.version = 2}), worked);
  EXPECT_EQ(ask<std::int64_t>([&](auto done) {
              cached.cache.delete_pattern("x*", {.page_size = 7}, std::move(done));
            }),
            60);
  EXPECT_EQ(keys(cached.cache, "*"), Keys{"y"});
  EXPECT_EQ(keys(cached.cache, "*", {.version = 2}), Keys{"x1"});
}

TEST_P(Additions, AKeyFunctionThatHidesTheKeyIsRefusedByName) {
  CacheSettings settings = where();
  settings.key_function = [](std::string_view key, std::string_view, std::int64_t) {
    return std::to_string(key.size());
  };
  Verbs cached = verbs(std::move(settings));
  const auto refused = keys(cached.cache, "*");
  EXPECT_EQ(refused, Errc::not_supported);
  EXPECT_THAT(detail_of(refused), HasSubstr("KEY_FUNCTION"));
}

TEST_P(Additions, ACancelledWalkEndsOnceAndStops) {
  Verbs cached = verbs(where());
  for (int i = 0; i < 50; ++i) ASSERT_EQ(cached.set(std::to_string(i), 1), worked);
  Answer<std::int64_t> answer;
  const Ticket ticket =
      cached.cache.delete_pattern("*", PatternOptions{.page_size = 1}, answer.callback());
  EXPECT_TRUE(cached.cache.cancel(ticket));
  EXPECT_EQ(wait(answer), Errc::cancelled);
  ASSERT_TRUE(cached.has_key("none").ok());
  EXPECT_EQ(answer.calls, 1);
  EXPECT_GT(keys(cached.cache, "*")->size(), 40u);
}

INSTANTIATE_TEST_SUITE_P(On, Additions, testing::Values("redis", "memory"),
                         [](const auto& which) { return std::string(which.param); });

class AdditionsOverServers : public EngineTest {};

TEST_F(AdditionsOverServers, DeletePatternCountsOverSeveralConnections) {
  Verbs cached = verbs({.options = {.connections_max = 4}});
  for (int i = 0; i < 40; ++i) ASSERT_EQ(cached.set(std::to_string(i), 1), worked);
  Answer<std::int64_t> answer;
  cached.cache.delete_pattern("*", answer.callback());
  EXPECT_EQ(wait(answer), 40);
}

TEST_F(AdditionsOverServers, ADummyCacheHasNothing) {
  Verbs cached = verbs({.backend = "django.core.cache.backends.dummy.DummyCache"});
  Answer<std::optional<std::chrono::seconds>> ttl;
  cached.cache.ttl("a", ttl.callback());
  EXPECT_EQ(wait(ttl).value(), std::optional(0s));
  Answer<std::vector<std::string>> keys;
  cached.cache.keys("*", keys.callback());
  EXPECT_EQ(wait(keys), Keys{});
  Answer<bool> replaced;
  cached.cache.replace("a", 1, replaced.callback());
  EXPECT_EQ(wait(replaced), false);
}

}  // namespace
}  // namespace djcache
