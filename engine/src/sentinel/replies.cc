#include "sentinel/replies.h"

#include <charconv>

namespace djcache::sentinel {

namespace {

std::optional<Address> address_of(std::string_view host, std::string_view port) {
  Address address{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool good = error == std::errc() && end == port.data() + port.size() && address.port != 0;
  return good && !host.empty() ? std::optional(std::move(address)) : std::nullopt;
}

bool has_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(','), words.size());
    if (words.substr(0, end) == wanted) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

// One of SENTINEL REPLICAS: names and values in turn.
std::string_view field(const Reply& replica, std::string_view name) {
  for (std::size_t i = 0; i + 1 < replica.elements.size(); i += 2) {
    if (replica.elements[i].text == name) return replica.elements[i + 1].text;
  }
  return {};
}

bool can_serve(const Reply& replica) {
  const std::string_view flags = field(replica, "flags");
  for (const char* flag : {"s_down", "o_down", "disconnected"}) {
    if (has_word(flags, flag)) return false;
  }
  return field(replica, "master-link-status") != "err" &&
         field(replica, "replica-announced") != "0";
}

}  // namespace

std::optional<Address> primary_in(const Reply& reply) {
  if (reply.type != Reply::Type::array || reply.elements.size() != 2) return std::nullopt;
  return address_of(reply.elements[0].text, reply.elements[1].text);
}

std::vector<Address> replicas_in(const Reply& reply) {
  std::vector<Address> found;
  for (const Reply& replica : reply.elements) {
    if (!can_serve(replica)) continue;
    if (auto address = address_of(field(replica, "ip"), field(replica, "port"))) {
      found.push_back(*std::move(address));
    }
  }
  return found;
}

bool speaks_of(std::string_view message, std::string_view service) {
  return message.starts_with(service) && message.substr(service.size()).starts_with(' ');
}

}  // namespace djcache::sentinel
