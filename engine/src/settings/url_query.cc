#include "settings/url_query.h"

#include <algorithm>

#include "settings/percent.h"
#include "settings/tls_options.h"

namespace djcache::settings {
namespace {

struct Parameter {
  std::string_view name;
  std::string UrlQuery::*field;  // null: ignored here
};
constexpr Parameter parameters[] = {
    {"db", &UrlQuery::db},
    {"username", &UrlQuery::username},
    {"password", &UrlQuery::password},
    {"client_name", &UrlQuery::client_name},
    {"socket_timeout", &UrlQuery::socket_timeout},
    {"socket_connect_timeout", &UrlQuery::socket_connect_timeout},
    {"is_master", &UrlQuery::is_master},
    {"socket_keepalive", nullptr},
    {"retry_on_timeout", nullptr},
    {"retry_on_error", nullptr},
    {"max_connections", nullptr},
    {"health_check_interval", nullptr},
    {"timeout", nullptr},
    {"protocol", nullptr},
    {"encoding", nullptr},
    {"encoding_errors", nullptr},
    {"decode_responses", nullptr},
};

// As in redis-py, the first of several values counts, an empty one counts as none, and what
// parse_qs has decoded is decoded again.
Problem read_parameter(std::string_view name, std::string_view text, UrlQuery& query) {
  auto value = query_decode(text);
  if (value) value = percent_decode(*value);
  if (!value) return "a '%' in the query is not followed by two hexadecimal digits";
  for (const auto& [known, field] : parameters) {
    if (name != known) continue;
    if (field != nullptr && (query.*field).empty()) query.*field = *value;
    return {};
  }
  if (is_tls_parameter(name)) {
    const auto known = std::find_if(query.tls.begin(), query.tls.end(),
                                    [&](const auto& each) { return each.first == name; });
    if (known == query.tls.end() && !value->empty()) query.tls.emplace_back(name, *value);
    return {};
  }
  return "unknown query parameter (known: db, username, password, client_name, socket_timeout, "
         "socket_connect_timeout, and those of TLS)" +
         std::string(encoding_hint);
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
