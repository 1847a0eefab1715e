#include "settings/option_choices.h"

#include <span>
#include <string>
#include <string_view>

#include "settings/read_value.h"

namespace djcache::settings {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view msgpack_names[] = {"msgpack",
                                              "django_redis.serializers.msgpack.MSGPackSerializer"};
constexpr std::string_view raw_names[] = {"raw"};
// The class of engine/docs/msgpack.md lives in a module of the user's project, wherever that is.
constexpr std::string_view msgpack_class = ".MsgpackSerializer";
constexpr std::string_view raw_class = ".RawSerializer";
constexpr std::string_view short_names[] = {"msgpack", "raw"};
// Recognised, so that the complaint says that it is only a matter of time.
constexpr std::string_view later_serializers[] = {
    "pickle",
    "json",
    "django.core.cache.backends.redis.RedisSerializer",
    "django_redis.serializers.pickle.PickleSerializer",
    "django_redis.serializers.json.JSONSerializer",
};

constexpr std::string_view identity_names[] = {
    "django_redis.compressors.identity.IdentityCompressor"};
constexpr std::string_view later_compressors[] = {
    "django_redis.compressors.zlib.ZlibCompressor", "django_redis.compressors.zstd.ZStdCompressor",
    "django_redis.compressors.lz4.Lz4Compressor",   "django_redis.compressors.lzma.LzmaCompressor",
    "django_redis.compressors.gzip.GzipCompressor",
};

constexpr std::string_view client_names[] = {"django_redis.client.DefaultClient",
                                             "django_redis.client.default.DefaultClient"};
constexpr std::string_view later_clients[] = {"django_redis.client.SentinelClient",
                                              "django_redis.client.sentinel.SentinelClient"};

constexpr std::string_view factory_names[] = {"django_redis.pool.ConnectionFactory"};
constexpr std::string_view later_factories[] = {"django_redis.pool.SentinelConnectionFactory"};

bool names_one_of(const Json& json, Names names) {
  if (!json.is(Json::Kind::string)) return false;
  for (const std::string_view name : names) {
    if (json.string == name) return true;
  }
  return false;
}

// What to say about a name that is not a good one.
Problem refusal(const Json& json, Names good, Names later) {
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  if (names_one_of(json, later)) return "what this names is not available in this version";
  Problem problem = "expected one of";
  for (const std::string_view name : good) {
    problem.append(name == good.front() ? " '" : ", '").append(name) += '\'';
  }
  return problem + "; got another name";
}

Problem check_name(const Json& json, Names good, Names later) {
  if (json.is(Json::Kind::string) && names_one_of(json, good)) return {};
  return refusal(json, good, later);
}

}  // namespace

Problem read_serializer(const Json& json, Serializer& target) {
  const std::string_view name = json.is(Json::Kind::string) ? json.string : std::string_view();
  if (names_one_of(json, raw_names) || name.ends_with(raw_class)) {
    target = Serializer::raw;
    return {};
  }
  if (names_one_of(json, msgpack_names) || name.ends_with(msgpack_class)) {
    target = Serializer::msgpack;
    return {};
  }
  return refusal(json, short_names, later_serializers);
}

Problem check_compressor(const Json& json) {
  return check_name(json, identity_names, later_compressors);
}
Problem check_client_class(const Json& json) {
  return check_name(json, client_names, later_clients);
}
Problem check_connection_factory(const Json& json) {
  return check_name(json, factory_names, later_factories);
}

}  // namespace djcache::settings
