// Bad weather: whatever the server does, a user is neither logged out nor in by it, and no session
// key is told.
#include "session/session_fixture.h"

namespace djcache {
namespace {

class SessionWeather : public SessionTest {
 protected:
  static std::string entry() { return std::string(prefix) + std::string(key); }
  Result<SessionLoad> load_of(SessionStore& store) {
    return ask<SessionLoad>([&](auto done) { store.load(std::move(done)); });
  }
};

TEST_P(SessionWeather, AServerThatIsDownIsAnErrorAndNoEmptySession) {
  const std::string nowhere = "redis://127.0.0.1:" + std::to_string(harness::unused_port());
  SessionStore store(cache(nowhere), key);
  EXPECT_EQ(load(store), "connect_failed");
  EXPECT_FALSE(store.session().loaded());
  EXPECT_FALSE(store.session().is_empty());
  EXPECT_EQ(store.session().session_key(), key);
  EXPECT_EQ(save(store), "connect_failed");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionWeather, AServerThatHangsIsATimeout) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key, {.limit = 20ms});
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(load(store), "timeout");
  EXPECT_EQ(store.session().session_key(), key);
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(load(store), "found");
}

TEST_P(SessionWeather, AfterAnErrorTheLoadedSessionIsAsItWas) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key, {.limit = 20ms});
  EXPECT_EQ(load(store), "found");
  store.session().set("b", 2);
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(load(store), "timeout");
  EXPECT_EQ(save(store), "timeout");
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(store.session().data(), Value::dict({{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(store.session().modified());
}

TEST_P(SessionWeather, ACreateThatFailsLeavesTheOldKey) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key, {.limit = 20ms});
  EXPECT_EQ(load(store), "found");
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(cycle_key(store), "timeout");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionWeather, AFlushThatFailsEmptiesTheSessionAndKeepsTheKeyToTryAgain) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key, {.limit = 20ms});
  EXPECT_EQ(load(store), "found");
  ASSERT_TRUE(server().stop());
  EXPECT_EQ(flush(store), "timeout");
  EXPECT_TRUE(store.session().items().empty());
  EXPECT_EQ(store.session().session_key(), key);
  ASSERT_TRUE(server().cont());
  EXPECT_EQ(flush(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_P(SessionWeather, BytesThatNoSerializerWroteAreUnreadable) {
  SessionStore store = this->store(key);
  inspector().command({"SET", ":1:" + entry(), std::string("\xc1\x00garbage", 9)});
  EXPECT_EQ(load(store), "unreadable");
  EXPECT_EQ(store.session().session_key(), std::nullopt);
  EXPECT_EQ(inspector().dbsize(), 1);  // not ours to delete
}

TEST_P(SessionWeather, AnotherRedisTypeIsUnreadable) {
  SessionStore store = this->store(key);
  inspector().command({"RPUSH", ":1:" + entry(), "x"});
  EXPECT_EQ(load(store), "unreadable");
}

TEST_P(SessionWeather, SavingOverUnreadableBytesWithoutLoadingIsAnError) {
  SessionStore store = this->store(key);
  inspector().command({"SET", ":1:" + entry(), std::string("\xc1\x00garbage", 9)});
  EXPECT_EQ(save(store), "decode_failed");
  EXPECT_EQ(inspector().raw(":1:" + entry()), std::string("\xc1\x00garbage", 9));
}

TEST_P(SessionWeather, TheSessionKeyIsInNoError) {
  SessionStore store = this->store(key);
  store.session().clear();
  store.session().set("text", std::string("\xff\xfe"));  // not UTF-8: cannot be encoded
  const auto refused = ask<void>([&](auto done) { store.save(true, std::move(done)); });
  EXPECT_EQ(text(refused), "encode_failed");
  EXPECT_THAT(refused.error().detail, HasSubstr("<session key>"));
  EXPECT_THAT(refused.error().detail, Not(HasSubstr(std::string(key))));
}

TEST_P(SessionWeather, WrongSettingsAreToldByEveryOperation) {
  SessionStore store(cache("redis://127.0.0.1:1/notanumber"), key);
  EXPECT_EQ(load(store), "invalid_settings");
  EXPECT_EQ(save(store), "invalid_settings");
  EXPECT_EQ(exists(store, "x"), "invalid_settings");
  SessionStore none = this->store();
  EXPECT_EQ(load(none), "invalid_settings");
}

INSTANTIATE_TEST_SUITE_P(With, SessionWeather, session_serializers, name_of);

}  // namespace
}  // namespace djcache
