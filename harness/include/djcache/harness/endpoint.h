// The address of a server and the user to connect as, for the harness' own blocking clients.
#pragma once

#include <cstdint>
#include <string>

namespace djcache::harness {

struct Endpoint {
  std::string unix_path = {};  // when set, host and port are not used
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string username = {};  // empty: the default user
  std::string password = {};  // empty: no AUTH
  int db = 0;
};

}  // namespace djcache::harness
