// The query of a server's URL: "db=1&username=u". Pure. Source: redis-py's parse_url.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/where.h"

namespace djcache::settings {

// Appended to errors that an unencoded password can cause.
inline constexpr std::string_view encoding_hint =
    " (in a user name or password, write / ? # @ : and % percent-encoded)";

// The parameters of a query, decoded; "" means not given.
struct UrlQuery {
  std::string db, username, password, client_name, socket_timeout, socket_connect_timeout,
      is_master;
  std::vector<std::pair<std::string, std::string>> tls{};  // names and values, each name once
};

// A problem never repeats a name or value unless it is one of redis-py's parameters.
Problem read_query(std::string_view text, UrlQuery& query);

}  // namespace djcache::settings
