#include "settings/server_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "settings/check.h"
#include "settings/percent.h"
#include "settings/tls_options.h"
#include "settings/url_query.h"
#include "settings/where.h"

namespace djcache::settings {
namespace {

constexpr std::string_view forms =
    "a server is written redis://[[user]:[password]@]host[:port][/db], rediss:// (the same, with "
    "TLS) or unix://[[user]:[password]@]/path.sock[?db=N]";
constexpr std::size_t socket_path_max = 107;  // sockaddr_un's, without the closing NUL

struct Parts {
  std::string_view userinfo;
  std::string_view hostport;
  std::string_view path;
  std::string_view query;
};

std::optional<ServerUrl::Transport> take_scheme(std::string_view& url) {
  using enum ServerUrl::Transport;
  constexpr std::array<std::pair<std::string_view, ServerUrl::Transport>, 5> schemes = {
      {{"redis://", tcp},
       {"rediss://", tls},
       {"unix://", unix_socket},
       {"valkey://", tcp},
       {"valkeys://", tls}}};
  for (const auto& [prefix, transport] : schemes) {
    if (!url.starts_with(prefix)) continue;
    url.remove_prefix(prefix.size());
    return transport;
  }
  return std::nullopt;
}

Parts split(std::string_view rest) {
  Parts parts;
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  const std::size_t at =
      authority.rfind('@');  // the last one: redis-py counts earlier ones as userinfo
  parts.userinfo = at == std::string_view::npos ? "" : authority.substr(0, at);
  parts.hostport = at == std::string_view::npos ? authority : authority.substr(at + 1);
  rest.remove_prefix(authority_end);
  const std::size_t question = std::min(rest.find('?'), rest.size());
  parts.path = rest.substr(0, question);
  if (question < rest.size()) parts.query = rest.substr(question + 1);
  return parts;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  Number read{};
  const auto [stop, error] = std::from_chars(text.data(), end, read);
  const bool good = !text.empty() && error == std::errc() && stop == end && text.front() != '-';
  if (good) number = read;
  return good;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_control_or_space(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 32 || byte == 127;
}

Problem read_userinfo(std::string_view userinfo, ServerUrl& url) {
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const auto username = percent_decode(userinfo.substr(0, colon));
  const auto password = percent_decode(userinfo.substr(std::min(colon + 1, userinfo.size())));
  if (!username || !password) {
    return "a '%' in the user name or password is not followed by two hexadecimal digits; write it "
           "as %25";
  }
  if (!username->empty()) url.username = *username;
  if (!password->empty()) url.password = *password;
  return {};
}

Problem read_port(std::string_view port, ServerUrl& url) {
  if (port.empty()) return {};
  if (read_number(port, url.port) && url.port != 0) return {};
  return "the port is not a number from 1 to 65535" + std::string(encoding_hint);
}

Problem read_host(std::string_view text, ServerUrl& url) {
  if (text.empty()) return {};
  auto host = percent_decode(text);
  if (!host) return "a '%' in the host is not followed by two hexadecimal digits";
  constexpr std::string_view unfit = "/?#@[]";
  const bool fits = std::none_of(host->begin(), host->end(), [&](char c) {
    return is_control_or_space(c) || unfit.find(c) != std::string_view::npos;
  });
  if (!fits) return "the host has characters that no host has" + std::string(encoding_hint);
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
  std::transform(host->begin(), host->end(), host->begin(), lower);
  url.host = *std::move(host);
  return {};
}

Problem read_hostport(std::string_view hostport, ServerUrl& url) {
  if (hostport.starts_with('[')) {
    const std::size_t close = hostport.find(']');
    if (close == std::string_view::npos) return "the '[' of the host has no ']'";
    const std::string_view host = hostport.substr(1, close - 1);
    const std::string_view after = hostport.substr(close + 1);
    if (host.find(':') == std::string_view::npos) return "brackets are for IPv6 addresses";
    if (!after.empty() && after.front() != ':') return "after the ']' of the host comes ':port'";
    const Problem problem = read_host(host, url);
    return problem.empty() && !after.empty() ? read_port(after.substr(1), url) : problem;
  }
  const std::size_t colon = std::min(hostport.find(':'), hostport.size());
  const std::string_view port = hostport.substr(std::min(colon + 1, hostport.size()));
  if (port.find(':') != std::string_view::npos) {
    return "an IPv6 address needs brackets: redis://[::1]:6379/0" + std::string(encoding_hint);
  }
  const Problem problem = read_host(hostport.substr(0, colon), url);
  return problem.empty() ? read_port(port, url) : problem;
}

Problem read_socket_path(const Parts& parts, ServerUrl& url) {
  auto path = percent_decode(parts.path);
  if (!path) return "a '%' in the path is not followed by two hexadecimal digits";
  if (!parts.hostport.empty() || path->size() < 2) {
    return "a unix socket needs an absolute path: unix:///run/redis/redis.sock";
  }
  if (path->find('\0') != std::string::npos) return "the path holds a NUL byte";
  if (path->size() > socket_path_max) return "the path is longer than 107 bytes";
  url.path = *std::move(path);
  return {};
}

// redis-py drops every slash ("//3", "/3/", "") and ignores a path that is then not a number. Here
// that holds for paths that begin with a number ("/0/extra"); another may be half of a password.
Problem read_db(std::string_view path, ServerUrl& url, std::string* warning) {
  auto text = percent_decode(path);
  if (!text) return "a '%' in the path is not followed by two hexadecimal digits";
  const std::size_t start = text->find_first_not_of('/');
  if (start == std::string::npos) return {};
  const std::string first = text->substr(start, text->find('/', start) - start);
  const bool begins_with_number = first.find_first_not_of("0123456789") == std::string::npos;
  std::erase(*text, '/');
  if (read_number(*text, url.db)) return {};
  const bool passed_over = begins_with_number && text->find('@') == std::string::npos &&
                           text->find_first_not_of("0123456789") != std::string::npos;
  if (!passed_over) return "the database is not a number of 0 or more" + std::string(encoding_hint);
  if (warning != nullptr) {
    *warning = "the path is no number, so it names no database; redis-py passes over it, too";
  }
  return {};
}

Problem read_query_db(const std::string& text, ServerUrl& url) {
  if (read_number(trimmed(text), url.db)) return {};
  return "the database is not a number of 0 or more" + std::string(encoding_hint);
}

// Python's float(), for the values that make sense as limits.
Problem read_limit(std::string_view name, const std::string& text,
                   std::optional<std::chrono::milliseconds>& limit) {
  if (text.empty()) return {};
  const std::string_view number = trimmed(text);
  const char* const end = number.data() + number.size();
  double seconds = 0;
  const auto [stop, error] = std::from_chars(number.data(), end, seconds);
  const bool read = error == std::errc() && stop == end && stop != number.data();
  if (read && seconds == 0 && name == "socket_connect_timeout") return {};  // redis-py: not set
  const bool fits = read && seconds >= 0.001 && seconds <= 3600;
  if (!fits) return "'" + std::string(name) + "' is not a number of seconds from 0.001 to 3600";
  limit = std::chrono::milliseconds(std::llround(seconds * 1000));
  return {};
}

Problem take_query(const UrlQuery& query, ServerUrl& url) {
  if (!query.username.empty()) url.username = query.username;
  if (!query.password.empty()) url.password = query.password;
  if (!query.client_name.empty()) {
    const Problem unfit = check_client_name(query.client_name);
    if (!unfit.empty()) return "'client_name' " + unfit;
    url.client_name = query.client_name;
  }
  if (!query.tls.empty() && url.transport != ServerUrl::Transport::tls) {
    return "the query has options of TLS, which needs rediss://";
  }
  // Like redis-py's to_bool.
  if (!query.is_master.empty()) url.is_master = is_true(query.is_master);
  for (const auto& [name, text] : query.tls) {
    const Problem unfit = read_tls_parameter(name, text, url.tls);
    if (!unfit.empty()) return "'" + name + "' " + unfit;
  }
  const Problem problem = read_limit("socket_timeout", query.socket_timeout, url.socket_timeout);
  if (!problem.empty()) return problem;
  return read_limit("socket_connect_timeout", query.socket_connect_timeout,
                    url.socket_connect_timeout);
}

Problem read_address(const Parts& parts, ServerUrl& url) {
  if (url.transport == ServerUrl::Transport::unix_socket) return read_socket_path(parts, url);
  return read_hostport(parts.hostport, url);
}

Problem read_url(std::string_view text, ServerUrl& url, std::string* warning) {
  if (std::any_of(text.begin(), text.end(), is_control_or_space)) {
    return "a URL has no spaces and no control characters; write them percent-encoded";
  }
  const auto transport = take_scheme(text);
  if (!transport) return "the URL has no known scheme; " + std::string(forms);
  if (text.find('#') != std::string_view::npos) {
    return "a URL of a server has no '#'" + std::string(encoding_hint);
  }
  url.transport = *transport;
  const Parts parts = split(text);
  UrlQuery query;
  Problem problem = read_query(parts.query, query);
  if (problem.empty()) problem = take_query(query, url);
  if (problem.empty()) problem = read_userinfo(parts.userinfo, url);
  if (problem.empty()) problem = read_address(parts, url);
  if (!problem.empty()) return problem;
  if (!query.db.empty()) return read_query_db(query.db, url);
  if (url.transport == ServerUrl::Transport::unix_socket) return {};
  return read_db(parts.path, url, warning);
}

}  // namespace

std::string ServerUrl::endpoint() const {
  const std::string database = '/' + std::to_string(db);
  if (transport == Transport::unix_socket) return path + database;
  const bool bracketed = host.find(':') != std::string::npos;
  return (bracketed ? '[' + host + ']' : host) + ':' + std::to_string(port) + database;
}

Result<ServerUrl> parse_server_url(std::string_view url, const Options& defaults,
                                   std::string* warning) {
  ServerUrl parsed{.db = defaults.db.value_or(0),
                   .tls = defaults.tls.value_or(TlsOptions()),
                   .username = defaults.username,
                   .password = defaults.password};
  if (Problem problem = read_url(url, parsed, warning); !problem.empty()) {
    return {Errc::invalid_settings, std::move(problem)};
  }
  if (parsed.transport == ServerUrl::Transport::unix_socket) parsed.host.clear(), parsed.port = 0;
  if (parsed.transport != ServerUrl::Transport::tls) parsed.tls = {};
  return parsed;
}

std::vector<std::string> split_location(const std::vector<std::string>& location) {
  std::vector<std::string> servers;
  for (std::string_view rest : location) {
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of(";,"), rest.size());
      const std::string_view piece = trimmed(rest.substr(0, end));
      if (!piece.empty()) servers.emplace_back(piece);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return servers;
}

}  // namespace djcache::settings
