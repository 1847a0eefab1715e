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

// An instance is an array of names and values in turn.
std::string_view field(const Reply& instance, std::string_view name) {
  for (std::size_t i = 0; i + 1 < instance.elements.size(); i += 2) {
    if (instance.elements[i].text == name) return instance.elements[i + 1].text;
  }
  return {};
}

bool is_reachable(const Reply& instance) {
  const std::string_view flags = field(instance, "flags");
  for (const char* flag : {"s_down", "o_down", "disconnected"}) {
    if (has_word(flags, flag)) return false;
  }
  return true;
}

bool can_serve(const Reply& replica) {
  return is_reachable(replica) && field(replica, "master-link-status") != "err" &&
         field(replica, "replica-announced") != "0";
}

std::vector<Address> addresses_in(const Reply& instances, bool (*wanted)(const Reply&)) {
  std::vector<Address> found;
  for (const Reply& instance : instances.elements) {
    if (!wanted(instance)) continue;
    if (auto address = address_of(field(instance, "ip"), field(instance, "port"))) {
      found.push_back(*std::move(address));
    }
  }
  return found;
}

}  // namespace

std::optional<Address> primary_in(const Reply& reply) {
  if (reply.type != Reply::Type::array || reply.elements.size() != 2) return std::nullopt;
  return address_of(reply.elements[0].text, reply.elements[1].text);
}

std::vector<Address> replicas_in(const Reply& reply) { return addresses_in(reply, &can_serve); }

std::vector<Address> sentinels_in(const Reply& reply) { return addresses_in(reply, &is_reachable); }

bool speaks_of(std::string_view message, std::string_view service) {
  return message.starts_with(service) && message.substr(service.size()).starts_with(' ');
}

}  // namespace djcache::sentinel
