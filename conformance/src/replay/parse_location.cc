// Parses a LOCATION for the inspector. Error texts never contain the URL: it may have a password.
#include <charconv>
#include <optional>

#include "src/replay/location_servers.h"

namespace djcache::conformance {
namespace {

std::optional<std::string> decode(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    unsigned byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2) return {};
    plain += static_cast<char>(byte);
    i += 2;
  }
  return plain;
}

template <class T>
bool number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

// Truncates the text at the separator and returns the part after it.
std::string_view cut_after(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

bool read_userinfo(std::string_view& rest, harness::Endpoint& endpoint) {
  const auto at = rest.find('@');
  if (at == std::string_view::npos) return true;
  std::string_view user = rest.substr(0, at);
  const std::string_view password = cut_after(user, ':');
  const auto decoded_user = decode(user), decoded_password = decode(password);
  if (!decoded_user || !decoded_password) return false;
  endpoint.username = *decoded_user;
  endpoint.password = *decoded_password;
  rest = rest.substr(at + 1);
  return true;
}

bool read_host(std::string_view host, harness::Endpoint& endpoint) {
  if (!host.empty() && host.front() == '[') {
    const auto close = host.find(']');
    if (close == std::string_view::npos) return false;
    endpoint.host = host.substr(1, close - 1);
    host = host.substr(close + 1);
    return host.empty() || (host.front() == ':' && number(host.substr(1), endpoint.port));
  }
  const std::string_view port = cut_after(host, ':');
  endpoint.host = host.empty() ? "127.0.0.1" : std::string(host);
  return port.empty() || number(port, endpoint.port);
}

}  // namespace

std::string parse_location(const std::string& url, harness::Endpoint& endpoint) {
  std::string_view rest = url;
  const auto scheme_end = rest.find("://");
  if (scheme_end == std::string_view::npos)
    return "--location wants redis://host:port/db or unix://";
  const std::string_view scheme = rest.substr(0, scheme_end);
  if (scheme == "rediss") return "--location: rediss:// (TLS) is not supported";
  if (scheme != "redis" && scheme != "unix") return "--location: the scheme is redis or unix";
  rest = rest.substr(scheme_end + 3);
  if (!read_userinfo(rest, endpoint)) return "--location: the credentials are not percent-encoded";
  const std::string_view query = cut_after(rest, '?');
  if (scheme == "unix") {
    const auto path = decode(rest);
    if (!path || path->empty()) return "--location: unix:// wants a path";
    endpoint.unix_path = *path;
  } else {
    const std::string_view path = cut_after(rest, '/');
    if (!path.empty() && !number(path, endpoint.db)) return "--location: the path is a database";
    if (!read_host(rest, endpoint)) return "--location: the port is a number";
  }
  if (query.rfind("db=", 0) == 0 && !number(query.substr(3), endpoint.db)) {
    return "--location: db is a number";
  }
  return {};
}

}  // namespace djcache::conformance
