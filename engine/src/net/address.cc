#include "net/address.h"

#include <netinet/in.h>
#include <sys/un.h>
#include <uv.h>

#include <algorithm>
#include <cstring>

namespace djcache::net {

namespace {

bool set_port(Address& address, std::uint16_t port) {
  if (address.family() == AF_INET) {
    reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = htons(port);
  } else if (address.family() == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = htons(port);
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool Address::operator==(const Address& other) const {
  return size == other.size && std::memcmp(&storage, &other.storage, size) == 0;
}

Address unix_address(const std::string& path) {
  Address address;
  auto& local = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof local.sun_path) return {};
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof local;
  return address;
}

Address numeric_address(const std::string& text, std::uint16_t port) {
  Address address;
  if (uv_ip4_addr(text.c_str(), port, reinterpret_cast<sockaddr_in*>(&address.storage)) == 0) {
    address.size = sizeof(sockaddr_in);
  } else if (uv_ip6_addr(text.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address.storage)) ==
             0) {
    address.size = sizeof(sockaddr_in6);
  }
  return address;
}

std::vector<Address> addresses_in(const addrinfo* list, std::uint16_t port) {
  std::vector<Address> addresses;
  for (; list != nullptr && addresses.size() < addresses_max; list = list->ai_next) {
    Address address;
    if (list->ai_addrlen > sizeof address.storage) continue;
    std::memcpy(&address.storage, list->ai_addr, list->ai_addrlen);
    address.size = list->ai_addrlen;
    if (set_port(address, port)) addresses.push_back(address);
  }
  return addresses;
}

std::string to_string(const Address& address) {
  char text[64] = "?";
  if (address.family() == AF_INET) {
    uv_ip4_name(reinterpret_cast<const sockaddr_in*>(&address.storage), text, sizeof text);
  } else {
    uv_ip6_name(reinterpret_cast<const sockaddr_in6*>(&address.storage), text, sizeof text);
  }
  return text;
}

void put_in_order(std::vector<Address>& addresses, const Address& preferred) {
  const auto known = std::find(addresses.begin(), addresses.end(), preferred);
  if (known != addresses.end()) std::rotate(addresses.begin(), known, known + 1);
  for (auto at = addresses.begin(); at != addresses.end() && at + 1 != addresses.end(); ++at) {
    const auto other = std::find_if(at + 1, addresses.end(), [&](const Address& each) {
      return each.family() != at->family();
    });
    if (other == addresses.end()) return;
    std::rotate(at + 1, other, other + 1);
  }
}

}  // namespace djcache::net
