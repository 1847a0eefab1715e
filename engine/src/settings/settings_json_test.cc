// Settings::from_json: which values each setting accepts, and what they become. Refusals and their
// texts are in fixtures/settings/bad.
#include <djcache/settings.h>
#include <gmock/gmock.h>

#include <chrono>
#include <string>

namespace djcache {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

CacheSettings read(const std::string& members) {
  const std::string comma = members.empty() ? "" : ", ";
  auto settings = Settings::from_json(R"({"default": {"BACKEND": "b")" + comma + members + "}}");
  EXPECT_TRUE(settings) << members << ": " << (settings ? "" : settings.error().detail);
  return settings ? settings->caches.at("default") : CacheSettings{};
}

Options options(const std::string& members) {
  return read(R"("OPTIONS": {)" + members + "}").options;
}

TEST(SettingsJson, LeftOutSettingsHaveTheirDefaults) {
  const CacheSettings cache = read("");
  const CacheSettings defaults;
  EXPECT_EQ(cache.backend, "b");
  EXPECT_THAT(cache.location, IsEmpty());
  EXPECT_EQ(cache.timeout, Ttl(300s));
  EXPECT_EQ(cache.key_prefix, "");
  EXPECT_EQ(cache.version, 1);
  EXPECT_FALSE(cache.key_function);
  EXPECT_EQ(cache.options, defaults.options);
}

TEST(SettingsJson, EveryAliasIsRead) {
  const auto settings = Settings::from_json(
      R"({"default": {"BACKEND": "a", "VERSION": 2}, "other": {"BACKEND": "b", "KEY_PREFIX": "p"}})");
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->caches.size(), 2u);
  EXPECT_EQ(settings->caches.at("default").version, 2);
  EXPECT_EQ(settings->caches.at("other").key_prefix, "p");
}

