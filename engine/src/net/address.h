// Addresses: what a name or a path resolves to, and the order in which to try them.
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
  socklen_t size = 0;  // 0: no address

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool operator==(const Address& other) const;
};

// No address if the path is longer than the system allows.
Address unix_address(const std::string& path);
// No address if the text is a name.
Address numeric_address(const std::string& text, std::uint16_t port);
// Only the first `addresses_max` are used; trying more would exceed any limit.
constexpr std::size_t addresses_max = 64;
std::vector<Address> addresses_in(const addrinfo* list, std::uint16_t port);
// For an IP address, without the port.
std::string to_string(const Address& address);

// `preferred` comes first if it is among them; then the families alternate, as in RFC 8305. The
// order within a family is kept.
void put_in_order(std::vector<Address>& addresses, const Address& preferred);

}  // namespace djcache::net
