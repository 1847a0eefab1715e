#include "settings/read_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "settings/closest_name.h"
#include "settings/option_choices.h"
#include "settings/read_value.h"

namespace djcache::settings {
namespace {

// Whose name an option is. Also the order in which options are applied: later ones win.
enum class Origin { django_redis, pool_kwargs, redis_py, own };

struct OptionSpec {
  std::string_view name;
  Origin origin;
  Problem (*read)(const Json&, Options&);
};

template <auto Field>
Problem text(const Json& json, Options& options) {
  return read_string(json, options.*Field);
}
template <auto Field>
Problem count(const Json& json, Options& options) {
  return read_count(json, options.*Field);
}
template <auto Field>
Problem some_count(const Json& json, Options& options) {
  std::size_t number = 0;
  Problem problem = read_count(json, number);
  if (problem.empty()) options.*Field = number;
  return problem;
}
template <auto Field>
Problem seconds(const Json& json, Options& options) {
  return read_seconds(json, options.*Field);
}
template <auto Check>
Problem checked(const Json& json, Options&) {
  return Check(json);
}
Problem database(const Json& json, Options& options) { return read_database(json, options.db); }
template <auto Read, auto Field>
Problem read_by(const Json& json, Options& options) {
  return Read(json, options.*Field);
}
constexpr auto serializer = read_by<&read_serializer, &Options::serializer>;
constexpr auto compressor = read_by<&read_compressor, &Options::compressor>;
constexpr auto pickle_protocol = read_by<&read_pickle_protocol, &Options::pickle_protocol>;
Problem policy(const Json& json, Options& options) { return read_policy(json, options.policy); }
// Says how redis-py or django-redis do something that djcache does differently or always does.
Problem without_meaning(const Json&, Options&) { return {}; }
// Changes where entries are or how they get there, so passing it over would do harm.
Problem unavailable(const Json&, Options&) { return "not available in this version"; }

using enum Origin;
constexpr std::array specs = {
    OptionSpec{"db", redis_py, database},
    OptionSpec{"username", redis_py, text<&Options::username>},
    OptionSpec{"password", redis_py, text<&Options::password>},
    OptionSpec{"client_name", redis_py, text<&Options::client_name>},
    OptionSpec{"serializer", own, serializer},
    OptionSpec{"pickle_protocol", own, pickle_protocol},
    OptionSpec{"compressor", own, compressor},
    OptionSpec{"compress_min_bytes", own,
               read_by<&read_count_or_none, &Options::compress_min_bytes>},
    OptionSpec{"serializer_fallbacks", own,
               read_by<&read_serializers, &Options::serializer_fallbacks>},
    OptionSpec{"compressor_fallbacks", own,
               read_by<&read_compressors, &Options::compressor_fallbacks>},
    OptionSpec{"signing_keys", own, read_by<&read_strings, &Options::signing_keys>},
    OptionSpec{"signing_salt", own, text<&Options::signing_salt>},
    OptionSpec{"sign_integers", own, read_by<&read_flag, &Options::sign_integers>},
    OptionSpec{"connect_limit", own, seconds<&Options::connect_limit>},
    OptionSpec{"command_limit", own, seconds<&Options::command_limit>},
    OptionSpec{"stall_limit", own, seconds<&Options::stall_limit>},
    OptionSpec{"backoff_min", own, seconds<&Options::backoff_min>},
    OptionSpec{"backoff_max", own, seconds<&Options::backoff_max>},
    OptionSpec{"connections_max", own, count<&Options::connections_max>},
    OptionSpec{"leases_max", own, count<&Options::leases_max>},
    OptionSpec{"pending_max", own, count<&Options::pending_max>},
    OptionSpec{"pending_max_bytes", own, count<&Options::pending_max_bytes>},
    OptionSpec{"value_max_bytes", own, count<&Options::value_max_bytes>},
    OptionSpec{"reply_max_elements", own, count<&Options::reply_max_elements>},
    OptionSpec{"value_max_depth", own, count<&Options::value_max_depth>},
    OptionSpec{"max_entries", own, some_count<&Options::max_entries>},
    OptionSpec{"cull_frequency", own, count<&Options::cull_frequency>},
    OptionSpec{"max_bytes", own, some_count<&Options::max_bytes>},
    OptionSpec{"policy", own, policy},

    // Django's, for every backend.
    OptionSpec{"MAX_ENTRIES", django_redis, some_count<&Options::max_entries>},
    OptionSpec{"CULL_FREQUENCY", django_redis, count<&Options::cull_frequency>},
    OptionSpec{"MAX_BYTES", django_redis, some_count<&Options::max_bytes>},
    OptionSpec{"pool_class", own, without_meaning},
    OptionSpec{"parser_class", own, without_meaning},

    // redis-py's, also inside CONNECTION_POOL_KWARGS.
    OptionSpec{"socket_timeout", redis_py, seconds<&Options::command_limit>},
    OptionSpec{"socket_connect_timeout", redis_py, seconds<&Options::connect_limit>},
    OptionSpec{"max_connections", redis_py, without_meaning},
    OptionSpec{"timeout", redis_py, without_meaning},
    OptionSpec{"socket_keepalive", redis_py, without_meaning},
    OptionSpec{"socket_keepalive_options", redis_py, without_meaning},
    OptionSpec{"socket_read_size", redis_py, without_meaning},
    OptionSpec{"socket_type", redis_py, without_meaning},
    OptionSpec{"retry", redis_py, without_meaning},
    OptionSpec{"retry_on_timeout", redis_py, without_meaning},
    OptionSpec{"retry_on_error", redis_py, without_meaning},
    OptionSpec{"health_check_interval", redis_py, without_meaning},
    OptionSpec{"encoding", redis_py, without_meaning},
    OptionSpec{"encoding_errors", redis_py, without_meaning},
    OptionSpec{"decode_responses", redis_py, without_meaning},
    OptionSpec{"protocol", redis_py, without_meaning},
    OptionSpec{"lib_name", redis_py, without_meaning},
    OptionSpec{"lib_version", redis_py, without_meaning},
    OptionSpec{"connection_class", redis_py, unavailable},
    OptionSpec{"credential_provider", redis_py, unavailable},
    OptionSpec{"redis_connect_func", redis_py, unavailable},
    OptionSpec{"ssl_ca_certs", redis_py, unavailable},
    OptionSpec{"ssl_ca_data", redis_py, unavailable},
    OptionSpec{"ssl_ca_path", redis_py, unavailable},
    OptionSpec{"ssl_cert_reqs", redis_py, unavailable},
    OptionSpec{"ssl_certfile", redis_py, unavailable},
    OptionSpec{"ssl_check_hostname", redis_py, unavailable},
    OptionSpec{"ssl_ciphers", redis_py, unavailable},
    OptionSpec{"ssl_keyfile", redis_py, unavailable},
    OptionSpec{"ssl_min_version", redis_py, unavailable},
    OptionSpec{"ssl_password", redis_py, unavailable},

    // django-redis'. CONNECTION_POOL_KWARGS is an object, read by read_members.
    OptionSpec{"CONNECTION_POOL_KWARGS", pool_kwargs, nullptr},
    OptionSpec{"PASSWORD", django_redis, text<&Options::password>},
    OptionSpec{"SOCKET_TIMEOUT", django_redis, seconds<&Options::command_limit>},
    OptionSpec{"SOCKET_CONNECT_TIMEOUT", django_redis, seconds<&Options::connect_limit>},
    OptionSpec{"SERIALIZER", django_redis, serializer},
    OptionSpec{"COMPRESSOR", django_redis, compressor},
    OptionSpec{"PICKLE_VERSION", django_redis, pickle_protocol},
    OptionSpec{"CLIENT_CLASS", django_redis, checked<check_client_class>},
    OptionSpec{"CONNECTION_FACTORY", django_redis, checked<check_connection_factory>},
    OptionSpec{"CONNECTION_POOL_CLASS", django_redis, without_meaning},
    OptionSpec{"PARSER_CLASS", django_redis, without_meaning},
    OptionSpec{"REDIS_CLIENT_CLASS", django_redis, without_meaning},
    OptionSpec{"REDIS_CLIENT_KWARGS", django_redis, without_meaning},
    OptionSpec{"REVERSE_KEY_FUNCTION", django_redis, without_meaning},
    OptionSpec{"IGNORE_EXCEPTIONS", django_redis, without_meaning},
    OptionSpec{"LOG_IGNORED_EXCEPTIONS", django_redis, without_meaning},
    OptionSpec{"CLOSE_CONNECTION", django_redis, without_meaning},
    OptionSpec{"SENTINELS", django_redis, unavailable},
    OptionSpec{"SENTINEL_KWARGS", django_redis, unavailable},
};

// Inside CONNECTION_POOL_KWARGS only redis-py's names count.
bool known_inside(const OptionSpec& spec, bool pool_kwargs_only) {
  return !pool_kwargs_only || spec.origin == redis_py;
}

const OptionSpec* find_spec(std::string_view name, bool pool_kwargs_only) {
  const auto at = std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& spec) {
    return spec.name == name && known_inside(spec, pool_kwargs_only);
  });
  return at == specs.end() ? nullptr : &*at;
}