TEST(SettingsJson, LocationIsAStringOrAList) {
  EXPECT_THAT(read(R"("LOCATION": "redis://a;redis://b")").location,
              ElementsAre("redis://a;redis://b"));
  EXPECT_THAT(read(R"("LOCATION": ["redis://a", "redis://b"])").location,
              ElementsAre("redis://a", "redis://b"));
  EXPECT_THAT(read(R"("LOCATION": null)").location, IsEmpty());
  EXPECT_THAT(read(R"("LOCATION": [])").location, IsEmpty());
}

TEST(SettingsJson, TimeoutIsWhatPythonsIntReadsOtherwise300) {
  const struct {
    const char* json;
    Ttl ttl;
  } rows[] = {
      {"60", 60s},
      {"0", 0s},
      {"-5", -5s},
      {"null", forever},
      {"1.9", 1s},
      {"-1.9", -1s},
      {"true", 1s},
      {"false", 0s},
      {R"("60")", 60s},
      {R"(" +6_0\n")", 60s},
      {R"("-7")", -7s},
      {R"("6.0")", 300s},
      {R"("")", 300s},
      {R"("abc")", 300s},
      {R"("_6")", 300s},
      {R"("6_")", 300s},
      {R"("6__0")", 300s},
      {R"("+-6")", 300s},
      {R"("0x10")", 300s},
      {"[]", 300s},
      {"{}", 300s},
      {"1e30", std::chrono::duration<double>(1e30)},
      {"99999999999999999999", std::chrono::duration<double>(1e20)},
      {R"("99999999999999999999")", std::chrono::duration<double>(1e20)},
  };
  for (const auto& [json, ttl] : rows) {
    EXPECT_EQ(read(std::string(R"("TIMEOUT": )") + json).timeout, ttl) << json;
  }
}

TEST(SettingsJson, KeyFunctionMayBeNullOrDjangosDefault) {
  EXPECT_FALSE(read(R"("KEY_FUNCTION": null)").key_function);
  EXPECT_FALSE(
      read(R"("KEY_FUNCTION": "django.core.cache.backends.base.default_key_func")").key_function);
}

TEST(SettingsJson, EveryFieldOfOptionsHasItsName) {
  const Options read = options(R"(
    "db": 4, "username": "u", "password": "p", "serializer": "raw", "client_name": "web",
    "connect_limit": 1.5, "command_limit": 2, "stall_limit": 0.25, "backoff_min": 0.001,
    "backoff_max": 3, "connections_max": 5, "leases_max": 15, "pending_max": 6, "pending_max_bytes": 7,
    "value_max_bytes": 8, "reply_max_elements": 9, "value_max_depth": 10, "max_entries": 11,
    "cull_frequency": 0, "pickle_protocol": 2, "compressor": "zlib", "compress_min_bytes": 0,
    "serializer_fallbacks": ["json", "msgpack"], "compressor_fallbacks": ["lz4"],
    "signing_keys": ["k", "l"], "signing_salt": "s", "sign_integers": true)");
  const Options expected{.db = 4,
                         .username = "u",
                         .password = "p",
                         .client_name = "web",
                         .serializer = Serializer::raw,
                         .pickle_protocol = 2,
                         .compressor = Compressor::zlib,
                         .compress_min_bytes = 0,
                         .serializer_fallbacks = {Serializer::json, Serializer::msgpack},
                         .compressor_fallbacks = {Compressor::lz4},
                         .signing_keys = {"k", "l"},
                         .signing_salt = "s",
                         .sign_integers = true,
                         .connect_limit = 1500ms,
                         .command_limit = 2000ms,
                         .stall_limit = 250ms,
                         .backoff_min = 1ms,
                         .backoff_max = 3000ms,
                         .connections_max = 5,
                         .leases_max = 15,
                         .pending_max = 6,
                         .pending_max_bytes = 7,
                         .value_max_bytes = 8,
                         .reply_max_elements = 9,
                         .value_max_depth = 10,
                         .max_entries = 11,
                         .cull_frequency = 0};
  EXPECT_EQ(read, expected);
}

TEST(SettingsJson, OptionsOfDjangoRedisPyAndDjangoRedisAreUnderstood) {
  EXPECT_EQ(options(R"("MAX_ENTRIES": 7, "CULL_FREQUENCY": 2)"),
            (Options{.max_entries = 7, .cull_frequency = 2}));
  EXPECT_EQ(options(R"("MAX_BYTES": 1000000, "policy": "s3-fifo")"),
            (Options{.max_bytes = 1'000'000, .policy = EvictionPolicy::s3_fifo}));
  EXPECT_EQ(options(R"("policy": "lru")"), (Options{.policy = EvictionPolicy::lru}));
  EXPECT_EQ(options(R"("socket_timeout": 0.5, "socket_connect_timeout": 1)"),
            (Options{.socket_connect_timeout = 1s, .socket_timeout = 500ms}));
  EXPECT_EQ(options(R"("SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 2, "PASSWORD": "p")"),
            (Options{.password = "p", .socket_connect_timeout = 2s, .socket_timeout = 1s}));
  EXPECT_EQ(options(R"("CONNECTION_POOL_KWARGS": {"max_connections": 9, "username": "u"})"),
            (Options{.username = "u"}));
}

TEST(SettingsJson, SerializersHaveShortNamesAndDottedPaths) {
  const struct {
    const char* name;
    Serializer serializer;
  } rows[] = {
      {"msgpack", Serializer::msgpack},
      {"pickle", Serializer::pickle},
      {"json", Serializer::json},
      {"raw", Serializer::raw},
      {"mysite.msgpack_cache.MsgpackSerializer", Serializer::msgpack},
      {"mysite.json_cache.JsonSerializer", Serializer::json},
      {"djcache_serializer.RawSerializer", Serializer::raw},
      {"django.core.cache.backends.redis.RedisSerializer", Serializer::pickle},
      {"django_redis.serializers.pickle.PickleSerializer", Serializer::pickle},
      {"django_redis.serializers.json.JSONSerializer", Serializer::json},
      {"django_redis.serializers.msgpack.MSGPackSerializer", Serializer::msgpack},
  };
  for (const auto& [name, serializer] : rows) {
    const std::string quoted = "\"" + std::string(name) + "\"";
    EXPECT_EQ(options("\"serializer\": " + quoted).serializer, serializer) << name;
    EXPECT_EQ(options("\"SERIALIZER\": " + quoted).serializer, serializer) << name;
    EXPECT_EQ(options("\"serializer_fallbacks\": [" + quoted + "]").serializer_fallbacks,
              std::vector{serializer})
        << name;
  }
}

TEST(SettingsJson, CompressorsHaveShortNamesAndThoseOfDjangoRedis) {
  const struct {
    const char* name;
    const char* dotted;
    Compressor compressor;
  } rows[] = {
      {"none", "identity.IdentityCompressor", Compressor::none},
      {"zlib", "zlib.ZlibCompressor", Compressor::zlib},
      {"gzip", "gzip.GzipCompressor", Compressor::gzip},
      {"zstd", "zstd.ZStdCompressor", Compressor::zstd},
      {"lz4", "lz4.Lz4Compressor", Compressor::lz4},
      {"lzma", "lzma.LzmaCompressor", Compressor::lzma},
  };
  for (const auto& [name, dotted, compressor] : rows) {
    const std::string path = "\"django_redis.compressors." + std::string(dotted) + "\"";
    EXPECT_EQ(options("\"COMPRESSOR\": " + path).compressor, compressor) << name;
    EXPECT_EQ(options("\"compressor\": \"" + std::string(name) + "\"").compressor, compressor);
    EXPECT_EQ(options("\"compressor_fallbacks\": [" + path + "]").compressor_fallbacks,
              std::vector{compressor});
  }
}

TEST(SettingsJson, PickleVersionIsWhatDjangoRedisReads) {
  EXPECT_EQ(options(R"("PICKLE_VERSION": 3)").pickle_protocol, 3);
  EXPECT_EQ(options(R"("PICKLE_VERSION": "4")").pickle_protocol, 4);
  EXPECT_EQ(options(R"("PICKLE_VERSION": -1)").pickle_protocol, -1);
  EXPECT_EQ(options(R"("PICKLE_VERSION": -7)").pickle_protocol, -1);
  EXPECT_EQ(options(R"("PICKLE_VERSION": 3, "pickle_protocol": 2)").pickle_protocol, 2);
  EXPECT_EQ(options("").pickle_protocol, -1);
}

TEST(SettingsJson, OptionsWithoutMeaningChangeNothing) {
  EXPECT_EQ(options(R"("max_connections": 50, "socket_keepalive": true, "retry_on_timeout": true,
                       "health_check_interval": 30, "encoding": "utf-8",
                       "parser_class": "redis.connection.PythonParser",
                       "pool_class": "redis.BlockingConnectionPool",
                       "CLIENT_CLASS": "django_redis.client.DefaultClient",
                       "COMPRESSOR": "django_redis.compressors.identity.IdentityCompressor",
                       "IGNORE_EXCEPTIONS": true)"),
            Options{});
}

TEST(SettingsJson, NullInOptionsIsAsGoodAsNotWritten) {
  EXPECT_EQ(options(R"("db": null, "password": null, "socket_timeout": null, "serializer": null,
                       "signing_keys": null, "compress_min_bytes": null,
                       "CONNECTION_POOL_KWARGS": null, "ssl_ca_certs": null)"),
            Options{});
  EXPECT_EQ(read(R"("OPTIONS": null)").options, Options{});
}

TEST(SettingsJson, MoreParticularNameWinsWhateverTheOrder) {
  const char* const rows[] = {
      R"("command_limit": 4, "socket_timeout": 3,
         "CONNECTION_POOL_KWARGS": {"socket_timeout": 2}, "SOCKET_TIMEOUT": 1)",
      R"("SOCKET_TIMEOUT": 1, "CONNECTION_POOL_KWARGS": {"socket_timeout": 2},
         "socket_timeout": 3, "command_limit": 4)",
  };
  for (const char* row : rows) EXPECT_EQ(options(row).command_limit, 4s) << row;
  EXPECT_EQ(options(R"("socket_timeout": 3, "SOCKET_TIMEOUT": 1)").socket_timeout, 3s);
  EXPECT_EQ(options(R"("CONNECTION_POOL_KWARGS": {"socket_timeout": 2}, "SOCKET_TIMEOUT": 1)")
                .socket_timeout,
            2s);
}

}  // namespace
}  // namespace djcache
