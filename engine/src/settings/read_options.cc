#include "settings/read_options.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "settings/check.h"
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
  std::chrono::milliseconds limit{};
  Problem problem = read_seconds(json, limit);
  if (problem.empty()) problem = check_limit(limit);
  if (problem.empty()) options.*Field = limit;
  return problem;
}
// As django-redis reads it: 0 counts as not written.
template <auto Field>
Problem some_seconds(const Json& json, Options& options) {
  const bool zero = json.is(Json::Kind::integer) ? json.integer == 0
                                                 : json.is(Json::Kind::number) && json.number == 0;
  return zero ? Problem{} : seconds<Field>(json, options);
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
    OptionSpec{"SOCKET_TIMEOUT", django_redis, some_seconds<&Options::command_limit>},
    OptionSpec{"SOCKET_CONNECT_TIMEOUT", django_redis, some_seconds<&Options::connect_limit>},
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

// In OPTIONS of django-redis, which passes over all it does not know. Each is what people write there.
constexpr std::string_view passed_over[] = {"DB",
                                            "USERNAME",
                                            "HOST",
                                            "PORT",
                                            "CLIENT_NAME",
                                            "MAX_CONNECTIONS",
                                            "TIMEOUT",
                                            "KEY_PREFIX",
                                            "VERSION",
                                            "KEY_FUNCTION",
                                            "LOCATION",
                                            "BACKEND",
                                            "RETRY",
                                            "RETRY_ON_TIMEOUT",
                                            "RETRY_ON_ERROR",
                                            "HEALTH_CHECK_INTERVAL",
                                            "SOCKET_KEEPALIVE",
                                            "SOCKET_KEEPALIVE_OPTIONS",
                                            "ENCODING",
                                            "DECODE_RESPONSES",
                                            "PROTOCOL",
                                            "SSL",
                                            "CONNECTION_POOL_CLASS_KWARGS",
                                            "CONNECTION_KWARGS",
                                            "CONNECTION_FACTORY_KWARGS",
                                            "PARSER_CLASS_KWARGS",
                                            "CLIENT_KWARGS",
                                            "SERIALIZER_CLASS",
                                            "SERIALIZER_KWARGS",
                                            "COMPRESSOR_CLASS",
                                            "COMPRESSOR_KWARGS",
                                            "COMPRESS_MIN_LEN",
                                            "COMPRESS_MIN_LENGTH",
                                            "COMPRESS_LEVEL",
                                            "POOL_KWARGS",
                                            "ssl",
                                            "host",
                                            "port"};

// Where to write what has no effect here; the name is not a secret.
struct Advice {
  std::string_view name, where;
};
constexpr Advice advice[] = {
    {"db",
     "the database is written in LOCATION (redis://host:port/1) or in CONNECTION_POOL_KWARGS"},
    {"DB",
     "the database is written in LOCATION (redis://host:port/1) or in CONNECTION_POOL_KWARGS"},
    {"username", "a user is written in LOCATION (redis://user:password@host)"},
    {"USERNAME", "a user is written in LOCATION (redis://user:password@host)"},
    {"password", "a password is written in LOCATION (redis://user:password@host) or as PASSWORD"},
    {"PASSWORD", "a password is written in LOCATION (redis://user:password@host) or as 'password'"},
    {"socket_timeout", "write SOCKET_TIMEOUT, or command_limit for djcache alone"},
    {"socket_connect_timeout", "write SOCKET_CONNECT_TIMEOUT, or connect_limit for djcache alone"},
    {"SOCKET_TIMEOUT", "write socket_timeout, or command_limit for djcache alone"},
    {"SOCKET_CONNECT_TIMEOUT", "write socket_connect_timeout, or connect_limit for djcache alone"},
    {"TIMEOUT", "it is written beside OPTIONS"},
    {"KEY_PREFIX", "it is written beside OPTIONS"},
    {"VERSION", "it is written beside OPTIONS"},
    {"KEY_FUNCTION", "it is written beside OPTIONS"},
    {"LOCATION", "it is written beside OPTIONS"},
    {"COMPRESS_MIN_LEN", "write compress_min_bytes for djcache alone"},
    {"MAX_CONNECTIONS", "write max_connections in CONNECTION_POOL_KWARGS"},
    {"CONNECTION_POOL_CLASS_KWARGS", "write CONNECTION_POOL_KWARGS"},
    {"SERIALIZER", "write serializer"},
    {"COMPRESSOR", "write compressor for djcache alone"},
};

Problem without_effect(std::string_view name, OptionRules rules) {
  Problem problem =
      rules == OptionRules::django_redis
          ? "has no effect: django-redis passes over it"
          : "has no effect: only django-redis has this name, and redis-py, which gets "
            "it from Django, refuses it";
  for (const Advice& each : advice) {
    if (each.name == name) return problem + "; " + std::string(each.where);
  }
  return problem;
}

struct Reading {
  const NamedCode& code;
  OptionRules rules;
  bool pool_kwargs_only;  // inside CONNECTION_POOL_KWARGS only redis-py's names count
};

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

bool is_passed_over(std::string_view name) {
  return std::find(std::begin(passed_over), std::end(passed_over), name) != std::end(passed_over);
}

// Whether the option has an effect on the Python side; what it says of no meaning needs no warning.
bool has_effect(const OptionSpec& spec, const Reading& how) {
  if (how.pool_kwargs_only || spec.read == &without_meaning) return true;
  if (how.rules == OptionRules::django_redis) {
    return spec.origin != redis_py || spec.name == "client_name";
  }
  const bool theirs = spec.origin == django_redis || spec.origin == pool_kwargs;
  return how.rules != OptionRules::redis_py || !theirs || spec.read == &unavailable;
}

Problem read_one(const OptionSpec& spec, const Json& json, const NamedCode& code,
                 Options& options) {
  if (spec.read == serializer && json.is(Json::Kind::string)) {
    const auto named = code.serializers.find(json.string);
    if (named != code.serializers.end()) return options.serializer = named->second, Problem{};
  }
  return spec.read(json, options);
}

struct Entry {
  const OptionSpec* spec;
  const Json* value;
  bool effect;
};

std::vector<Entry> entries_of(const Json& json, const Where& where, const Reading& how,
                              Report& report) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string_view name = json.names[i];
    const OptionSpec* spec = find_spec(name, how.pool_kwargs_only);
    const bool passed = how.rules == OptionRules::django_redis && !how.pool_kwargs_only;
    const bool effect = spec && has_effect(*spec, how);
    if (!spec && passed && is_passed_over(name)) {
      report.warning(where.in(name), without_effect(name, how.rules));
    } else if (!spec) {
      report.error(where.in(name), unknown_option(name, how.pool_kwargs_only));
    } else if (json.items[i].is(Json::Kind::null)) {
      continue;
    } else if (effect || how.rules == OptionRules::redis_py) {
      entries.push_back({spec, &json.items[i], effect});
    } else {
      report.warning(where.in(name), without_effect(name, how.rules));
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.spec->origin < b.spec->origin; });
  return entries;
}

