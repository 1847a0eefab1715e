// Django's contract: versions, prefixes and key functions, incr_version and decr_version.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Versions : public EngineTest {
 protected:
  const std::vector<std::string> none_{};
};

TEST_F(Versions, AreSeparateKeySpacesForEveryVerb) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_EQ(cached.set("a", 2, {.version = 2}), worked);
  EXPECT_EQ(cached.get("a"), 1);
  EXPECT_EQ(cached.get("a", {.version = 2}), 2);
  EXPECT_EQ(cached.get("a", {.version = 3}), miss);
  EXPECT_EQ(cached.add("a", 3, {.version = 3}), true);
  EXPECT_EQ(cached.add("a", 3, {.version = 2}), false);
  EXPECT_EQ(cached.has_key("a", {.version = 3}), true);
  EXPECT_EQ(cached.touch("a", {.ttl = 5s, .version = 4}), false);
  EXPECT_EQ(cached.incr("a", {.version = 2}), 3);
  EXPECT_EQ(cached.decr("a", {.delta = 2, .version = 2}), 1);
  EXPECT_EQ(cached.set_many({{"b", 1}, {"c", 2}}, {.version = 2}), none_);
  EXPECT_EQ(cached.get_many({"a", "b", "c"}), (Found{{"a", 1}}));
  EXPECT_EQ(cached.get_many({"a", "b"}, {.version = 2}), (Found{{"a", 1}, {"b", 1}}));
  EXPECT_EQ(cached.get_or_set("a", 9, {.version = 4}), Value(9));
  EXPECT_EQ(cached.delete_many({"b"}, {.version = 2}), worked);
  EXPECT_EQ(cached.delete_("a", {.version = 3}), true);
  EXPECT_EQ(inspector().keys(), (std::vector<std::string>{":1:a", ":2:a", ":2:c", ":4:a"}));
}

TEST_F(Versions, VERSIONAndKEYPREFIXMakeTheKey) {
  Verbs cached = verbs({.key_prefix = "site", .version = 7});
  EXPECT_EQ(cached.cache.make_key("k"), "site:7:k");
  EXPECT_EQ(cached.cache.make_key("k", 2), "site:2:k");
  ASSERT_EQ(cached.set("k", 1), worked);
  ASSERT_EQ(cached.set("k", 1, {.version = -1}), worked);
  EXPECT_EQ(inspector().keys(), (std::vector<std::string>{"site:-1:k", "site:7:k"}));
  EXPECT_EQ(cached.incr_version("k"), 8);
  EXPECT_EQ(inspector().keys(), (std::vector<std::string>{"site:-1:k", "site:8:k"}));
}

TEST_F(Versions, TwoPrefixesOnOneServerDoNotMeet) {
  Verbs one = verbs({.key_prefix = "one"});
  Verbs two = verbs({.key_prefix = "two"});
  ASSERT_EQ(one.set("a", 1), worked);
  EXPECT_EQ(two.get("a"), miss);
  EXPECT_EQ(two.delete_("a"), false);
  EXPECT_EQ(one.get("a"), 1);
}

TEST_F(Versions, AKEYFUNCTIONReplacesTheForm) {
  Verbs cached = verbs(
      {.key_prefix = "p",
       .version = 3,
       .key_function = [](std::string_view key, std::string_view prefix, std::int64_t version) {
         return "<" + std::string(prefix) + "|" + std::to_string(version) + "|" + std::string(key) +
                ">";
       }});
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_EQ(cached.set_many({{"b", 2}}, {.version = 4}), none_);
  EXPECT_EQ(inspector().keys(), (std::vector<std::string>{"<p|3|a>", "<p|4|b>"}));
  EXPECT_EQ(cached.get_many({"a", "b"}), (Found{{"a", 1}}));
  EXPECT_EQ(cached.incr("a"), 2);
  EXPECT_EQ(cached.incr_version("a"), 4);
  EXPECT_EQ(cached.get("a", {.version = 4}), 2);
  EXPECT_EQ(cached.cache.make_key("x"), "<p|3|x>");
}

TEST_F(Versions, IncrVersionMovesTheEntryAndReturnsTheNewVersion) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", "v"), worked);
  EXPECT_EQ(cached.incr_version("a"), 2);
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(cached.get("a", {.version = 2}), "v");
  EXPECT_EQ(cached.incr_version("a", {.delta = 10, .version = 2}), 12);
  EXPECT_EQ(cached.incr_version("a", {.delta = -3, .version = 12}), 9);
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":9:a"});
}

