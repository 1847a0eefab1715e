// Failing servers: no failure logs a user in or out, and no session key is revealed.
#include "session/session_fixture.h"

namespace djcache {
namespace {

class SessionWeather : public SessionTest {
 protected:
  static std::string entry() { return std::string(prefix) + std::string(key); }
  // Starts an operation that a stopped server cannot answer, and cuts its connection.
  template <class T, class Start>
  std::string cut_off(Start start) {
    EXPECT_TRUE(server().stop());
    std::optional<Result<T>> answer;
    start([&](Result<T> r) { answer = std::move(r); });
    engine()->disconnect({.mode = DisconnectMode::abort}, nullptr);
    run_until([&] { return answer.has_value(); });
    EXPECT_TRUE(server().cont());
    return answer ? text(*answer) : "(no answer)";
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
  SessionStore patient = this->store(key);
  EXPECT_EQ(load(patient), "found");
}

TEST_P(SessionWeather, AfterAnErrorTheLoadedSessionIsAsItWas) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "found");
  store.session().set("b", 2);
  EXPECT_EQ(cut_off<SessionLoad>([&](auto done) { store.load(std::move(done)); }), "disconnected");
  EXPECT_EQ(cut_off<void>([&](auto done) { store.save(std::move(done)); }), "disconnected");
  EXPECT_EQ(store.session().data(), Value::dict({{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(store.session().modified());
  EXPECT_EQ(save(store), "worked");
}

TEST_P(SessionWeather, ACreateThatFailsLeavesTheOldKey) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(cut_off<void>([&](auto done) { store.cycle_key(std::move(done)); }), "disconnected");
  EXPECT_EQ(store.session().session_key(), key);
}

TEST_P(SessionWeather, AFlushThatFailsEmptiesTheSessionAndKeepsTheKeyToTryAgain) {
  put(entry(), Value::dict({{"a", 1}}));
  SessionStore store = this->store(key);
  EXPECT_EQ(load(store), "found");
  EXPECT_EQ(cut_off<void>([&](auto done) { store.flush(std::move(done)); }), "disconnected");
  EXPECT_TRUE(store.session().items().empty());
  EXPECT_EQ(store.session().session_key(), key);
  EXPECT_EQ(flush(store), "worked");
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_P(SessionWeather, BytesThatNoSerializerWroteAreUnreadable) {
  SessionStore store = this->store(key);
  inspector().command({"SET", ":1:" + entry(), std::string("\xc1\x00garbage", 9)});
  EXPECT_EQ(load(store), "unreadable");
  EXPECT_EQ(store.session().session_key(), std::nullopt);
  EXPECT_EQ(inspector().dbsize(), 1);  // a foreign entry, not to be deleted
}

// The error says what was unreadable, until the next load.
TEST_P(SessionWeather, AnUnreadableSessionSaysWhatIsInTheWay) {
  // {"k": persistent_load("shop")}, in protocol 4: not an object of any class.
  const std::string outside = "\x80\x04}\x8c\x01kPshop\ns."s;
  for (const bool of_django : {true, false}) {
    if (of_django && GetParam() != Serializer::pickle) continue;
    SessionStore store = this->store(key);
    inspector().command({"SET", ":1:" + entry(), of_django ? outside : std::string("7")});
    EXPECT_EQ(store.unreadable(), std::nullopt);
    EXPECT_EQ(load(store), "unreadable");
    ASSERT_TRUE(store.unreadable());
    EXPECT_EQ(store.unreadable()->code, Errc::decode_failed);
    EXPECT_THAT(store.unreadable()->detail, HasSubstr(of_django ? "PERSID" : "type int"));
    EXPECT_THAT(store.unreadable()->detail, Not(HasSubstr(std::string(key))));
    EXPECT_EQ(load(store), "no_key");
    EXPECT_EQ(store.unreadable(), std::nullopt);
  }
}

// A single object of an unknown class hides nothing, and survives a save.
TEST_P(SessionWeather, AnObjectOfAnUnknownClassIsKept) {
  if (GetParam() != Serializer::pickle) return;
  // {"k": shops.Color(1)}, in protocol 4.
  inspector().command({"SET", ":1:" + entry(),
                       "\x80\x04}\x8c\x01k\x8c\x05shops\x8c\x05"
                       "Color\x93K\x01\x85Rs."s});
  SessionStore store = this->store(key);
  ASSERT_EQ(load(store), "found");
  EXPECT_EQ(store.session().get("k")->opaque_class(), "shops.Color");
  store.session().set("visits", 1);
  EXPECT_EQ(save(store), "worked");
  const std::string saved = inspector().raw(":1:" + entry()).value_or("");
  EXPECT_THAT(saved, HasSubstr("\x8c\x05shops\x8c\x05"
                               "Color\x93K\x01\x85R"s));
  SessionStore again = this->store(key);
  ASSERT_EQ(load(again), "found");
  EXPECT_EQ(*again.session().get("k"), *store.session().get("k"));
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
