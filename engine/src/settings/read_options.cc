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
  bool takes_null =
      false;  // in CONNECTION_POOL_KWARGS null takes back what django-redis' name says
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
bool is_zero(const Json& json) {
  return json.is(Json::Kind::integer) ? json.integer == 0
                                      : json.is(Json::Kind::number) && json.number == 0;
}
// Where Python takes 0 for "not set".
template <auto Field>
Problem some_seconds(const Json& json, Options& options) {
  const bool unset = json.is(Json::Kind::null) || is_zero(json);
  return unset ? (options.*Field = {}, Problem{}) : seconds<Field>(json, options);
}
// Here 0 is an error: redis-py's sockets then do not wait at all.
Problem socket_timeout(const Json& json, Options& options) {
  if (json.is(Json::Kind::null)) return options.socket_timeout = {}, Problem{};
  return seconds<&Options::socket_timeout>(json, options);
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
// A name, or as with django-cachex a list: what is written comes first, the others are for reading.
template <auto Read, auto ReadAll, auto Field, auto Fallbacks>
Problem first_of(const Json& json, Options& options) {
  if (!json.is(Json::Kind::array) || json.items.empty()) return Read(json, options.*Field);
  Json others = json;
  others.items.erase(others.items.begin());
  Problem problem = Read(json.items.front(), options.*Field);
  return problem.empty() ? ReadAll(others, options.*Fallbacks) : problem;
}
constexpr auto serializer = first_of<&read_serializer, &read_serializers, &Options::serializer,
                                     &Options::serializer_fallbacks>;
constexpr auto compressor = first_of<&read_compressor, &read_compressors, &Options::compressor,
                                     &Options::compressor_fallbacks>;
constexpr auto pickle_protocol = read_by<&read_pickle_protocol, &Options::pickle_protocol>;
Problem policy(const Json& json, Options& options) { return read_policy(json, options.policy); }
Problem django_cull_frequency(const Json& json, Options& options) {
  std::optional<std::size_t> number;
  Problem problem = read_django_count(json, number);
  options.cull_frequency = number.value_or(options.cull_frequency);
  return problem;
}
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
    OptionSpec{"MAX_ENTRIES", django_redis, read_by<&read_django_count, &Options::max_entries>},
    OptionSpec{"CULL_FREQUENCY", django_redis, django_cull_frequency},
    OptionSpec{"MAX_BYTES", django_redis, some_count<&Options::max_bytes>},
    OptionSpec{"pool_class", own, without_meaning},
    OptionSpec{"parser_class", own, without_meaning},

    // redis-py's, also inside CONNECTION_POOL_KWARGS.
    OptionSpec{"socket_timeout", redis_py, socket_timeout, true},
    OptionSpec{"socket_connect_timeout", redis_py, some_seconds<&Options::socket_connect_timeout>,
               true},
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
    OptionSpec{"SOCKET_TIMEOUT", django_redis, some_seconds<&Options::socket_timeout>},
    OptionSpec{"SOCKET_CONNECT_TIMEOUT", django_redis,
               some_seconds<&Options::socket_connect_timeout>},
    OptionSpec{"SERIALIZER", django_redis, serializer},
    OptionSpec{"COMPRESSOR", django_redis, compressor},
    OptionSpec{"PICKLE_VERSION", django_redis, pickle_protocol},
    OptionSpec{"CLIENT_CLASS", django_redis, checked<check_client_class>},
    OptionSpec{"CONNECTION_FACTORY", django_redis, checked<check_connection_factory>},
    OptionSpec{"CONNECTION_POOL_CLASS", django_redis, without_meaning},
    OptionSpec{"PARSER_CLASS", django_redis, without_meaning},
    OptionSpec{"REDIS_CLIENT_CLASS", django_redis, without_meaning},
    OptionSpec{"REDIS_CLIENT_KWARGS", django_redis, without_meaning},
    OptionSpec{"REPLICA_READ_ONLY", django_redis, without_meaning},
    OptionSpec{"REVERSE_KEY_FUNCTION", django_redis, without_meaning},
    OptionSpec{"IGNORE_EXCEPTIONS", django_redis, without_meaning},
    OptionSpec{"LOG_IGNORED_EXCEPTIONS", django_redis, without_meaning},
    OptionSpec{"CLOSE_CONNECTION", django_redis, without_meaning},
    OptionSpec{"SENTINELS", django_redis, unavailable},
    OptionSpec{"SENTINEL_KWARGS", django_redis, unavailable},
};

