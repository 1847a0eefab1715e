#include "settings/sentinel_options.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "settings/option_choices.h"
#include "settings/read_value.h"
#include "settings/tls_options.h"

namespace djcache::settings {

namespace {

using Address = SentinelOptions::Address;

SentinelOptions& sentinels_of(Options& options) {
  if (!options.sentinel) options.sentinel.emplace();
  return *options.sentinel;
}

constexpr const char* form = "a list of [host, port]";

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

bool read_address(const Json& json, Address& address) {
  if (json.is(Json::Kind::string)) {
    const std::size_t colon = std::min(json.string.rfind(':'), json.string.size());
    address.host = json.string.substr(0, colon);
    return !address.host.empty() &&
           (colon == json.string.size() || read_port(json.string.substr(colon + 1), address.port));
  }
  if (!json.is(Json::Kind::array) || json.items.empty() || json.items.size() > 2) return false;
  const Json& host = json.items.front();
  if (!host.is(Json::Kind::string) || host.string.empty()) return false;
  address.host = host.string;
  if (json.items.size() == 1) return true;
  const Json& port = json.items.back();
  if (port.is(Json::Kind::string)) return read_port(port.string, address.port);
  if (!port.is(Json::Kind::integer) || port.integer < 1 || port.integer > 65535) return false;
  address.port = static_cast<std::uint16_t>(port.integer);
  return true;
}

}  // namespace

Problem read_sentinels(const Json& json, Options& options) {
  if (!json.is(Json::Kind::array)) return expected(form, json);
  std::vector<Address> addresses;
  for (const Json& item : json.items) {
    if (!read_address(item, addresses.emplace_back())) {
      return "item " + std::to_string(addresses.size()) + " is no [host, port]";
    }
  }
  if (addresses.empty()) return "names no Sentinel";
  sentinels_of(options).addresses = std::move(addresses);
  return {};
}

Problem read_sentinel_username(const Json& json, Options& options) {
  return read_string(json, sentinels_of(options).username);
}
Problem read_sentinel_password(const Json& json, Options& options) {
  return read_string(json, sentinels_of(options).password);
}

Problem read_sentinel_kwargs(const Json& json, Options& options) {
  if (!json.is(Json::Kind::object)) return expected("an object", json);
  constexpr std::string_view without_meaning[] = {"socket_timeout",
                                                  "socket_connect_timeout",
                                                  "socket_keepalive",
                                                  "socket_keepalive_options",
                                                  "retry_on_timeout",
                                                  "retry_on_error",
                                                  "retry",
                                                  "max_connections",
                                                  "decode_responses",
                                                  "health_check_interval",
                                                  "client_name",
                                                  "encoding",
                                                  "encoding_errors",
                                                  "db",
                                                  "protocol"};
  SentinelOptions& sentinel = sentinels_of(options);
  TlsOptions tls;
  bool encrypted = false;
  for (std::size_t i = 0; i < json.names.size(); ++i) {
    const std::string& name = json.names[i];
    const Json& value = json.items[i];
    Problem problem;
    if (name == "ssl") {
      problem = read_flag(value, encrypted);
    } else if (is_tls_parameter(name)) {
      problem = read_tls_option(name, value, tls);
    } else if (value.is(Json::Kind::null)) {
      continue;
    } else if (name == "username") {
      problem = read_string(value, sentinel.username);
    } else if (name == "password") {
      problem = read_string(value, sentinel.password);
    } else if (std::find(std::begin(without_meaning), std::end(without_meaning), name) ==
               std::end(without_meaning)) {
      problem = "unknown option";
    }
    if (!problem.empty()) return '[' + in_quotes(name) + "]: " + problem;
  }
  if (encrypted) sentinel.tls = std::move(tls);
  return {};
}

Problem read_client_class(const Json& json, Options& options) {
  if (is_sentinel_client(json)) return sentinels_of(options).read_replicas = true, Problem{};
  return check_client_class(json);
}

}  // namespace djcache::settings
