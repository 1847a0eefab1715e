// Django's contract: the many-forms, each one round trip, and none for empty lists.
#include "engine/engine_fixture.h"

namespace djcache {
namespace {

class Many : public EngineTest {
 protected:
  const std::vector<std::string> none_{};
};

TEST_F(Many, GetManyReturnsTheFoundOnesByTheCallersKeys) {
  Verbs cached = verbs({.key_prefix = "p"});
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", "two"}}), none_);
  EXPECT_EQ(cached.get_many({"a", "missing", "b"}), (Found{{"a", 1}, {"b", "two"}}));
  EXPECT_EQ(cached.get_many({"missing"}), Found());
}

TEST_F(Many, GetManyTakesAnyListOfKeys) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  const std::vector<std::string> strings{"a"};
  const std::vector<std::string_view> views{"a"};
  const std::array<std::string, 1> array{"a"};
  EXPECT_EQ(cached.get_many(strings), (Found{{"a", 1}}));
  EXPECT_EQ(cached.get_many(views), (Found{{"a", 1}}));
  EXPECT_EQ(cached.get_many(std::span<const std::string>(array)), (Found{{"a", 1}}));
}

TEST_F(Many, DuplicateKeysCountOnce) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  const auto record = log();
  EXPECT_EQ(cached.get_many({"a", "b", "a"}), (Found{{"a", 1}}));
  EXPECT_EQ(cached.delete_many({"a", "a"}), worked);
  EXPECT_EQ(cached.set_many({{"a", 1}, {"b", 2}, {"a", 3}}, {.ttl = forever}), none_);
  EXPECT_EQ(
      record->take(),
      (Commands{{"MGET", ":1:a", ":1:b"}, {"DEL", ":1:a"}, {"MSET", ":1:a", "3", ":1:b", "2"}}));
}

TEST_F(Many, OfNothingMakesNoRoundTripAndNoConnection) {
  Verbs cached = verbs();
  EXPECT_EQ(cached.get_many({}), Found());
  EXPECT_EQ(cached.set_many({}), none_);
  EXPECT_EQ(cached.delete_many({}), worked);
  EXPECT_EQ(engine().pools().at(0).info().statistics.operations, 0u);
  EXPECT_EQ(inspector().count_clients(), 0u);
  ASSERT_EQ(cached.get("connected"), miss);
  const auto record = log();
  EXPECT_EQ(cached.get_many({}), Found());
  EXPECT_EQ(cached.set_many({}, {.ttl = 0s}), none_);
  EXPECT_EQ(cached.delete_many({}), worked);
  EXPECT_EQ(record->take(), Commands());
}

TEST_F(Many, AnEntryOfAnotherRedisTypeCountsAsMissing) {
  Verbs cached = verbs();
  ASSERT_EQ(inspector().command({"RPUSH", ":1:list", "x"}).integer, 1);
  ASSERT_EQ(cached.set("a", 1), worked);
  EXPECT_EQ(cached.get_many({"list", "a"}), (Found{{"a", 1}}));
}

TEST_F(Many, SetManyWithATtlIsOneAtomicTransactionInOneWrite) {
  Verbs cached = verbs({.options = {.serializer = Serializer::msgpack}});
  ASSERT_EQ(cached.get("connected"), miss);
  const auto record = log();
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", "x"}}, {.ttl = 10s}), none_);
  EXPECT_EQ(record->take(), (Commands{{"MULTI"},
                                      {"SET", ":1:a", "1", "EX", "10"},
                                      {"SET", ":1:b", "\xa1x", "EX", "10"},
                                      {"EXEC"}}));
}

TEST_F(Many, SetManyForEverIsOneCommandAndRemovesOldExpiries) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 0, {.ttl = 10s}), worked);
  const auto record = log();
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", 2}}, {.ttl = forever}), none_);
  EXPECT_EQ(record->take(), (Commands{{"MSET", ":1:a", "1", ":1:b", "2"}}));
  EXPECT_EQ(inspector().pttl(":1:a"), -1);
}

TEST_F(Many, SetManyWithZeroTtlIsOneDelete) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set("a", 1), worked);
  const auto record = log();
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", 2}}, {.ttl = 0s}), none_);
  EXPECT_EQ(record->take(), (Commands{{"DEL", ":1:a", ":1:b"}}));
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Many, SetManyStoresNothingWhenOneValueDoesNotEncode) {
  Verbs cached = verbs({.options = {.value_max_bytes = 1000}});
  const auto refused = cached.set_many({{"a", 1}, {"big", std::string(2000, 'x')}, {"c", 3}});
  EXPECT_EQ(refused, Errc::value_too_large);
  EXPECT_THAT(detail_of(refused), HasSubstr("':1:big'"));
  EXPECT_EQ(inspector().dbsize(), 0);
}

TEST_F(Many, DeleteManyDeletesWhatIsThere) {
  Verbs cached = verbs();
  ASSERT_EQ(cached.set_many({{"a", 1}, {"b", 2}, {"c", 3}}), none_);
  const auto record = log();
  EXPECT_EQ(cached.delete_many({"a", "missing", "b"}), worked);
  EXPECT_EQ(record->take(), (Commands{{"DEL", ":1:a", ":1:missing", ":1:b"}}));
  EXPECT_EQ(inspector().keys(), std::vector<std::string>{":1:c"});
}

