#include "settings/option_choices.h"

#include <span>
#include <string>
#include <string_view>

#include "settings/read_value.h"

namespace djcache::settings {
namespace {

using Names = std::span<const std::string_view>;

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

// The short names come first, in the order in which error texts list them.
constexpr Choice<Serializer> serializers[] = {
    {"pickle", Serializer::pickle},
    {"json", Serializer::json},
    {"msgpack", Serializer::msgpack},
    {"raw", Serializer::raw},
    {"django.core.cache.backends.redis.RedisSerializer", Serializer::pickle},
    {".serializers.pickle.PickleSerializer", Serializer::pickle},
    {".serializers.json.JSONSerializer", Serializer::json},
    {".serializers.msgpack.MSGPackSerializer", Serializer::msgpack},
};
// Classes that engine/docs defines for Python. They live in a module of the user's project, so only
// the last part of the path counts.
constexpr Choice<Serializer> serializer_classes[] = {
    {".MsgpackSerializer", Serializer::msgpack},
    {".JsonSerializer", Serializer::json},
    {".RawSerializer", Serializer::raw},
};

constexpr Choice<Compressor> compressors[] = {
    {"none", Compressor::none},
    {"zlib", Compressor::zlib},
    {"gzip", Compressor::gzip},
    {"zstd", Compressor::zstd},
    {"lz4", Compressor::lz4},
    {"lzma", Compressor::lzma},
    {".compressors.identity.IdentityCompressor", Compressor::none},
    {".compressors.zlib.ZlibCompressor", Compressor::zlib},
    {".compressors.gzip.GzipCompressor", Compressor::gzip},
    {".compressors.zstd.ZStdCompressor", Compressor::zstd},
    {".compressors.lz4.Lz4Compressor", Compressor::lz4},
    {".compressors.lzma.LzmaCompressor", Compressor::lzma},
};

constexpr Choice<EvictionPolicy> policies[] = {
    {"cull", EvictionPolicy::cull},
    {"lru", EvictionPolicy::lru},
    {"s3-fifo", EvictionPolicy::s3_fifo},
};

// Packages whose classes have the same names and write the same bytes.
constexpr std::string_view packages[] = {"django_redis", "django_cachex", "django_valkey"};

constexpr Choice<Foreign> foreigns[] = {
    {"refuse", Foreign::refuse},
    {"opaque", Foreign::opaque},
    {"data", Foreign::data},
};

constexpr std::string_view client_names[] = {"django_redis.client.DefaultClient",
                                             "django_redis.client.default.DefaultClient"};
constexpr std::string_view sentinel_clients[] = {"django_redis.client.SentinelClient",
                                                 "django_redis.client.sentinel.SentinelClient"};

constexpr std::string_view factory_names[] = {"django_redis.pool.ConnectionFactory",
                                              "django_redis.pool.SentinelConnectionFactory"};

Problem not_one_of(const std::vector<std::string_view>& names) {
  Problem problem = "expected one of";
  for (const std::string_view name : names) {
    problem.append(name == names.front() ? " '" : ", '").append(name) += '\'';
  }
  return problem + "; got another name";
}

template <class T>
Problem read_choice(const Json& json, std::span<const Choice<T>> choices, T& target,
                    std::string_view own = {}) {
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  std::string_view wanted = json.string;
  for (const std::string_view package : packages) {
    if (wanted.starts_with(package)) wanted.remove_prefix(package.size());
  }
  std::vector<std::string_view> short_names;
  for (const auto& [name, value] : choices) {
    if (wanted == name) return target = value, Problem{};
    if (name.find('.') == std::string_view::npos) short_names.push_back(name);
  }
  Problem problem = not_one_of(short_names);
  if (own.empty()) return problem;
  return problem +
         "; a class of your own that writes the same as one of them is made known by "
         "Settings::ReadOptions::" +
         std::string(own);
}

template <class T>
Problem read_choices(const Json& json, Problem (*read)(const Json&, T&), std::vector<T>& target) {
  if (!json.is(Json::Kind::array)) return expected("a list of names", json);
  std::vector<T> all;
  for (const Json& item : json.items) {
    if (Problem problem = read(item, all.emplace_back()); !problem.empty()) return problem;
  }
  target = std::move(all);
  return {};
}

bool is_one_of(std::string_view wanted, Names names) {
  for (const std::string_view name : names) {
    if (wanted == name) return true;
  }
  return false;
}

// django-valkey uses django-redis' names.
std::string plain_name(std::string name) {
  if (name.starts_with("django_valkey.")) name.replace(7, 6, "redis");
  return name;
}

Problem check_name(const Json& json, Names good) {
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  if (is_one_of(plain_name(json.string), good)) return {};
  return not_one_of({good.begin(), good.end()});
}

}  // namespace

Problem read_serializer(const Json& json, Serializer& target) {
  if (json.is(Json::Kind::string)) {
    for (const auto& [ending, value] : serializer_classes) {
      if (json.string.ends_with(ending)) return target = value, Problem{};
    }
    // The wrapped serializer and its keys are in Python code.
    if (json.string.ends_with(".SignedSerializer")) {
      return "signs what another serializer writes; name that one here, and set signing_keys";
    }
  }
  return read_choice<Serializer>(json, serializers, target, "serializers");
}

Problem read_compressor(const Json& json, Compressor& target) {
  return read_choice<Compressor>(json, compressors, target, "compressors");
}
Problem read_serializers(const Json& json, std::vector<Serializer>& target) {
  return read_choices(json, &read_serializer, target);
}
Problem read_compressors(const Json& json, std::vector<Compressor>& target) {
  return read_choices(json, &read_compressor, target);
}

Problem read_foreign(const Json& json, Foreign& target) {
  return read_choice<Foreign>(json, foreigns, target);
}

Problem read_policy(const Json& json, std::optional<EvictionPolicy>& target) {
  EvictionPolicy policy{};
  Problem problem = read_choice<EvictionPolicy>(json, policies, policy);
  if (problem.empty()) target = policy;
  return problem;
}

bool is_sentinel_client(const Json& json) {
  return json.is(Json::Kind::string) && is_one_of(plain_name(json.string), sentinel_clients);
}

Problem check_client_class(const Json& json) { return check_name(json, client_names); }
Problem check_connection_factory(const Json& json) { return check_name(json, factory_names); }

}  // namespace djcache::settings
