// A server of LOCATION: the URL forms that Django's redis backend accepts, parsed.
//
// Pure. Source: https://docs.djangoproject.com/en/4.2/topics/cache/#redis and redis-py's from_url.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/result.h>
#include <djcache/settings.h>

namespace djcache::settings {

struct ServerUrl {
  enum class Transport : std::uint8_t { tcp, tls, unix_socket };
  Transport transport = Transport::tcp;
  std::string host = "localhost";  // tcp and tls; an IPv6 address without brackets
  std::uint16_t port = 6379;
  std::string path{};  // unix_socket only
  int db = 0;
  TlsOptions tls{};                 // tls only
  std::optional<bool> is_master{};  // with Sentinels: the primary or a replica
  std::string username{};
  std::string password{};
  // From the query.
  std::optional<std::string> client_name{};
  std::optional<std::chrono::milliseconds> socket_connect_timeout{}, socket_timeout{};

  // "127.0.0.1:6379/1", "[::1]:6379/0", "/run/redis.sock/0": readable, never with credentials.
  std::string endpoint() const;
  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

// `defaults` gives db, username, password and TLS options where the URL has none. Errors:
// invalid_settings with a detail that never repeats any part of the URL: the apparent host may be
// half of a password whose special characters are not percent-encoded. `warning`, if not null,
// receives a note about parts that redis-py reads differently from how they look.
Result<ServerUrl> parse_server_url(std::string_view url, const Options& defaults,
                                   std::string* warning = nullptr);

// Splits each element of LOCATION at ';' or ',', trims spaces and drops empty parts.
std::vector<std::string> split_location(const std::vector<std::string>& location);

}  // namespace djcache::settings
