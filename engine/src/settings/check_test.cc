#include "settings/check.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "settings/backend_kind.h"
#include "settings/store_settings.h"

namespace djcache {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

CacheSettings local() { return {.location = {"redis://127.0.0.1:6379/1"}}; }

// The problem of settings whose only alias is `cache`; "" if there is none.
std::string problem(CacheSettings cache) {
  Settings settings;
  settings.caches["default"] = std::move(cache);
  const auto checked = settings.check();
  if (checked) return "";
  EXPECT_EQ(checked.error().code, Errc::invalid_settings);
  return checked.error().detail;
}

std::string problem(Options options) {
  CacheSettings cache = local();
  cache.options = std::move(options);
  return problem(std::move(cache));
}

TEST(SettingsCheck, DefaultsWithALocationAreGood) {
  EXPECT_EQ(problem(local()), "");
  EXPECT_EQ(problem(CacheSettings{.location = {"redis://a;unix:///run/b.sock", "redis://c"}}), "");
}

TEST(SettingsCheck, AliasDefaultMustExist) {
  Settings settings;
  settings.caches["other"] = local();
  ASSERT_FALSE(settings.check());
  EXPECT_EQ(settings.check().error().detail,
            "CACHES['default']: is missing; Django needs this alias, too");
}

TEST(SettingsCheck, EveryAliasIsChecked) {
  Settings settings;
  settings.caches["default"] = local();
  settings.caches["sessions"] = {.backend = "redis"};
  ASSERT_FALSE(settings.check());
  EXPECT_THAT(settings.check().error().detail, HasSubstr("CACHES['sessions']['LOCATION']: "));
}

TEST(SettingsCheck, BackendNamesOfTheDesignAreKnown) {
  using settings::BackendKind;
  const struct {
    const char* name;
    BackendKind kind;
  } rows[] = {
      {"django.core.cache.backends.redis.RedisCache", BackendKind::redis},
      {"django_redis_ex.async_cache.AsyncRedisEXCache", BackendKind::redis},
      {"django_redis_ex.cache.RedisEXCache", BackendKind::redis},
      {"django_redis.cache.RedisCache", BackendKind::redis},
      {"django.core.cache.backends.locmem.LocMemCache", BackendKind::memory},
      {"django.core.cache.backends.dummy.DummyCache", BackendKind::dummy},
      {"redis", BackendKind::redis},
      {"memory", BackendKind::memory},
      {"dummy", BackendKind::dummy},
  };
  for (const auto& [name, kind] : rows) {
    const auto known = settings::backend_kind(name);
    ASSERT_TRUE(known) << name;
    EXPECT_EQ(*known, kind) << name;
    CacheSettings cache = local();
    cache.backend = name;
    EXPECT_EQ(problem(cache), "") << name;
  }
}

TEST(SettingsCheck, UnknownBackendGetsTheListAndASuggestion) {
  CacheSettings cache = local();
  cache.backend = "django.core.cache.backends.redis.RedisCash";
  EXPECT_THAT(problem(cache), HasSubstr("CACHES['default']['BACKEND']: unknown backend; did you "
                                        "mean 'django.core.cache.backends.redis.RedisCache'?"));
  EXPECT_THAT(problem(cache), HasSubstr("django_redis_ex.cache.RedisEXCache"));
}

TEST(SettingsCheck, LocationMustHaveServers) {
  EXPECT_THAT(problem(CacheSettings{.backend = "redis"}),
              HasSubstr("expected the URL of a server"));
  EXPECT_THAT(problem(CacheSettings{.location = {" ; "}}), HasSubstr("expected the URL"));
}

TEST(SettingsCheck, WithoutBackendALocationDecides) {
  using settings::BackendKind;
  EXPECT_EQ(*settings::backend_kind(CacheSettings{}), BackendKind::memory);
  EXPECT_EQ(*settings::backend_kind(local()), BackendKind::redis);
  EXPECT_EQ(problem(CacheSettings{}), "");
  EXPECT_THAT(problem(CacheSettings{.location = {"my-store"}}), HasSubstr("no known scheme"));
}

TEST(SettingsCheck, NoCachesAtAllAreADefaultOnMemory) {
  EXPECT_TRUE(Settings{}.check().ok());
  EXPECT_FALSE((Settings{.caches = {{"other", {}}}}.check().ok()));
}

TEST(SettingsCheck, BoundsOfAStoreAreChecked) {
  EXPECT_THAT(problem(CacheSettings{.backend = "memory", .location = {"a", "b"}}),
              HasSubstr("one name"));
  EXPECT_THAT(problem(CacheSettings{.options = {.max_bytes = 65'535}}),
              HasSubstr("['max_bytes']: must be 65536"));
  EXPECT_THAT(problem(CacheSettings{.options = {.max_entries = std::size_t{1} << 27}}),
              HasSubstr("['max_entries']: must be 0 to 134217726"));
  EXPECT_EQ(problem(CacheSettings{.options = {.max_entries = 0, .cull_frequency = 0}}), "");
}

TEST(SettingsCheck, DefaultsOfAStoreDependOnMaxBytes) {
  const auto django = settings::store_settings({});
  EXPECT_EQ(django.policy, EvictionPolicy::cull);
  EXPECT_EQ(django.max_entries, 300u);
  const auto bytes = settings::store_settings({.options = {.max_bytes = 1 << 20}});
  EXPECT_EQ(bytes.policy, EvictionPolicy::s3_fifo);
  EXPECT_EQ(bytes.max_entries, settings::store_entries_max);
}

TEST(SettingsCheck, CachesOfOneStoreMustAgreeInWhatIsTheStores) {
  const auto disagree = [](const Options& a, const Options& b) {
    const Settings settings{.caches = {{"default", {.options = a}}, {"other", {.options = b}}}};
    return !settings.check().ok();
  };
  EXPECT_FALSE(disagree({.max_entries = 30}, {.cull_frequency = 0}));
  EXPECT_TRUE(disagree({}, {.policy = EvictionPolicy::lru}));
  EXPECT_TRUE(disagree({.max_bytes = 1 << 20}, {.max_bytes = 1 << 21}));
  EXPECT_TRUE(disagree({.max_entries = 30, .policy = EvictionPolicy::lru},
                       {.policy = EvictionPolicy::lru}));
}

TEST(SettingsCheck, ServerThatDoesNotParseIsNamedByItsNumber) {
  EXPECT_THAT(problem(CacheSettings{.location = {"redis://a,redis://b:x"}}),
              HasSubstr("CACHES['default']['LOCATION']: server 2: the port"));
}

TEST(SettingsCheck, OptionsOfTlsNeedAServerThatSpeaksIt) {
  const auto with = [](const char* url, const TlsOptions& tls) {
    CacheSettings cache{.location = {url}};
    cache.options.tls = tls;
    return problem(cache);
  };
  EXPECT_EQ(problem(CacheSettings{.location = {"rediss://a"}}), "");
  EXPECT_EQ(with("rediss://a", {}), "");
  EXPECT_EQ(with("redis://a", {}),
            "CACHES['default']['LOCATION']: server 1: the options of TLS need a server that is "
            "written rediss://");
  EXPECT_THAT(with("rediss://a,redis://b", {}), HasSubstr("server 2: the options of TLS"));
  EXPECT_EQ(with("rediss://a", {.key_file = "/k"}),
            "CACHES['default']['LOCATION']: server 1: ssl_keyfile needs ssl_certfile");
  EXPECT_EQ(with("rediss://a", {.cert_file = "/c"}), "");
  EXPECT_THAT(with("rediss://a", {.ca_file = std::string("a\0b", 3)}),
              HasSubstr("ssl_ca_certs holds a NUL byte"));
}

TEST(SettingsCheck, CountsHaveRanges) {
  const struct {
    const char* name;
    std::size_t Options::*field;
    std::size_t min, max;
  } rows[] = {
      {"connections_max", &Options::connections_max, 1, 1024},
      {"leases_max", &Options::leases_max, 1, 10'000},
      {"pending_max", &Options::pending_max, 1, 100'000'000},
      {"pending_max_bytes", &Options::pending_max_bytes, 1, std::size_t{64} << 30},
      {"value_max_bytes", &Options::value_max_bytes, 1, std::size_t{512} << 20},
      {"reply_max_elements", &Options::reply_max_elements, 1, 100'000'000},
      {"value_max_depth", &Options::value_max_depth, 1, 1000},
  };
  for (const auto& [name, field, min, max] : rows) {
    const std::string place = "CACHES['default']['OPTIONS']['" + std::string(name) + "']: must be ";
    for (const std::size_t bad : {min - 1, max + 1, SIZE_MAX}) {
      Options options;
      options.*field = bad;
      EXPECT_THAT(problem(options), HasSubstr(place)) << bad;
    }
    for (const std::size_t good : {min, max}) {
      Options options;
      options.*field = good;
      EXPECT_EQ(problem(options), "") << name << good;
    }
  }
}

TEST(SettingsCheck, PickleProtocolIsZeroToFiveOrTheHighest) {
  for (const int good : {-1, 0, 5}) EXPECT_EQ(problem(Options{.pickle_protocol = good}), "");
  for (const int bad : {-2, 6}) {
    EXPECT_THAT(problem(Options{.pickle_protocol = bad}),
                HasSubstr("['pickle_protocol']: must be -1 to 5"));
  }
}

TEST(SettingsCheck, LimitsAreAboveZeroAndAtMostOneHour) {
  const struct {
    const char* name;
    void (*set)(Options&, std::chrono::milliseconds);
  } rows[] = {
      {"connect_limit", [](Options& o, auto limit) { o.connect_limit = limit; }},
      {"command_limit", [](Options& o, auto limit) { o.command_limit = limit; }},
      {"socket_timeout", [](Options& o, auto limit) { o.socket_timeout = limit; }},
      {"stall_limit", [](Options& o, auto limit) { o.stall_limit = limit; }},
      {"backoff_min", [](Options& o, auto limit) { o.backoff_min = limit; }},
      {"backoff_max", [](Options& o, auto limit) { o.backoff_max = limit; }},
  };
  for (const auto& [name, set] : rows) {
    const std::string place = "['" + std::string(name) + "']: must be from 1 millisecond to 1 hour";
    for (const std::chrono::milliseconds bad :
         {0ms, -1ms, 3'600'001ms, std::chrono::milliseconds::max()}) {
      Options options;
      set(options, bad);
      EXPECT_THAT(problem(options), HasSubstr(place)) << bad.count();
    }
  }
  EXPECT_EQ(problem(Options{.backoff_min = 1ms, .backoff_max = 1ms}), "");
  EXPECT_EQ(problem(Options{.connect_limit = 1h, .command_limit = 1h, .stall_limit = 1h}), "");
  EXPECT_EQ(problem(Options{.backoff_min = 2ms, .backoff_max = 1ms}),
            "CACHES['default']['OPTIONS']['backoff_min']: must not be above backoff_max");
}

TEST(SettingsCheck, DatabaseIsNotNegative) {
  EXPECT_EQ(problem(Options{.db = 0}), "");
  EXPECT_EQ(problem(Options{.db = -1}), "CACHES['default']['OPTIONS']['db']: must be 0 or more");
}

TEST(SettingsCheck, ClientNameIsWhatTheServerAccepts) {
  EXPECT_EQ(problem(Options{.client_name = ""}), "");
  EXPECT_EQ(problem(Options{.client_name = std::string(255, '~')}), "");
  for (const std::string& bad :
       {std::string("a b"), std::string("a\n"), std::string("\xc3\xa9"), std::string(256, 'a')}) {
    EXPECT_THAT(problem(Options{.client_name = bad}), HasSubstr("['client_name']: must be"));
  }
}

TEST(SettingsCheck, SecretsAreNotRepeated) {
  for (const char* backend : {"django.core.cache.backends.redis.RedisCache", "redis://:S3cret@a"}) {
    for (const char* url :
         {"redis://:S3cret@a:x", "S3cret", "rediss://:S3cret@a:x", "redis://S3cret:x"}) {
      const auto said = problem(CacheSettings{.backend = backend, .location = {url}});
      EXPECT_NE(said, "");
      EXPECT_THAT(said, testing::Not(HasSubstr("S3cret")));
    }
  }
}

}  // namespace
}  // namespace djcache
