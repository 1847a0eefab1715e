// The nine rules of callbacks, engine/docs/lifetime.md: the first five. Each test is named after
// its rule; the others are in lifetime_reentrant_, lifetime_disconnect_ and
// lifetime_destruction_test.cc.
#include <map>
#include <thread>

#include "engine/lifetime_fixture.h"

namespace djcache {
namespace {

TEST_F(NineRules, Once) {
  const auto told = tell_of_every_verb(cache());
  EXPECT_EQ(told.size(), 1u);  // decr_version of a missing key; all others succeeded
  EXPECT_EQ(told.at("decr_version"), std::vector{Errc::key_not_found});
}

TEST_F(NineRules, OnceWhenNobodyListens) {
  const auto told = tell_of_every_verb(
      cache({.location = {"redis://127.0.0.1:" + std::to_string(harness::unused_port())}}));
  EXPECT_EQ(told.size(), 33u);  // all but the three empty ones
  for (const auto& [verb, codes] : told) {
    EXPECT_EQ(codes, std::vector{Errc::connect_failed}) << verb;
  }
}

TEST_F(NineRules, OnceWhenTheLimitPassesAndTheRepliesComeLater) {
  const Cache cached = cache();
  ASSERT_EQ(wait_for(cached).get("connected"), miss);
  ASSERT_TRUE(server().stop());
  const auto told = tell_of_every_verb(cached, {}, 20ms);
  EXPECT_EQ(told.size(), 33u);
  for (const auto& [verb, codes] : told) EXPECT_EQ(codes, std::vector{Errc::timeout}) << verb;
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(wait_for(cached).get("verb:get"), miss);
  EXPECT_GE(statistics().late_replies, 33u);
}

TEST_F(NineRules, OnceWhenAborted) {
  const Cache cached = cache();
  const auto told =
      tell_of_every_verb(cached, [&] { engine().disconnect({.mode = DisconnectMode::abort}, {}); });
  EXPECT_EQ(told.size(), 33u);
  for (const auto& [verb, codes] : told) EXPECT_EQ(codes, std::vector{Errc::disconnected}) << verb;
}

TEST_F(NineRules, OnceWhenTheServerDies) {
  harness::RedisServer& mortal = own_server();
  const Cache cached = cache({.location = {mortal.url()}});
  ASSERT_EQ(wait_for(cached).get("connected"), miss);
  ASSERT_TRUE(mortal.stop());
  const auto told = tell_of_every_verb(cached, [&] {
    runner_.run_for_turns(3);  // all are written now
    mortal.kill9();
  });
  EXPECT_EQ(told.size(), 33u);
}

TEST_F(NineRules, OnceWhenCancelled) {
  const Cache cached = cache();
  ASSERT_TRUE(server().stop());
  Answer<std::optional<Value>> answer;
  const Ticket ticket = engine().cache().get("a", answer.callback());
  EXPECT_TRUE(engine().cancel(ticket));
  EXPECT_FALSE(engine().cancel(ticket));
  EXPECT_EQ(wait(answer), Errc::cancelled);
  EXPECT_FALSE(engine().cancel(ticket));
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(wait_for(cached).get("b"), miss);
  EXPECT_EQ(answer.calls, 1);
}

TEST_F(NineRules, NeverInline) {
  struct Situation {
    const char* name;
    Cache cache;
  };
  const Cache working = cache();
  ASSERT_EQ(wait_for(working).get("connected"), miss);
  const std::vector<Situation> situations{
      {"connected", working},
      {"unknown alias", engine().cache("nobody")},
      {"not connected", cache()},
      {"nobody listens",
       cache({.location = {"redis://127.0.0.1:" + std::to_string(harness::unused_port())}})},
      {"overloaded", cache({.options = {.pending_max_bytes = 1}})},
      {"nothing encodes", cache({.options = {.value_max_bytes = 1}})}};
  for (const Situation& each : situations) {
    bool inside = true;
    int told = 0;
    const int verbs = call_every_verb(each.cache, [&](std::string_view verb, const Error*) {
      ++told;
      EXPECT_FALSE(inside) << each.name << ": " << verb;
    });
    inside = false;
    run_until([&] { return told == verbs; });
  }
}

TEST_F(NineRules, NeverInlineAlsoForDisconnectCancelAndEvents) {
  bool inside = false;
  int reports = 0;
  int events = 0;
  Settings settings{.caches = {{"default", {.location = {server().url()}}}}};
  settings.on_event = [&](const PoolEvent&) {
    ++events;
    EXPECT_FALSE(inside);
  };
  Engine& own = start(std::move(settings));
  const auto report = [&](DisconnectReport) {
    ++reports;
    EXPECT_FALSE(inside);
  };
  inside = true;
  own.disconnect({}, report);  // nothing to do
  const Ticket ticket = own.cache().get("a", [&](auto) { EXPECT_FALSE(inside); });
  own.cancel(ticket);
  own.cache().get("b", [&](auto) { EXPECT_FALSE(inside); });
  inside = false;
  run_until([&] { return reports == 1 && events == 1; });
  inside = true;
  own.cache().disconnect({.mode = DisconnectMode::abort}, report);
  own.disconnect({.mode = DisconnectMode::abort}, report);
  own.pools().at(0).disconnect({.mode = DisconnectMode::drain}, report);
  inside = false;
  run_until([&] { return reports == 4; });
}

TEST_F(NineRules, LoopThreadOnly) {
  const auto here = std::this_thread::get_id();
  int told = 0;
  const auto check = [&](std::string_view verb, const Error*) {
    ++told;
    EXPECT_EQ(std::this_thread::get_id(), here) << verb;
  };
  // A name, which is resolved on another thread.
  const std::string named = "redis://localhost:" + std::to_string(server().port());
  const int verbs = call_every_verb(cache({.location = {named}}), check) +
                    call_every_verb(cache({.location = {"redis://name.invalid"}}), check);
  run_until([&] { return told == verbs; });
}

TEST_F(NineRules, ArgumentsAreCopied) {
  Verbs cached = verbs();
  Answer<void> stored;
  Answer<std::vector<std::string>> stored_many;
  Answer<Found> found;
  Answer<Value> computed;
  {
    std::string key = "key of twenty bytes.";
    Value value(std::string(100'000, 'v'));
    WriteOptions options{.ttl = 50s};
    cached.cache.set(key, value, options, stored.callback());
    key.assign(key.size(), 'X');
    value = 0;
    options = {.ttl = 0s};
    Entries entries{{"one", 1}, {"two", std::string(100, 't')}};
    cached.cache.set_many(entries, stored_many.callback());
    entries = {{"wrong", 1}, {"wrong too", 2}};
    std::vector<std::string> keys{"key of twenty bytes.", "one"};
    cached.cache.get_many(keys, found.callback());
    for (auto& each : keys) each.assign(each.size(), 'X');
    keys.clear();
    std::string computed_key = "computed";
    cached.cache.get_or_set(computed_key, Value("default"), computed.callback());
    computed_key.assign(computed_key.size(), 'X');
  }
  EXPECT_EQ(wait(stored), worked);
  EXPECT_EQ(wait(stored_many), std::vector<std::string>());
  EXPECT_EQ(wait(found), (Found{{"key of twenty bytes.", std::string(100'000, 'v')}, {"one", 1}}));
  EXPECT_EQ(wait(computed), Value("default"));
  EXPECT_EQ(inspector().keys(), (std::vector<std::string>{":1:computed", ":1:key of twenty bytes.",
                                                          ":1:one", ":1:two"}));
}

TEST_F(NineRules, ResultsAreOwned) {
  Verbs cached = verbs();
  const std::string large(1u << 20, 'l');
  ASSERT_EQ(cached.set_many({{"small", "s"}, {"middle", std::string(300, 'm')}, {"large", large}}),
            std::vector<std::string>());
  std::vector<Result<std::optional<Value>>> kept;
  Answer<Found> kept_many;
  Answer<std::int64_t> kept_error;
  for (const char* key : {"small", "middle", "large"}) {
    cached.cache.get(key, [&](auto r) { kept.push_back(std::move(r)); });
  }
  cached.cache.get_many({"small", "middle", "large"}, kept_many.callback());
  cached.cache.incr("missing key", kept_error.callback());
  // Everything that the results could refer to is reused, and then freed.
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(cached.set("other", std::string(1u << 18, 'o')), worked);
    ASSERT_EQ(cached.get("other"), Value(std::string(1u << 18, 'o')));
  }
  disconnect(engine());
  destroy();
  ASSERT_EQ(kept.size(), 3u);
  EXPECT_EQ(kept[0], Value("s"));
  EXPECT_EQ(kept[1], Value(std::string(300, 'm')));
  EXPECT_EQ(kept[2], Value(large));
  EXPECT_EQ(*kept_many.result,
            (Found{{"large", large}, {"middle", std::string(300, 'm')}, {"small", "s"}}));
  EXPECT_THAT(detail_of(*kept_error.result), HasSubstr(":1:missing key"));
}

}  // namespace
}  // namespace djcache