// django-redis passes over what it does not know. Names made of these words are what people write, elsewhere
// or for another client; a name with another word may be a slip of the pen.
constexpr std::string_view words[] = {
    "ATTEMPTS",  "AUTH",    "BACKEND",    "BLOCKING",   "CA",          "CACHE",      "CERT",
    "CERTFILE",  "CERTS",   "CHECK",      "CLASS",      "CLIENT",      "CLOSE",      "CLUSTER",
    "COMPRESS",  "CONFIG",  "CONNECT",    "CONNECTION", "CONNECTIONS", "DATABASE",   "DB",
    "DECODE",    "DELAY",   "ENCODING",   "ERROR",      "ERRORS",      "EXCEPTIONS", "FACTORY",
    "FUNCTION",  "HEALTH",  "HOST",       "HOSTNAME",   "IGNORE",      "INTERVAL",   "KEEPALIVE",
    "KEY",       "KEYFILE", "KWARGS",     "LEN",        "LENGTH",      "LEVEL",      "LOCATION",
    "MAX",       "MIN",     "NAME",       "ON",         "OPTIONS",     "PARSER",     "POOL",
    "PORT",      "PREFIX",  "PROTOCOL",   "READ",       "REDIS",       "REPLICA",    "REQS",
    "RESPONSES", "RETRIES", "RETRY",      "REVERSE",    "SIZE",        "SOCKET",     "SSL",
    "TIMEOUT",   "TLS",     "TTL",        "TYPE",       "URL",         "USER",       "USERNAME",
    "VERSION",   "WRITE",   "COMPRESSOR", "SERIALIZER"};

// Where to write what has no effect here; the name is not a secret.
struct Advice {
  std::string_view name, where;
};
constexpr Advice advice[] = {
    {"db",
     "the database is written in LOCATION (redis://host:port/1) or in CONNECTION_POOL_KWARGS"},
    {"user", "a user is written in LOCATION (redis://user:password@host)"},
    {"username", "a user is written in LOCATION (redis://user:password@host)"},
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

std::string in_case(std::string_view name, char first, char last, int distance) {
  std::string text(name);
  for (char& c : text) c = c >= first && c <= last ? static_cast<char>(c + distance) : c;
  return text;
}
std::string lower(std::string_view name) { return in_case(name, 'A', 'Z', 'a' - 'A'); }
std::string upper(std::string_view name) { return in_case(name, 'a', 'z', 'A' - 'a'); }

const Advice* find_advice(std::string_view name) {
  const auto find = [&](std::string_view wanted) {
    return std::find_if(std::begin(advice), std::end(advice),
                        [&](const Advice& each) { return each.name == wanted; });
  };
  auto at = find(name);
  if (at == std::end(advice)) at = find(lower(name));
  return at == std::end(advice) ? nullptr : at;
}

Problem without_effect(std::string_view name, OptionRules rules) {
  Problem problem =
      rules == OptionRules::django_redis
          ? "has no effect: django-redis passes over it"
          : "has no effect: only django-redis has this name, and redis-py, which gets "
            "it from Django, refuses it";
  const Advice* const known = find_advice(name);
  return known ? problem + "; " + std::string(known->where) : problem;
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

// Whether the option has an effect on the Python side; what it says of no meaning needs no warning.
bool has_effect(const OptionSpec& spec, const Reading& how) {
  if (how.pool_kwargs_only || spec.read == &without_meaning) return true;
  if (how.rules == OptionRules::django_redis) {
    return spec.origin != redis_py || spec.name == "client_name";
  }
  const bool theirs = spec.origin == django_redis || spec.origin == pool_kwargs;
  return how.rules != OptionRules::redis_py || !theirs || spec.read == &unavailable;
}

std::string suggested(std::string_view name, const Reading& how) {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : specs) {
    if (known_inside(spec, how.pool_kwargs_only) && has_effect(spec, how))
      names.push_back(spec.name);
  }
  return suggestion(name, names);
}

bool is_passed_over(std::string_view name) {
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('_'), name.size());
    const std::string word = upper(name.substr(0, end));
    if (std::find(std::begin(words), std::end(words), word) == std::end(words)) return false;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return true;
}

// A name that no table has.
void report_unknown(std::string_view name, const Where& where, const Reading& how, Report& report) {
  const bool passes = how.rules == OptionRules::django_redis && !how.pool_kwargs_only;
  const std::string instead = suggested(name, how);
  if (passes && is_passed_over(name)) {
    const bool advised = find_advice(name) != nullptr;
    return report.warning(where, without_effect(name, how.rules) + (advised ? "" : instead));
  }
  const bool address = name == "host" || name == "port" || name == "path" || name == "url";
  if (address) return report.error(where, "the address of a server is written in LOCATION");
  const std::string_view theirs = passes ? "; django-redis passes over it: take it out"
                                  : how.rules == OptionRules::all
                                      ? ""
                                      : "; redis-py, which gets it, does not know it either";
  report.error(where, "unknown option" + (instead.empty() ? std::string(theirs) : instead));
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
    const bool effect = spec && has_effect(*spec, how);
    if (!spec) {
      report_unknown(name, where.in(name), how, report);
    } else if (json.items[i].is(Json::Kind::null) && !(how.pool_kwargs_only && spec->takes_null)) {
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

}  // namespace

bool is_option(std::string_view name) { return find_spec(name, false) || is_passed_over(name); }

void read_options(const Json& json, const Where& where, OptionRules rules, const NamedCode& code,
                  Options& options, Report& report) {
  if (json.is(Json::Kind::null)) return;
  read_members(json, where, {code, rules, false}, options, report);
}

}  // namespace djcache::settings