TEST_F(Versions, DecrVersionMovesTheOtherWay) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", "v", {.version = 2}), worked);
  EXPECT_EQ(cached.decr_version("a", {.version = 2}), 1);
  EXPECT_EQ(cached.get("a"), "v");
  EXPECT_EQ(cached.decr_version("a", {.delta = 5}), -4);
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":-4:a"});
}

TEST_F(Versions, IncrVersionOverwritesWhatIsThere) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", "moved"), worked);
  ASSERT_EQ(cached.set("a", "old", {.version = 2}), worked);
  EXPECT_EQ(cached.incr_version("a"), 2);
  EXPECT_EQ(cached.get("a", {.version = 2}), "moved");
}

TEST_F(Versions, IncrVersionOfAMissingKeyIsAnErrorAndCreatesNothing) {
  Verbs cached = verbs();
  const auto missing = cached.incr_version("a");
  EXPECT_EQ(missing, Errc::key_not_found);
  EXPECT_EQ(detail_of(missing), "Key ':1:a' not found");
  EXPECT_EQ(cached.decr_version("a"), Errc::key_not_found);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Versions, IncrVersionGivesTIMEOUTAsTheNewTtl) {
  Verbs cached = verbs({.timeout = 1000s});
  ASSERT_EQ(cached.set("a", 1, {.ttl = forever}), worked);
  ASSERT_EQ(cached.incr_version("a"), 2);
  EXPECT_GT(inspector().pttl(":2:a"), 900'000);
  EXPECT_LE(inspector().pttl(":2:a"), 1'000'000);
  Verbs endless = verbs({.timeout = forever});
  ASSERT_EQ(endless.incr_version("a", {.version = 2}), 3);
  EXPECT_EQ(inspector().pttl(":3:a"), -1);
  Verbs brief = verbs({.timeout = 0s});
  ASSERT_EQ(brief.incr_version("a", {.version = 3}), 4);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Versions, IncrVersionKeepsTheTtlWithDjangoRedis) {
  for (const char* backend : {"django_redis.cache.RedisCache", "django_cachex.cache.ValkeyCache"}) {
    Verbs cached = verbs({.backend = backend, .timeout = 10s});
    ASSERT_EQ(cached.set("a", 1, {.ttl = 1000s}), worked);
    ASSERT_EQ(cached.incr_version("a"), 2);
    EXPECT_GT(inspector().pttl(":2:a"), 900'000);
    ASSERT_EQ(cached.set("a", 1, {.ttl = forever}), worked);
    ASSERT_EQ(cached.incr_version("a"), 2);
    EXPECT_EQ(inspector().pttl(":2:a"), -1);
    ASSERT_EQ(cached.incr_version("a", {.delta = 0, .version = 2}), 2);
    EXPECT_EQ(inspector().dbsize(), 0);
  }
}

TEST_F(Versions, IncrVersionByZeroDeletesTheEntry) {  // as Django does: set, then delete
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(cached.incr_version("a", {.delta = 0}), 1);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Versions, IncrVersionIsOneRoundTripAndKeepsTheBytes) {
  Verbs cached = verbs();
  ASSERT_TRUE(inspector().command({"SET", ":1:a", "\x80no msgpack\xc1"}).is_status("OK"));
  ASSERT_EQ(cached.has_key("a"), true);
  const auto record = log();
  ASSERT_EQ(cached.incr_version("a"), 2);
  ASSERT_EQ(cached.incr_version("a", {.version = 2}), 3);
  const auto commands = record->take();
  ASSERT_TRUE(commands) << record->problem();
  ASSERT_EQ(commands->size(), 2u);
  for (int i = 0; i < 2; ++i) EXPECT_EQ((*commands)[i][0], "EVAL");
  EXPECT_EQ(inspector().raw(":3:a"), "\x80no msgpack\xc1");
}

TEST_F(Versions, IncrVersionOfAnotherRedisTypeIsWrongType) {
  Verbs cached = verbs();
  ASSERT_EQ(inspector().command({"RPUSH", ":1:list", "x"}).integer, 1);
  EXPECT_EQ(cached.incr_version("list"), Errc::wrong_type);
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":1:list"});
}

TEST_F(Versions, AllVersionsOfAKeyKeepTheirOrder) {
  Verbs cached = verbs({.options = {.connections_max = 4}});
  int ended = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string key = "key " + std::to_string(i);
    cached.cache.set(key, i, {});
    cached.cache.incr_version(key, {});
    cached.cache.get(key, {.version = 2}, [&, i](auto r) {
      EXPECT_EQ(r, i);
      ++ended;
    });
  }
  run_until([&] { return ended == 40; });
}

}  // namespace
}  // namespace djcache