void read_members(const Json& json, const Where& where, const Reading& how, Options& options,
                  Report& report) {
  if (!json.is(Json::Kind::object)) return report.error(where, expected("an object", json));
  for (const auto& [spec, value, effect] : entries_of(json, where, how, report)) {
    const Where place = where.in(spec->name);
    Options nowhere;  // an option without effect is looked at all the same
    Options& target = effect ? options : nowhere;
    if (!effect) report.warning(place, without_effect(spec->name, how.rules));
    if (spec->origin == pool_kwargs) {
      read_members(*value, place, {how.code, how.rules, true}, target, report);
    } else {
      report.note(place, read_one(*spec, *value, how.code, target));
    }
  }
}

// One of the limits that a name of others writes, where it has an effect and is sound.
std::optional<std::chrono::milliseconds> written(const Json& json, std::string_view name,
                                                 const Reading& how) {
  const OptionSpec* const spec = find_spec(name, how.pool_kwargs_only);
  const Json* const value = json.find(name);
  if (value == nullptr || value->is(Json::Kind::null) || !has_effect(*spec, how)) return {};
  Options fresh{.connect_limit = {}, .command_limit = {}};
  if (!spec->read(*value, fresh).empty()) return {};
  const auto limit = fresh.connect_limit + fresh.command_limit;  // one of them is still 0
  return limit.count() > 0 ? std::optional(limit) : std::nullopt;
}

// The most particular of redis-py's name, the same in CONNECTION_POOL_KWARGS, and django-redis'.
std::optional<std::chrono::milliseconds> written_anywhere(const Json& json, std::string_view name,
                                                          std::string_view upper,
                                                          const Reading& how) {
  if (const auto limit = written(json, name, how)) return limit;
  const Json* const inner = json.find("CONNECTION_POOL_KWARGS");
  if (inner != nullptr && how.rules != OptionRules::redis_py) {
    if (const auto limit = written(*inner, name, {how.code, how.rules, true})) return limit;
  }
  return written(json, upper, how);
}

// redis-py connects within socket_timeout where no other limit is written.
void limit_connecting(const Json& json, const Reading& how, Options& options) {
  const Json* const own = json.find("connect_limit");
  if (own != nullptr && !own->is(Json::Kind::null)) return;
  if (written_anywhere(json, "socket_connect_timeout", "SOCKET_CONNECT_TIMEOUT", how)) return;
  const auto theirs = written_anywhere(json, "socket_timeout", "SOCKET_TIMEOUT", how);
  if (theirs) options.connect_limit = *theirs;
}

}  // namespace

void read_options(const Json& json, const Where& where, OptionRules rules, const NamedCode& code,
                  Options& options, Report& report) {
  if (json.is(Json::Kind::null)) return;
  const Reading how{code, rules, false};
  read_members(json, where, how, options, report);
  limit_connecting(json, how, options);
}

}  // namespace djcache::settings
