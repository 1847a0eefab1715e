#include "settings/url_query.h"

#include <algorithm>

#include "settings/percent.h"

namespace djcache::settings {
namespace {

enum class Parameter { db, username, password, without_meaning, in_options, tls_only, unknown };

Parameter parameter(std::string_view name) {
  constexpr auto is_one_of = [](std::string_view wanted, auto... names) {
    return ((wanted == names) || ...);
  };
  if (name == "db") return Parameter::db;
  if (name == "username") return Parameter::username;
  if (name == "password") return Parameter::password;
  if (is_one_of(name, "socket_timeout", "socket_connect_timeout", "client_name")) {
    return Parameter::in_options;
  }
  if (is_one_of(name, "socket_keepalive", "retry_on_timeout", "retry_on_error", "max_connections",
                "health_check_interval", "timeout", "protocol", "encoding", "decode_responses")) {
    return Parameter::without_meaning;
  }
  return name.starts_with("ssl_") ? Parameter::tls_only : Parameter::unknown;
}

// As Python's parse_qs: of several values the first counts, and an empty one is as good as none.
Problem read_parameter(std::string_view name, std::string_view text, UrlQuery& query) {
  const auto value = query_decode(text);
  if (!value) return "a '%' in the query is not followed by two hexadecimal digits";
  const auto keep_first = [&](std::string& field) {
    if (field.empty()) field = *value;
    return Problem{};
  };
  switch (parameter(name)) {
    case Parameter::db:
      return keep_first(query.db);
    case Parameter::username:
      return keep_first(query.username);
    case Parameter::password:
      return keep_first(query.password);
    case Parameter::without_meaning:
      return {};
    case Parameter::in_options:
      return "'" + std::string(name) + "' belongs into OPTIONS, not into the URL";
    case Parameter::tls_only:
      return "query parameters for TLS are not available in this version";
    case Parameter::unknown:
      break;
  }
  return "unknown query parameter (known: db, username, password)" + std::string(encoding_hint);
}

}  // namespace

Problem read_query(std::string_view text, UrlQuery& query) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    if (Problem problem = read_parameter(pair.substr(0, equals), value, query); !problem.empty()) {
      return problem;
    }
  }
  return {};
}

}  // namespace djcache::settings
