// Django's contract, operation by operation: the result, and the state on the server. Rows of the
// table "Operations"; timeouts, versions, counters and many keys have files of their own.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Contract : public EngineTest {};

TEST_F(Contract, GetOfAMissingKeyIsAMissAndNoError) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.get("a"), miss);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Contract, GetReturnsWhatWasSet) {
  Verbs cached = verbs();
  const std::vector<Value> values{Value(),
                                  true,
                                  false,
                                  0,
                                  -1,
                                  INT64_MAX,
                                  INT64_MIN,
                                  1.5,
                                  "",
                                  "text",
                                  "\u6e05",
                                  Value::bytes("\0\xff"s),
                                  Value::list({1, "two", Value()}),
                                  Value::tuple({1}),
                                  Value::dict({{"a", Value::list({1.5})}, {2, "b"}}),
                                  Value::set({1}),
                                  Value::frozenset({2}),
                                  *Value::decimal("1.50"),
                                  *Value::integer("-123456789012345678901234567890"),
                                  Value(Date{2024, 2, 29})};
  for (const Value& value : values) {
    ASSERT_EQ(cached.set("a", value), worked) << to_string(value);
    EXPECT_EQ(cached.get("a"), value);
  }
}

TEST_F(Contract, SetReplacesValueKindAndExpiry) {
  Verbs cached = verbs();
  ASSERT_EQ(inspector().command({"RPUSH", ":1:a", "x"}).integer, 1);
  EXPECT_EQ(cached.set("a", 1, {.ttl = 50s}), worked);
  EXPECT_EQ(inspector().raw(":1:a"), "1");
  EXPECT_EQ(cached.set("a", "two", {.ttl = forever}), worked);
  EXPECT_EQ(cached.get("a"), "two");
  EXPECT_EQ(inspector().pttl(":1:a"), -1);
}

TEST_F(Contract, ACachedNoneIsAValueAndNoMiss) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.set("none", Value()), worked);
  EXPECT_EQ(cached.get("none"), Value());
  EXPECT_EQ(cached.has_key("none"), true);
  EXPECT_EQ(cached.add("none", 1), false);
  EXPECT_EQ(cached.get_many({"none", "missing"}), (Found{{"none", Value()}}));
  EXPECT_EQ(cached.get_or_set("none", 1), Value());
  EXPECT_EQ(cached.touch("none", {.ttl = 5s}), true);
  EXPECT_EQ(cached.delete_("none"), true);
}

TEST_F(Contract, AddStoresOnlyWhenAbsentAndLeavesValueAndExpiryAlone) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.add("a", 1, {.ttl = forever}), true);
  EXPECT_EQ(cached.add("a", 2, {.ttl = 10s}), false);
  EXPECT_EQ(cached.get("a"), 1);
  EXPECT_EQ(inspector().pttl(":1:a"), -1);
}

TEST_F(Contract, DeleteTellsWhetherTheKeyExisted) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(cached.delete_("a"), true);
  EXPECT_EQ(cached.delete_("a"), false);
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Contract, HasKeyTellsWhetherTheKeyExists) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.has_key("a"), false);
  ASSERT_EQ(cached.set("a", 0), worked);
  EXPECT_EQ(cached.has_key("a"), true);
}

TEST_F(Contract, ClearEmptiesTheWholeDatabaseAndNoOther) {
  Verbs cached = verbs({.key_prefix = "mine"});
  ASSERT_EQ(cached.set("a", 1), worked);
  ASSERT_TRUE(inspector().command({"SET", "foreign", "1"}).is_status("OK"));
  auto other_db = inspect(server().endpoint(1));
  ASSERT_TRUE(other_db->command({"SET", "other", "1"}).is_status("OK"));
  EXPECT_EQ(cached.clear(), true);
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_EQ(other_db->dbsize(), 1);
  EXPECT_EQ(cached.clear(), true);
}

TEST_F(Contract, CloseDoesNothing) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  cached.cache.close();
  EXPECT_EQ(cached.get("a"), 1);
  EXPECT_EQ(statistics().connects, 1u);
}

TEST_F(Contract, EveryOperationOnOneKeyIsOneCommand) {
  Verbs cached = verbs({.options = {.serializer = Serializer::msgpack}});
  ASSERT_EQ(cached.has_key("connected"), false);
  const auto record = log();
  ASSERT_EQ(cached.set("a", 1, {.ttl = 10s}), worked);
  ASSERT_EQ(cached.set("a", 1, {.ttl = forever}), worked);
  ASSERT_EQ(cached.add("a", "x", {.ttl = 100s}), false);
  ASSERT_EQ(cached.get("a"), 1);
  ASSERT_EQ(cached.touch("a", {.ttl = 7s}), true);
  ASSERT_EQ(cached.touch("a", {.ttl = forever}), true);
  ASSERT_EQ(cached.has_key("a"), true);
  ASSERT_EQ(cached.delete_("a"), true);
  ASSERT_EQ(cached.clear(), true);
  EXPECT_EQ(record->take(), (Commands{{"SET", ":1:a", "1", "EX", "10"},
                                      {"SET", ":1:a", "1"},
                                      {"SET", ":1:a", "\xa1x", "EX", "100", "NX"},
                                      {"GET", ":1:a"},
                                      {"EXPIRE", ":1:a", "7"},
                                      {"PERSIST", ":1:a"},
                                      {"EXISTS", ":1:a"},
                                      {"DEL", ":1:a"},
                                      {"FLUSHDB"}}));
}

