// The operations on one key and on many: requests to the backend, warnings, counts.
#include "cache/rig_fixture.h"

namespace djcache::cache::test {
namespace {

using namespace std::chrono_literals;

struct Operations : Rig {
  // The keys of the warnings since the last call.
  std::vector<std::string> warned() {
    std::vector<std::string> keys;
    for (const std::string& text : std::exchange(warnings_, {})) {
      const std::size_t begin = text.find('\'') + 1;
      keys.push_back(text.substr(begin, text.rfind('\'') - begin));
    }
    return keys;
  }
  using Keys = std::vector<std::string>;
};

// --- Versions.

TEST_F(Operations, IncrVersionWarnsOfTheKeysThatDjangoUses) {
  Told<std::int64_t> told;
  cache().incr_version("k k", told.callback());
  EXPECT_EQ(warned(), Keys{":1:k k"}) << "its get";
  flag(next("move :1:k k"), true);
  EXPECT_EQ(**told.result, 2);
  EXPECT_EQ(warned(), (Keys{":2:k k", ":1:k k"})) << "its set and its delete";
}

TEST_F(Operations, IncrVersionOfAMissingKeyWarnsOfItsGetAlone) {
  Told<std::int64_t> told;
  cache().incr_version("k k", told.callback());
  flag(next("move :1:k k"), false);
  EXPECT_EQ(told.error(), Errc::key_not_found);
  EXPECT_EQ(warned(), Keys{":1:k k"});
}

TEST_F(Operations, AVersionMayMakeAKeyTooLong) {
  const std::string key(247, 'k');
  Told<std::int64_t> told;
  cache().incr_version(key, {.version = 9}, told.callback());
  flag(next("move :9:" + key), true);
  EXPECT_EQ(warned(), Keys{":10:" + key});
  cache().decr_version(key, {.version = 10}, told.callback());
  flag(next("move :10:" + key), true);
  EXPECT_EQ(warned(), (Keys{":10:" + key, ":10:" + key})) << "its get and its delete";
}

TEST_F(Operations, AVersionBeyond64BitsIsAnOverflowAndNothingIsAsked) {
  Told<std::int64_t> told;
  const auto overflows = [&](bool forward, const DeltaOptions& options) {
    forward ? cache().incr_version("k", options, told.callback())
            : cache().decr_version("k", options, told.callback());
    run();
    return told.error() == Errc::integer_overflow && nothing_asked();
  };
  EXPECT_TRUE(overflows(true, {.version = INT64_MAX}));
  EXPECT_TRUE(overflows(true, {.delta = 5, .version = INT64_MAX - 1}));
  EXPECT_TRUE(overflows(true, {.delta = -5, .version = INT64_MIN + 1}));
  EXPECT_TRUE(overflows(false, {.version = INT64_MIN}));
  EXPECT_TRUE(overflows(false, {.delta = INT64_MIN, .version = 0}));
  EXPECT_TRUE(overflows(false, {.delta = INT64_MIN, .version = 5}));
  cache().decr_version("k", {.delta = INT64_MIN, .version = -1}, told.callback());
  EXPECT_EQ(next("move :-1:k").detail, ":9223372036854775807:k");
}

TEST_F(Operations, DecrIsIncrByTheOppositeWhereThereIsOne) {
  Told<std::int64_t> told;
  cache().decr("k", {.delta = 7}, told.callback());
  EXPECT_EQ(next("incr :1:k").number, -7);
  cache().decr("k", {.delta = INT64_MIN}, told.callback());
  run();
  EXPECT_EQ(told.error(), Errc::integer_overflow);
  EXPECT_TRUE(nothing_asked());
}

// --- peek.

TEST_F(Operations, PeekIsCounted) {
  EXPECT_FALSE(cache().peek("k")->has_value());
  EXPECT_EQ(counted().misses, 1u);
  EXPECT_EQ(counted().hits, 0u);
  backend_.peeked = Backend::Peeked::found;
  backend_.stored = encoded(Value(5));
  EXPECT_EQ(**cache().peek("k"), Value(5));
  EXPECT_EQ(counted().misses, 1u);
  EXPECT_EQ(counted().hits, 1u);
}

TEST_F(Operations, WhatDoesNotDecodeIsAnErrorThatNamesTheKey) {
  backend_.peeked = Backend::Peeked::found;
  backend_.stored = "~\xc1";
  const auto peeked = cache().peek("k");
  ASSERT_FALSE(peeked.ok());
  EXPECT_TRUE(peeked.error().detail.starts_with("Key ':1:k': ")) << peeked.error().detail;
}

TEST_F(Operations, PeekTellsWhyItCannot) {
  backend_.peeked = Backend::Peeked::impossible;
  EXPECT_EQ(cache().peek("k").error().code, Errc::not_supported);
  alias_->broken = Error{Errc::invalid_argument, "no such codec"};
  EXPECT_EQ(cache().peek("k").error().detail, "no such codec");
  destroy();
  EXPECT_EQ(cache().peek("k").error().code, Errc::not_supported);
}

// --- Many.

TEST_F(Operations, NamesOfOneStoredKeyAreAskedForOnceByTheLastOfThem) {
  alias_->keys = KeyMaker("", 1, [](std::string_view key, std::string_view, std::int64_t) {
    return std::string(1, static_cast<char>(key.front() | 0x20));
  });
  Told<Found> found;
  cache().get_many({"b", "A", "a", "B", "c"}, found.callback());
  EXPECT_EQ(next("get_many b a c").affinity, "B a c ");
}

// NaN and infinity are refused before anything is requested or encoded, by every verb with a ttl.
TEST_F(Operations, ATtlThatIsNoNumberIsRefused) {
  using Seconds = std::chrono::duration<double>;
  using Long = std::chrono::duration<long double, std::nano>;
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  for (const Ttl ttl : {Ttl(Seconds(nan)), Ttl(Seconds(-nan)), Ttl(Seconds(infinity)),
                        Ttl(Seconds(-infinity)), Ttl(Long(nan)), Ttl(Long(infinity))}) {
    const auto refused = [&](const auto& told) {
      run();
      return told.error() == Errc::invalid_argument && nothing_asked();
    };
    Told<void> done;
    cache().set("k", 1, {.ttl = ttl}, done.callback());
    EXPECT_TRUE(refused(done));
    Told<bool> flag;
    cache().add("k", 1, {.ttl = ttl}, flag.callback());
    EXPECT_TRUE(refused(flag));
    cache().touch("k", {.ttl = ttl}, flag.callback());
    EXPECT_TRUE(refused(flag));
    cache().replace("k", 1, {.ttl = ttl}, flag.callback());
    EXPECT_TRUE(refused(flag));
    Told<std::vector<std::string>> failed;
    cache().set_many({{"k", 1}}, {.ttl = ttl}, failed.callback());
    EXPECT_TRUE(refused(failed));
    cache().set_many({}, {.ttl = ttl}, failed.callback());
    EXPECT_TRUE(refused(failed));
    Told<Value> value;
    cache().get_or_set("k", 1, {.ttl = ttl}, value.callback());
    EXPECT_TRUE(refused(value));
    Lock lock = cache().lock("k", {.ttl = ttl});
    lock.acquire(flag.callback());
    EXPECT_TRUE(refused(flag));
  }
  Told<void> done;
  cache().set("k", 1, {.ttl = Seconds(1e300)}, done.callback());
  EXPECT_EQ(next("set :1:k").expiry.milliseconds, INT64_MAX) << "finite: as it was";
}

TEST_F(Operations, OfTwoEntriesOfOneKeyTheLastIsStored) {
  Told<std::vector<std::string>> told;
  cache().set_many({{"a", 1}, {"b", 2}, {"a", 3}}, {.ttl = 5s, .limit = 70ms}, told.callback());
  const Asked set = next("set_many :1:a :1:b");
  EXPECT_EQ(set.expiry.milliseconds, 5000);
  EXPECT_EQ(set.options.limit_ms, 70u);
  flag(set, true);
  const std::uint64_t sets = counted().sets;
  EXPECT_EQ(sets, 2u) << "entries that are stored, not those that were given";
  cache().set_many({{"a", 1}}, {.ttl = 0s}, told.callback());
  flag(next("set_many :1:a"), true);
  EXPECT_EQ(counted().sets, sets) << "stored for no time";
}

// --- Limits and lives.

TEST_F(Operations, ALimitIsAMillisecondToAnHour) {
  alias_->limit_ms = 123;
  cache().get("k", nullptr);
  EXPECT_EQ(next("get :1:k").options.limit_ms, 123u);
  const std::pair<std::chrono::milliseconds, std::uint32_t> cases[] = {
      {0ms, 1}, {-5ms, 1}, {1ms, 1}, {2ms, 2}, {1h, 3'600'000}, {2h, 3'600'000}};
  for (const auto& [limit, used] : cases) {
    cache().get("k", {.limit = limit}, nullptr);
    EXPECT_EQ(next("get :1:k").options.limit_ms, used);
  }
}

TEST_F(Operations, WhatIsStoredForNoTimeIsNotCounted) {
  for (const auto& [ttl, sets] : {std::pair{Ttl(0ms), 0u}, {Ttl(1ms), 1u}, {Ttl(forever), 2u}}) {
    cache().set("k", 1, {.ttl = ttl}, nullptr);
    flag(next("set :1:k"), true);
    EXPECT_EQ(counted().sets, sets);
  }
  cache().add("k", 1, nullptr);
  flag(next("add :1:k"), false);
  EXPECT_EQ(counted().sets, 2u);
}

TEST_F(Operations, TtlIsRoundedAsRedisDoes) {
  const std::pair<std::int64_t, std::chrono::seconds> cases[] = {
      {499, 0s}, {500, 1s}, {1499, 1s}, {1500, 2s}};
  for (const auto& [left, told] : cases) {
    Told<std::optional<std::chrono::seconds>> ttl;
    cache().ttl("k", ttl.callback());
    number(next("remaining :1:k"), left);
    EXPECT_EQ(**ttl.result, told);
  }
}

TEST_F(Operations, AnExpiryInSecondsIsOneInMillisecondsWithinWhatFits) {
  cache().expire("k", 7s, nullptr);
  EXPECT_EQ(next("expire_in :1:k").number, 7000);
  cache().expire("k", std::chrono::seconds::max(), nullptr);
  EXPECT_EQ(next("expire_in :1:k").number, INT64_MAX / 1000 * 1000);
  cache().expire("k", std::chrono::seconds::min(), nullptr);
  EXPECT_EQ(next("expire_in :1:k").number, -(INT64_MAX / 1000 * 1000));
}

}  // namespace
}  // namespace djcache::cache::test