Problem unknown_option(std::string_view name, bool pool_kwargs_only) {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : specs) {
    if (known_inside(spec, pool_kwargs_only)) names.push_back(spec.name);
  }
  return "unknown option" + suggestion(name, names);
}

struct Entry {
  const OptionSpec* spec;
  const Json* value;
};

Result<void> read_members(const Json& json, const Where& where, bool pool_kwargs_only,
                          Options& options) {
  if (!json.is(Json::Kind::object)) return where.error(expected("an object", json));
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string_view name = json.names[i];
    const OptionSpec* spec = find_spec(name, pool_kwargs_only);
    if (!spec) return where.in(name).error(unknown_option(name, pool_kwargs_only));
    if (!json.items[i].is(Json::Kind::null)) entries.push_back({spec, &json.items[i]});
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.spec->origin < b.spec->origin; });
  for (const auto& [spec, value] : entries) {
    const Where place = where.in(spec->name);
    if (spec->origin == pool_kwargs) {
      if (auto read = read_members(*value, place, true, options); !read) return read;
    } else if (Problem problem = spec->read(*value, options); !problem.empty()) {
      return place.error(problem);
    }
  }
  return {};
}

}  // namespace

Result<void> read_options(const Json& json, const Where& where, Options& options) {
  if (json.is(Json::Kind::null)) return {};
  return read_members(json, where, false, options);
}

}  // namespace djcache::settings