TEST_F(Contract, ValuesAreCopies) {
  Verbs cached = verbs();
  Value list = Value::list({1});
  ASSERT_EQ(cached.set("a", list), worked);
  list.mutable_sequence()->push_back(2);
  auto got = cached.get("a");
  ASSERT_EQ(got, Value::list({1}));
  (*got)->mutable_sequence()->clear();
  EXPECT_EQ(cached.get("a"), Value::list({1}));
}

TEST_F(Contract, GetAsATypeConverts) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set_many({{"n", 7}, {"s", "text"}, {"l", Value::list({1, 2})}}),
            std::vector<std::string>());
  Answer<std::optional<std::int64_t>> number, missing, mismatch;
  Answer<std::optional<std::string>> text;
  Answer<std::optional<std::vector<int>>> list;
  Answer<std::optional<std::int8_t>> narrow;
  cached.cache.get<std::int64_t>("n", number.callback());
  cached.cache.get<std::int64_t>("missing", missing.callback());
  cached.cache.get<std::int64_t>("s", mismatch.callback());
  cached.cache.get<std::string>("s", text.callback());
  cached.cache.get<std::vector<int>>("l", list.callback());
  ASSERT_EQ(cached.set("wide", 128), worked);
  cached.cache.get<std::int8_t>("wide", narrow.callback());
  EXPECT_EQ(wait(narrow), Errc::decode_failed);
  EXPECT_EQ(number.result->value(), 7);
  EXPECT_EQ(missing.result->value(), std::nullopt);
  EXPECT_EQ(*mismatch.result, Errc::decode_failed);
  EXPECT_THAT(detail_of(*mismatch.result), HasSubstr("str"));
  EXPECT_EQ(text.result->value(), "text");
  EXPECT_EQ(list.result->value(), (std::vector<int>{1, 2}));
}

TEST_F(Contract, AnUnknownAliasIsAnErrorThatNamesIt) {
  cache();
  Verbs nobody = wait_for(engine().cache("nobody"));
  EXPECT_EQ(nobody.get("a"), Errc::unknown_alias);
  EXPECT_THAT(detail_of(nobody.set("a", 1)), HasSubstr("'nobody'"));
  EXPECT_EQ(nobody.get_many({}), Errc::unknown_alias);
  EXPECT_EQ(nobody.get_or_set("a", 1), Errc::unknown_alias);
}

TEST_F(Contract, InvalidSettingsAreTheErrorOfEveryOperation) {
  Engine& broken = start({.caches = {{"default", {.location = {"http://127.0.0.1"}}}}});
  EXPECT_EQ(broken.check(), Errc::invalid_settings);
  Verbs cached = wait_for(broken.cache());
  EXPECT_EQ(cached.get("a"), Errc::invalid_settings);
  EXPECT_EQ(cached.incr_version("a"), Errc::invalid_settings);
  EXPECT_THAT(detail_of(cached.get("a")), HasSubstr("default"));
  EXPECT_TRUE(broken.pools().empty());
}

TEST_F(Contract, ABrokenAliasLeavesTheOthersAtWork) {
  CacheSettings good;
  good.backend = "memory";
  Engine& mixed =
      start({.caches = {{"default", good}, {"files", {.location = {"http://127.0.0.1"}}}}});
  EXPECT_EQ(mixed.check(), Errc::invalid_settings);
  EXPECT_TRUE(wait_for(mixed.cache()).set("a", 1).ok());
  EXPECT_EQ(wait_for(mixed.cache("files")).get("a"), Errc::invalid_settings);
}

TEST_F(Contract, SettingsWarningsAreToldOnceByTheEngine) {
  auto settings = Settings::from_json(
      R"({"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1",
                      "OPTIONS": {"DB": 1}}})");
  ASSERT_TRUE(settings.ok());
  int told = 0;
  settings->on_settings_warning = [&](const SettingsFinding&) { ++told; };
  Engine& each = start(*settings);
  EXPECT_TRUE(each.check().ok());
  each.cache();
  EXPECT_EQ(told, 1);
}

TEST_F(Contract, IncrVersionOfATextVersionIsRefusedAndWorksWithAnIntegerOfItsOwn) {
  start({.caches = {{"default", {.backend = "memory", .version_text = "1.30.1"}}}});
  Verbs cached = wait_for(engine().cache());
  EXPECT_EQ(cached.incr_version("a"), Errc::invalid_argument);
  EXPECT_TRUE(cached.set("a", 1, {.version = 4}).ok());
  EXPECT_EQ(cached.incr_version("a", {.version = 4}), 5);
}

TEST_F(Contract, EmptyCallbacksAreAllowed) {
  Verbs cached = verbs();
  cached.cache.set("a", 1, {});
  cached.cache.get("a", Callback<std::optional<Value>>());
  cached.cache.get_many({}, {});
  cached.cache.get_or_set("b", Value(2), {});
  EXPECT_EQ(cached.get("a"), 1);
}

}  // namespace
}  // namespace djcache
