#include "url.h"

namespace djcache::harness {
namespace {

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encode(std::string_view text, std::string_view also_plain) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c) || also_plain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::string userinfo(const UrlCredentials& who) {
  if (who.username.empty() && who.password.empty()) return "";
  std::string out = percent_encode(who.username, "");
  if (!who.password.empty()) out += ":" + percent_encode(who.password, "");
  return out + "@";
}

}  // namespace

std::string tcp_url(const UrlCredentials& who, std::string_view host, std::uint16_t port, int db) {
  return "redis://" + userinfo(who) + std::string(host) + ":" + std::to_string(port) + "/" +
         std::to_string(db);
}

std::string unix_socket_url(const UrlCredentials& who, std::string_view path, int db) {
  return "unix://" + userinfo(who) + percent_encode(path, "/") + "?db=" + std::to_string(db);
}

}  // namespace djcache::harness
