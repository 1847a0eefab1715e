// Addresses: what a name or a path leads to, and in which order to try them.
#pragma once

#include <netdb.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace djcache::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;  // 0: none

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool operator==(const Address& other) const;
};

// None: the path is longer than the system allows.
Address unix_address(const std::string& path);
// None: the text is a name.
Address numeric_address(const std::string& text, std::uint16_t port);
// The first `addresses_max`: more are not tried within any limit.
constexpr std::size_t addresses_max = 64;
std::vector<Address> addresses_in(const addrinfo* list, std::uint16_t port);
// Of an IP address, without the port.
std::string to_string(const Address& address);

// `preferred` first, if it is one of them; then the families take turns, as RFC 8305 says. What is of
// one family keeps its order.
void put_in_order(std::vector<Address>& addresses, const Address& preferred);

}  // namespace djcache::net
