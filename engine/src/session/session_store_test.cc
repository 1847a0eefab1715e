// The operations of a session store on a real server, in comparison with Django's cache-backed
// SessionStore.
#include "session/session_core.h"
#include "session/session_fixture.h"
#include "session/session_key.h"

namespace djcache {
namespace {

using harness::Commands;

class SessionStores : public SessionTest {
 protected:
  static std::string entry(std::string_view session_key) {
    return std::string(prefix) + std::string(session_key);
  }
  std::string made(std::string_view session_key) { return ":1:" + entry(session_key); }
  // A session with {'cart': 1} that is on the server and loaded.
  SessionStore stored(SessionOptions options = {}) {
    SessionStore store = this->store({}, std::move(options));
    store.session().set("cart", 1);
    EXPECT_EQ(save(store), "worked");
    return store;
  }
  std::unique_ptr<harness::CommandLog> log() {
    auto opened = harness::CommandLog::open(server().endpoint());
    EXPECT_TRUE(opened) << opened.problem;
    return std::move(opened.value);
  }
};

TEST_P(SessionStores, LoadReadsWhatIsThereInOneRoundTrip) {
  put(entry(key), Value::dict({{"cart", Value::list({1, 2})}, {"_auth_user_id", "7"}}));
  SessionStore store = this->store(key);
  const auto commands = log();
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(commands->take(), (Commands{{"GET", made(key)}}));
  EXPECT_TRUE(store.session().loaded());
  EXPECT_TRUE(store.session().accessed());
  EXPECT_FALSE(store.session().modified());
  EXPECT_EQ(*store.session().get("cart"), Value::list({1, 2}));
  EXPECT_EQ(store.session().user_id(), "7");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionStores, LoadOfAMissingSessionIsEmptyAndForgetsTheKey) {
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "missing");
  EXPECT_EQ(store.session().session_key(), std::nullopt);
  EXPECT_TRUE(store.session().is_empty());
}

TEST_P(SessionStores, LoadOfACachedNoneIsMissing) {
  put(entry(key), Value());
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "missing");
}

TEST_P(SessionStores, LoadOfWhatIsNoDictIsUnreadableAndForgetsTheKey) {
  for (const Value& other : {Value(5), Value("text"), Value::list({1})}) {
    put(entry(key), other);
    SessionStore store = this->store(key);
    EXPECT_EQ(load(store), "unreadable");
    EXPECT_EQ(store.session().session_key(), std::nullopt);
    EXPECT_TRUE(store.session().is_empty());
  }
}

TEST_P(SessionStores, ADictWithOtherKeysThanTextIsASessionToo) {
  const Value data = Value::dict({{1, "a"}, {"b", Value::dict({{2, Value()}})}});
  put(entry(key), data);
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(store.session().data(), data);
  store.session().set("c", 3);
  EXPECT_EQ(save(store), "worked");
  EXPECT_EQ(look(entry(key)),
            Value::dict({{1, "a"}, {"b", Value::dict({{2, Value()}})}, {"c", 3}}));
}

TEST_P(SessionStores, SaveIsOneStepOverWhatIsThere) {
  SessionStore store = stored();
  const std::string name = made(*store.session().session_key());
  const auto commands = log();
  EXPECT_EQ(save(store), "worked");
  const auto sent = commands->take();
  ASSERT_TRUE(sent);
  ASSERT_EQ(sent->size(), 1u);
  const auto& words = sent->front();
  EXPECT_EQ(words[0], "SET");
  EXPECT_EQ(words[1], name);
  EXPECT_EQ((std::vector<std::string>(words.end() - 3, words.end())),
            (std::vector<std::string>{"EX", "1209600", "XX"}));
}

