// redis.conf as text, and removal of the secrets in it. Pure: no file, no process.
#pragma once

#include <string>
#include <vector>

#include <djcache/harness/redis_server.h>

namespace djcache::harness {

struct ServerPlace {
  std::string folder = {};
  std::string unix_path = {};
  std::uint16_t port = 0;
  std::uint16_t tls_port = 0;     // 0: none
  std::uint16_t master_port = 0;  // 0: not a replica
  std::string master_password = {};
};

std::string server_config(const RedisServerOptions& options, const ServerPlace& place);

// A server prints the configuration lines it rejects, including passwords.
std::string without_secrets(std::string text, const RedisServerOptions& options,
                            const std::string& master_password);

}  // namespace djcache::harness
