// Parses CLIENT LIST: lines of "name=value name=value". Newer servers add more fields.
#include <djcache/harness/inspector.h>

#include <charconv>

namespace djcache::harness {
namespace {

std::int64_t as_number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The part of `text` before `separator`; `text` keeps the part after it.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

ClientInfo parse_line(std::string_view line) {
  ClientInfo client;
  while (!line.empty()) {
    auto value = cut(line, ' ');
    const auto name = cut(value, '=');
    if (!name.empty()) client.fields.insert_or_assign(std::string(name), std::string(value));
  }
  client.id = as_number(client.fields["id"]);
  client.addr = client.fields["addr"];
  client.name = client.fields["name"];
  client.db = static_cast<int>(as_number(client.fields["db"]));
  client.flags = client.fields["flags"];
  client.cmd = client.fields["cmd"];
  client.user = client.fields["user"];
  return client;
}

}  // namespace

std::vector<ClientInfo> parse_client_list(std::string_view text) {
  std::vector<ClientInfo> clients;
  while (!text.empty()) {
    auto line = cut(text, '\n');
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) clients.push_back(parse_line(line));
  }
  return clients;
}

}  // namespace djcache::harness