TEST_P(SessionStores, LoadWithoutAnAcceptableKeyAsksNobody) {
  const auto commands = log();
  SessionStore none = store(), short_one = store("1234567"),
               hostile = store("12345678\r\nFLUSHALL");
  EXPECT_EQ(load(none), "no_key");
  EXPECT_EQ(load(short_one), "no_key");
  EXPECT_EQ(load(hostile), "no_key");
  EXPECT_EQ(commands->take(), Commands{});
}

TEST_P(SessionStores, CreateStoresUnderARandomKeyForTheCookieAge) {
  SessionStore store = this->store();
  store.session().set("cart", 1);
  store.session().set_modified(false);
  EXPECT_EQ(create(store), "worked");
  ASSERT_TRUE(store.session().session_key());
  const std::string session_key = *store.session().session_key();
  EXPECT_EQ(session_key.size(), 32u);
  EXPECT_TRUE(store.session().modified());
  EXPECT_EQ(look(entry(session_key)), Value::dict({{"cart", 1}}));
  const auto life = inspector().pttl(made(session_key));
  ASSERT_TRUE(life);
  EXPECT_GT(*life, 1'209'000'000);
  EXPECT_LE(*life, 1'209'600'000);
}

TEST_P(SessionStores, CreateTriesAgainWhileKeysAreTaken) {
  int made_keys = 0;
  const auto core = std::make_shared<detail::SessionCore>(
      cache(), "", SessionOptions{}, [&]() -> Result<std::string> {
        return std::string(++made_keys < 4 ? "taken123" : "free1234");
      });
  put(entry("taken123"), Value::dict({{"of", "another"}}));
  EXPECT_EQ(text(ask<void>([&](auto done) { core->create(std::move(done)); })), "worked");
  EXPECT_EQ(made_keys, 4);
  EXPECT_EQ(core->session.session_key(), "free1234");
  EXPECT_EQ(look(entry("taken123")), Value::dict({{"of", "another"}}));
}

TEST_P(SessionStores, CreateGivesUpAfterTenThousandKeys) {
  int made_keys = 0;
  const auto core = std::make_shared<detail::SessionCore>(cache(), "", SessionOptions{},
                                                          [&]() -> Result<std::string> {
                                                            ++made_keys;
                                                            return std::string("taken123");
                                                          });
  put(entry("taken123"), Value::dict());
  const auto created = ask<void>([&](auto done) { core->create(std::move(done)); });
  EXPECT_EQ(text(created), "session_exists");
  EXPECT_THAT(created.error().detail, HasSubstr("probably unavailable"));
  EXPECT_EQ(made_keys, 10'000);
  EXPECT_EQ(core->session.session_key(), std::nullopt);
}

TEST_P(SessionStores, SaveWithoutAKeyCreates) {
  SessionStore store = stored();
  ASSERT_TRUE(store.session().session_key());
  EXPECT_EQ(look(entry(*store.session().session_key())), Value::dict({{"cart", 1}}));
}

TEST_P(SessionStores, SaveReplacesTheEntryAndItsTtl) {
  SessionStore store = stored();
  store.session().set("cart", 2);
  store.session().set_expiry(60);
  EXPECT_EQ(save(store), "worked");
  const std::string session_key = *store.session().session_key();
  EXPECT_EQ(look(entry(session_key)), Value::dict({{"cart", 2}, {"_session_expiry", 60}}));
  const auto life = inspector().pttl(made(session_key));
  ASSERT_TRUE(life);
  EXPECT_GT(*life, 0);
  EXPECT_LE(*life, 60'000);
}

TEST_P(SessionStores, SaveDoesNotBringBackASessionThatWasLoggedOutElsewhere) {
  SessionStore store = stored();
  SessionStore other = this->store(*store.session().session_key());
  EXPECT_EQ(load(other), "found");
  EXPECT_EQ(flush(other), "worked");
  store.session().set("cart", 2);
  EXPECT_EQ(save(store), "session_gone");
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_EQ(save(store), "session_gone");
}

TEST_P(SessionStores, SaveOfASessionThatHasExpiredInItsOwnDataLeavesNothing) {
  SessionStore store = stored();
  store.session().set_expiry(-1);
  EXPECT_EQ(save(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_P(SessionStores, SaveMustCreateNeverOverwrites) {
  put(entry(key), Value::dict({{"of", "another"}}));
  SessionStore store = this->store(key);
  store.session().set("of", "mine");
  EXPECT_EQ(save(store, true), "session_exists");
  EXPECT_EQ(look(entry(key)), Value::dict({{"of", "another"}}));
  SessionStore fresh = this->store("freekey123");
  fresh.session().set("of", "mine");
  EXPECT_EQ(save(fresh, true), "worked");
  EXPECT_EQ(look(entry("freekey123")), Value::dict({{"of", "mine"}}));
  fresh.session().set("of", "mine still");
  EXPECT_EQ(save(fresh), "worked");
}

TEST_P(SessionStores, OfTwoThatMustCreateTheSameKeyOneFails) {
  SessionStore a = store(key), b = store(key);
  std::vector<std::string> results;
  a.save(true, [&](Result<void> r) { results.push_back("a " + text(r)); });
  b.save(true, [&](Result<void> r) { results.push_back("b " + text(r)); });
  run_until([&] { return results.size() == 2; });
  EXPECT_EQ(results, (std::vector<std::string>{"a worked", "b session_exists"}));
}

TEST_P(SessionStores, SaveOfAnUnloadedSessionKeepsItsData) {
  put(entry(key), Value::dict({{"cart", 1}}));
  SessionStore store = this->store(key);
  EXPECT_EQ(save(store), "worked");
  EXPECT_EQ(look(entry(key)), Value::dict({{"cart", 1}}));
  EXPECT_GT(inspector().pttl(made(key)).value_or(0), 1'209'000'000);
}

TEST_P(SessionStores, SaveOfAnUnloadedSessionThatIsGoneKeepsTheKey) {
  SessionStore store = this->store(key);
  EXPECT_EQ(save(store), "session_gone");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionStores, WhatWasChangedBeforeItWasLoadedOverwritesNothing) {
  put(entry(key), Value::dict({{"cart", 1}}));
  SessionStore store = this->store(key);
  store.session().set("other", 2);
  EXPECT_EQ(save(store), "invalid_argument");
  EXPECT_EQ(cycle_key(store), "invalid_argument");
  EXPECT_EQ(look(entry(key)), Value::dict({{"cart", 1}}));
  store.session().clear();
  store.session().set("other", 2);
  EXPECT_EQ(save(store), "worked");
  EXPECT_EQ(look(entry(key)), Value::dict({{"other", 2}}));
}

TEST_P(SessionStores, AnExpiryThatIsNoneStoresNothing) {
  SessionStore store = this->store();
  store.session().set("_session_expiry", "tomorrow");
  EXPECT_EQ(save(store), "decode_failed");
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_EQ(store.session().session_key(), std::nullopt);
}

TEST_P(SessionStores, ExistsLooksAtTheServer) {
  put(entry(key), Value::dict());
  SessionStore store = this->store();
  EXPECT_EQ(exists(store, key), "True");
  EXPECT_EQ(exists(store, "otherkey12"), "False");
  EXPECT_EQ(exists(store, ""), "False");
  EXPECT_EQ(exists(store, "*"), "False");
}

TEST_P(SessionStores, DeleteTakesTheEntryAndLeavesTheSession) {
  SessionStore store = stored();
  EXPECT_EQ(delete_(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_TRUE(store.session().session_key());
  EXPECT_EQ(*store.session().get("cart"), Value(1));
}

TEST_P(SessionStores, DeleteOfAnotherKeyTakesThatEntry) {
  put(entry(key), Value::dict());
  SessionStore store = stored();
  EXPECT_EQ(text(ask<void>([&](auto done) { store.delete_(key, std::move(done)); })), "worked");
  EXPECT_EQ(text(ask<void>([&](auto done) { store.delete_("short", std::move(done)); })), "worked");
  EXPECT_EQ(inspector().dbsize(), 1);
}

TEST_P(SessionStores, DeleteWithoutAKeyDoesNothing) {
  SessionStore store = this->store();
  EXPECT_EQ(delete_(store), "worked");
}

TEST_P(SessionStores, FlushLogsOut) {
  SessionStore store = stored();
  EXPECT_EQ(flush(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_TRUE(store.session().is_empty());
  EXPECT_TRUE(store.session().modified());
  EXPECT_EQ(flush(store), "worked");
}

TEST_P(SessionStores, CycleKeyKeepsTheDataAndDeletesTheOldEntry) {
  SessionStore store = stored();
  const std::string old = *store.session().session_key();
  EXPECT_EQ(cycle_key(store), "worked");
  const std::string fresh = *store.session().session_key();
  EXPECT_NE(fresh, old);
  EXPECT_EQ(look(entry(fresh)), Value::dict({{"cart", 1}}));
  EXPECT_EQ(inspector().dbsize(), 1);
}

TEST_P(SessionStores, CycleKeyLoadsFirstWhatIsNotLoaded) {
  put(entry(key), Value::dict({{"cart", 1}}));
  SessionStore store = this->store(key);
  EXPECT_EQ(cycle_key(store), "worked");
  EXPECT_NE(store.session().session_key(), key);
  EXPECT_EQ(look(entry(*store.session().session_key())), Value::dict({{"cart", 1}}));
  EXPECT_EQ(inspector().dbsize(), 1);
}

TEST_P(SessionStores, CycleKeyWithoutAKeyCreates) {
  SessionStore store = this->store();
  EXPECT_EQ(cycle_key(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 1);
}

TEST_P(SessionStores, KeysOfOtherBackendsAreFoundWhenTheirCharactersAreAllowed) {
  const std::string other = "123E4567-e89b-12d3";
  put(entry(other), Value::dict({{"a", 1}}));
  SessionStore store = this->store(other, {.more_key_characters = "ABCDEF-"});
  EXPECT_EQ(load(store), "found");
}

TEST_P(SessionStores, OfAnEngineWithAPrefixOfItsOwnAreFound) {
  put("shop.sessions" + std::string(key), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key, {.cache_key_prefix = "shop.sessions"});
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(save(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 1);
}

class CachedDbSessions : public SessionTest {
 protected:
  static constexpr std::string_view other_prefix = "django.contrib.sessions.cached_db";
  SessionStore cached_db() { return store(key, {.backend = SessionBackend::cached_db}); }
};

TEST_P(CachedDbSessions, AreReadUnderTheirOwnPrefix) {
  put(std::string(other_prefix) + std::string(key), Value::dict({{"a", 1}}));
  SessionStore store = cached_db();
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(exists(store, key), "True");
}

TEST_P(CachedDbSessions, ThatAreMissingKeepTheirKeyForTheDatabaseToKnow) {
  SessionStore store = cached_db();
  EXPECT_EQ(load(store), "missing");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(CachedDbSessions, AreNeverWritten) {
  put(std::string(other_prefix) + std::string(key), Value::dict({{"a", 1}}));
  SessionStore store = cached_db();
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(save(store), "not_supported");
  EXPECT_EQ(save(store, true), "not_supported");
  EXPECT_EQ(create(store), "not_supported");
  EXPECT_EQ(delete_(store), "not_supported");
  EXPECT_EQ(flush(store), "not_supported");
  EXPECT_EQ(cycle_key(store), "not_supported");
  EXPECT_EQ(*store.session().get("a"), Value(1));
  EXPECT_EQ(inspector().dbsize(), 1);
}

INSTANTIATE_TEST_SUITE_P(With, SessionStores, session_serializers, name_of);
INSTANTIATE_TEST_SUITE_P(With, CachedDbSessions, session_serializers, name_of);

}  // namespace
}  // namespace djcache
