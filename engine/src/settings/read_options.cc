#include "settings/read_options.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <vector>

#include "settings/closest_name.h"
#include "settings/option_choices.h"
#include "settings/option_table.h"
#include "settings/read_value.h"
#include "settings/sentinel_options.h"

namespace djcache::settings {
namespace {

struct OptionSpec {
  std::string_view name;
  Origin origin;
  OptionReader read;
  const Option* option = nullptr;
};

template <auto Check>
Problem checked(const Json& json, Options&) {
  return Check(json);
}
// Options about how redis-py or django-redis work inside; djcache does the same always, or
// differently.
Problem without_meaning(const Json&, Options&) { return {}; }
// Options that change where entries are stored or how they get there: ignoring one would do harm.
Problem unavailable(const Json&, Options&) { return "not available in this version"; }

using enum Origin;

// Names besides those of the table.
struct OtherNames {
  Origin origin;
  OptionReader read;
  std::vector<std::string_view> names;
};

std::vector<OptionSpec> make_specs() {
  const OtherNames other_names[] = {
      {own, without_meaning, {"pool_class", "parser_class"}},
      {redis_py,
       without_meaning,
       {"max_connections", "timeout", "socket_keepalive", "socket_keepalive_options",
        "socket_read_size", "socket_type", "retry", "retry_on_timeout", "retry_on_error",
        "health_check_interval", "encoding", "encoding_errors", "decode_responses", "protocol",
        "lib_name", "lib_version"}},
      {redis_py,
       unavailable,
       {"connection_class", "credential_provider", "redis_connect_func", "ssl_validate_ocsp",
        "ssl_validate_ocsp_stapled", "ssl_ocsp_context", "ssl_ocsp_expected_cert",
        "ssl_include_verify_flags", "ssl_exclude_verify_flags"}},
      {pool_kwargs, nullptr, {"CONNECTION_POOL_KWARGS"}},  // an object, read by read_members
      {django_redis, read_client_class, {"CLIENT_CLASS"}},
      {django_redis, checked<check_connection_factory>, {"CONNECTION_FACTORY"}},
      {django_redis,
       without_meaning,
       {"CONNECTION_POOL_CLASS", "PARSER_CLASS", "REDIS_CLIENT_CLASS", "REDIS_CLIENT_KWARGS",
        "REPLICA_READ_ONLY", "REVERSE_KEY_FUNCTION", "IGNORE_EXCEPTIONS", "LOG_IGNORED_EXCEPTIONS",
        "CLOSE_CONNECTION"}},
      {django_redis, read_sentinel_kwargs, {"SENTINEL_KWARGS"}},
  };
  std::vector<OptionSpec> specs;
  for (const Option& option : option_table()) {
    specs.push_back({option.name, option.origin, option.read, &option});
    if (option.theirs.empty()) continue;
    const OptionReader theirs = option.read_theirs ? option.read_theirs : option.read;
    specs.push_back({option.theirs, django_redis, theirs, &option});
  }
  for (const auto& [origin, read, names] : other_names) {
    for (const std::string_view name : names) specs.push_back({name, origin, read});
  }
  return specs;
}

const std::vector<OptionSpec>& specs() {
  static const std::vector<OptionSpec> all = make_specs();
  return all;
}

// django-redis ignores unknown options. Names made of these words are commonly written for another
// place or client; a name with any other word may be a typing error.
constexpr std::string_view words[] = {
    "ATTEMPTS",  "AUTH",    "BACKEND",  "BLOCKING",   "CA",          "CACHE",      "CERT",
    "CERTFILE",  "CERTS",   "CHECK",    "CLASS",      "CLIENT",      "CLOSE",      "CLUSTER",
    "COMPRESS",  "CONFIG",  "CONNECT",  "CONNECTION", "CONNECTIONS", "DATABASE",   "DB",
    "DECODE",    "DELAY",   "ENCODING", "ERROR",      "ERRORS",      "EXCEPTIONS", "FACTORY",
    "FUNCTION",  "HEALTH",  "HOST",     "HOSTNAME",   "IGNORE",      "INTERVAL",   "KEEPALIVE",
    "KEY",       "KEYFILE", "KWARGS",   "LEN",        "LENGTH",      "LEVEL",      "LOCATION",
    "MAX",       "MIN",     "NAME",     "ON",         "OPTIONS",     "PARSER",     "POOL",
    "PORT",      "PREFIX",  "PROTOCOL", "READ",       "REDIS",       "REPLICA",    "REQS",
    "RESPONSES", "RETRIES", "RETRY",    "REVERSE",    "SIZE",        "SOCKET",     "SSL",
    "TIMEOUT",   "TLS",     "TTL",      "TYPE",       "URL",         "USER",       "USERNAME",
    "VERSION",   "WRITE",   "DJANGO",   "IGNORED",    "LOG",         "LOGGER",     "COMPRESSOR",
    "SERIALIZER"};

// Where to write an option that has no effect here. These names are not secrets.
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
  const auto at = std::find_if(specs().begin(), specs().end(), [&](const OptionSpec& spec) {
    return spec.name == name && known_inside(spec, pool_kwargs_only);
  });
  return at == specs().end() ? nullptr : &*at;
}

// Whether the option has an effect on the Python side. Options without meaning need no warning.
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
  for (const OptionSpec& spec : specs()) {
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

// Reports a name that no table has.
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

// Whether it is one of the names that the program registered.
template <class T>
bool is_named(const std::map<std::string, T, std::less<>>& names, const Json& json, T& target) {
  const auto at = json.is(Json::Kind::string) ? names.find(json.string) : names.end();
  if (at == names.end()) return false;
  target = at->second;
  return true;
}

// Ranges are checked here, so that an error names the place and the option as written.
Problem read_one(const OptionSpec& spec, const Json& json, const NamedCode& code,
                 Options& options) {
  const Option* const option = spec.option;
  if (option && option->name == "serializer" &&
      is_named(code.serializers, json, options.serializer)) {
    return {};
  }
  if (option && option->name == "compressor" &&
      is_named(code.compressors, json, options.compressor)) {
    return {};
  }
  Options read = options;
  Problem problem = spec.read(json, read);
  if (problem.empty() && option && !option->of_memory) problem = range_problem(*option, read);
  if (problem.empty()) options = std::move(read);
  return problem;
}

// Numbers are seconds, and limits of a minute and more are unusual for djcache's own options.
Problem unlikely_seconds(const OptionSpec& spec, const Json& json) {
  const bool suspect = spec.option && spec.option->kind == "seconds" && spec.origin == own &&
                       json.is(Json::Kind::integer) && json.integer >= 60;
  if (!suspect) return {};
  const std::string number = std::to_string(json.integer);
  return "is " + number + " seconds; " + number + " milliseconds are written " +
         in_seconds(json.integer);
}

// In CONNECTION_POOL_KWARGS null cancels a timeout set by django-redis' name.
bool takes_null(const OptionSpec& spec, const Reading& how) {
  if (spec.option && spec.option->takes_null) return true;
  return how.pool_kwargs_only && spec.option && spec.option->kind == "seconds";
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
    } else if (json.items[i].is(Json::Kind::null) && !takes_null(*spec, how)) {
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
    Options nowhere;  // an option without an effect is checked all the same
    Options& target = effect ? options : nowhere;
    if (!effect) report.warning(place, without_effect(spec->name, how.rules));
    if (spec->origin == pool_kwargs) {
      read_members(*value, place, {how.code, how.rules, true}, target, report);
    } else {
      Problem problem = read_one(*spec, *value, how.code, target);
      const Problem unit = unlikely_seconds(*spec, *value);
      if (!unit.empty() && problem.empty()) report.warning(place, unit);
      if (!unit.empty() && !problem.empty()) problem += "; it " + unit;
      report.note(place, std::move(problem));
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
