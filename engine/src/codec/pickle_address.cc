// ipaddress: an address, or one with the size of its network, as Python prints it.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "codec/pickle_constructors.h"

namespace djcache::codec::pickle {
namespace {

struct Address {
  unsigned char bytes[16] = {};
  std::size_t size = 0;  // 4 or 16
};

char* print_4(const Address& address, char* at, char* end) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) *at++ = '.';
    at = std::to_chars(at, end, static_cast<unsigned>(address.bytes[i])).ptr;
  }
  return at;
}

// Leaves out the longest run of at least two zeros.
char* print_6(const Address& address, char* at, char* end) {
  unsigned groups[8];
  std::size_t longest = 0, longest_size = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<unsigned>(address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]);
  }
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t size = 0;
    while (i + size < 8 && groups[i + size] == 0) ++size;
    if (size > longest_size) longest = i, longest_size = size;
  }
  for (std::size_t i = 0; i < 8;) {
    if (longest_size > 1 && i == longest) {
      *at++ = ':';
      i += longest_size;
      if (i == 8) *at++ = ':';
      continue;
    }
    if (i > 0) *at++ = ':';
    at = std::to_chars(at, end, groups[i++], 16).ptr;
  }
  return at;
}

Ref print(Graph& graph, const Address& address, int prefix) {
  constexpr std::size_t size_max = 48;
  char* const text = graph.texts.take(size_max);
  char* const end = text + size_max;
  char* at = (address.size == 4 ? print_4 : print_6)(address, text, end);
  if (prefix >= 0) {
    *at++ = '/';
    at = std::to_chars(at, end, prefix).ptr;
  }
  const auto size = static_cast<std::size_t>(at - text);
  graph.texts.give_back(size_max - size);
  return Ref::of_text(Tag::string, {text, size});
}

bool read_text(std::string_view text, Address& address) {
  char terminated[48];
  if (text.size() >= sizeof terminated || text.find('\0') != text.npos) return false;
  *std::copy(text.begin(), text.end(), terminated) = '\0';
  return inet_pton(address.size == 4 ? AF_INET : AF_INET6, terminated, address.bytes) == 1;
}

// The number as which Python pickles an address.
bool read_number(const Ref& ref, Address& address) {
  Uuid number;
  if (!read_128_bits(ref, number)) return false;
  const std::size_t unused = sizeof number.bytes - address.size;
  std::memcpy(address.bytes, number.bytes + unused, address.size);
  return std::all_of(number.bytes, number.bytes + unused, [](std::uint8_t byte) { return !byte; });
}

bool read_prefix(std::string_view text, const Address& address, int& prefix) {
  const char* const end = text.data() + text.size();
  const auto [parsed, code] = std::from_chars(text.data(), end, prefix);
  return code == std::errc() && parsed == end && text[0] != '-' &&
         (text.size() == 1 || text[0] != '0') && prefix <= static_cast<int>(8 * address.size);
}

// Whether all bits after the network's are zero.
bool is_network(const Address& address, int prefix) {
  for (int bit = prefix; bit < static_cast<int>(8 * address.size); ++bit) {
    if (address.bytes[bit / 8] >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

}  // namespace

bool make_address(Site site, Global cls, Args args, Ref& out) {
  if (args.size() != 1) return false;
  Address address;
  address.size =
      cls == Global::ipv4_address || cls == Global::ipv4_network || cls == Global::ipv4_interface
          ? 4
          : 16;
  int prefix = -1;
  const bool is_text = args[0].tag == Tag::string;
  if (cls == Global::ipv4_address || cls == Global::ipv6_address) {
    if (!(is_text ? read_text(args[0].text(), address) : read_number(args[0], address))) {
      return false;
    }
  } else {
    const std::size_t slash = is_text ? args[0].text().find('/') : std::string_view::npos;
    if (slash == std::string_view::npos || !read_text(args[0].text().substr(0, slash), address) ||
        !read_prefix(args[0].text().substr(slash + 1), address, prefix)) {
      return false;
    }
    const bool network = cls == Global::ipv4_network || cls == Global::ipv6_network;
    if (network && !is_network(address, prefix)) return false;
  }
  out = print(site.graph, address, prefix);
  return true;
}

}  // namespace djcache::codec::pickle
