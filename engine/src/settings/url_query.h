// The query of a server's URL: "db=1&username=u". Pure. Source: redis-py's parse_url.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/where.h"

namespace djcache::settings {

// Follows a complaint that a password with special characters can be the cause of.
inline constexpr std::string_view encoding_hint =
    " (in a user name or password, write / ? # @ : and % percent-encoded)";

// What a query may say, decoded; "" is as good as not said.
struct UrlQuery {
  std::string db, username, password, client_name, socket_timeout, socket_connect_timeout,
      is_master;
  std::vector<std::pair<std::string, std::string>> tls{};  // names and values, each name once
};

// A problem never repeats a name or value that is not one of redis-py's parameters.
Problem read_query(std::string_view text, UrlQuery& query);

}  // namespace djcache::settings