TEST_F(Many, TenThousandEntriesGoAndComeInOneRoundTripEach) {
  Verbs cached = verbs({.options = {.command_limit = 10s}});
  Entries entries;
  std::vector<std::string> keys;
  Found expected;
  for (int i = 0; i < 10'000; ++i) {
    keys.push_back("key " + std::to_string(i));
    entries.emplace_back(keys.back(), i);
    expected.emplace(keys.back(), i);
  }
  ASSERT_EQ(cached.set_many(entries), none_);
  EXPECT_EQ(inspector().dbsize(), 10'000);
  const auto got = cached.get_many(keys);
  EXPECT_TRUE(got.ok() && *got == expected);
  EXPECT_EQ(cached.delete_many(keys), worked);
  EXPECT_EQ(inspector().dbsize(), 0);
  EXPECT_EQ(inspector().commandstats("mget"), 1);
  EXPECT_EQ(inspector().commandstats("exec"), 1);
  EXPECT_EQ(inspector().commandstats("del"), 1);
}

TEST_F(Many, OverSeveralConnectionsGiveTheSameAnswers) {
  Verbs cached = verbs({.options = {.connections_max = 4}});
  Entries entries;
  std::vector<std::string> keys;
  Found expected;
  for (int i = 0; i < 200; ++i) {
    keys.push_back("key " + std::to_string(i));
    if (i % 3 == 0) continue;
    entries.emplace_back(keys.back(), std::string(i, 'v'));
    expected.emplace(keys.back(), std::string(i, 'v'));
  }
  for (const Ttl ttl : {Ttl(50s), Ttl(forever)}) {
    ASSERT_EQ(cached.set_many(entries, {.ttl = ttl}), none_);
    EXPECT_EQ(cached.get_many(keys), expected);
    EXPECT_EQ(cached.get("key 1"), "v");
    EXPECT_EQ(cached.delete_many(keys), worked);
    EXPECT_EQ(inspector().dbsize(), 0);
  }
  EXPECT_EQ(inspector().count_clients(), 4u);
}

TEST_F(Many, OverSeveralConnectionsReportTheFirstErrorOnce) {
  Verbs cached = verbs({.options = {.connections_max = 4}});
  ASSERT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "1"}).text, "OK");
  Entries entries;
  for (int i = 0; i < 100; ++i) entries.emplace_back("key " + std::to_string(i), i);
  EXPECT_EQ(cached.set_many(entries), Errc::out_of_memory);
  EXPECT_EQ(inspector().command({"CONFIG", "SET", "maxmemory", "0"}).text, "OK");
  EXPECT_EQ(cached.set_many(entries), none_);
}

TEST_F(Many, GetManyKeepsTheOrderOfTheKeysOverAllConnections) {
  for (const std::size_t connections : {1u, 4u}) {
    Verbs cached = verbs({.options = {.connections_max = connections}});
    std::vector<std::string> keys;
    for (int i = 0; i < 50; ++i) keys.push_back(std::to_string(i * 37 % 50));
    for (const std::string& key : keys) ASSERT_EQ(cached.set(key, 1), worked);
    const auto found = cached.get_many(keys);
    ASSERT_TRUE(found.ok());
    std::vector<std::string> order;
    for (const auto& [key, value] : *found) order.emplace_back(key);
    EXPECT_EQ(order, keys);
  }
}

// A hundred keys, some of whose entries cannot be read, over one connection and over several.
TEST_F(Many, AnEntryThatCannotBeReadIsNamedByTheKeyThatIsStored) {
  CacheSettings settings{.location = {server().url()}};
  settings.version_text = "1.30.1";
  Verbs cached = verbs(settings);
  inspector().command({"SET", ":1.30.1:a", "no pickle"});
  inspector().command({"SET", ":7:a", "no pickle"});
  for (const auto& [version, key] : {std::pair(std::optional<std::int64_t>(), "':1.30.1:a'"),
                                     std::pair(std::optional<std::int64_t>(7), "':7:a'")}) {
    const auto found = cached.get_many({"a"}, {.version = version});
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->errors().size(), 1u);
    EXPECT_THAT(found->errors()[0].second.detail, HasSubstr(key));
  }
}

TEST_F(Many, AnEntryThatCannotBeReadCostsGetManyThatOneOnly) {
  for (const std::size_t connections : {1u, 3u}) {
    Settings both;
    both.caches["default"] = {.location = {server().url()},
                              .options = {.connections_max = connections}};
    both.caches["raw"] = both.caches["default"];
    both.caches["raw"].options.serializer = Serializer::raw;
    Engine& shared = start(std::move(both));
    Verbs cached = wait_for(shared.cache()), raw = wait_for(shared.cache("raw"));
    std::vector<std::string> keys, good, bad;
    for (int i = 0; i < 100; ++i) {
      keys.push_back("k" + std::to_string(i * 37 % 100));
      const bool readable = i % 9 != 4;
      (readable ? good : bad).push_back(keys.back());
      ASSERT_EQ(readable ? cached.set(keys.back(), i) : raw.set(keys.back(), "no pickle"), worked);
    }
    const auto before = cached.cache.statistics();
    const auto found = cached.get_many(keys);
    ASSERT_TRUE(found.ok());
    std::vector<std::string> read, failed;
    for (const auto& [key, value] : *found) read.emplace_back(key);
    for (const auto& [key, error] : found->errors()) {
      failed.push_back(key);
      EXPECT_EQ(error.code, Errc::decode_failed);
      EXPECT_THAT(error.detail, HasSubstr("':1:" + key + "'"));
    }
    EXPECT_EQ(read, good);
    EXPECT_EQ(failed, bad);
    EXPECT_EQ(cached.cache.statistics().hits - before.hits, 100u) << "they are there";
  }
}

}  // namespace
}  // namespace djcache
