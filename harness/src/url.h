// LOCATIONs: redis:// and unix:// URLs with percent-encoded credentials.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace djcache::harness {

struct UrlCredentials {
  std::string_view username = {};
  std::string_view password = {};
};

// `host` as it stands in a URL: 127.0.0.1 or [::1].
std::string tcp_url(const UrlCredentials& who, std::string_view host, std::uint16_t port, int db);
std::string unix_socket_url(const UrlCredentials& who, std::string_view path, int db);

}  // namespace djcache::harness
