#include "server_config.h"

namespace djcache::harness {
namespace {

// One argument of a line of redis.conf; may contain any bytes.
std::string quoted(const std::string& argument) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : argument) {
    if (c > ' ' && c < '\x7f' && c != '"' && c != '\\') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out + "\"";
}

std::string user_line(const AclUser& user) {
  const std::string secret = user.password.empty() ? "nopass" : quoted(">" + user.password);
  return "user " + quoted(user.name) + " on " + secret + " " + user.rules + "\n";
}

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::string server_config(const RedisServerOptions& options, const ServerPlace& place) {
  std::string out;
  const auto line = [&out](const std::string& text) { out += text + "\n"; };
  line(options.ipv6 ? "bind 127.0.0.1 ::1" : "bind 127.0.0.1");
  line("port " + std::to_string(place.port));
  if (place.tls_port != 0) {
    line("tls-port " + std::to_string(place.tls_port));
    line("tls-cert-file " + quoted(options.tls.cert_file));
    line("tls-key-file " + quoted(options.tls.key_file));
    line("tls-ca-cert-file " + quoted(options.tls.ca_file));
    line("tls-auth-clients " + options.tls_clients);
  }
  line("unixsocket " + quoted(place.unix_path));
  line("unixsocketperm 700");
  line("dir " + quoted(place.folder));
  line("logfile " + quoted(place.folder + "/server.log"));
  line("daemonize no");
  line("protected-mode no");
  if (options.sentinel) {
    if (!options.password.empty()) line("requirepass " + quoted(options.password));
    for (const auto& extra : options.extra_config) line(extra);
    return out;
  }
  line("save \"\"");
  line("appendonly no");
  line("databases " + std::to_string(options.databases));
  line("repl-diskless-sync yes");
  line("repl-diskless-sync-delay 0");  // by default a replica waits for five seconds
  if (!options.password.empty()) line("requirepass " + quoted(options.password));
  if (place.master_port != 0) line("replicaof 127.0.0.1 " + std::to_string(place.master_port));
  if (!place.master_password.empty()) line("masterauth " + quoted(place.master_password));
  for (const auto& user : options.users) out += user_line(user);
  for (const auto& extra : options.extra_config) line(extra);
  return out;
}

std::string without_secrets(std::string text, const RedisServerOptions& options,
                            const std::string& master_password) {
  std::vector<std::string> secrets{options.password, master_password};
  for (const auto& user : options.users) secrets.push_back(user.password);
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    const std::string escaped = quoted(secret);
    replace_all(text, escaped.substr(1, escaped.size() - 2), "(hidden)");
    replace_all(text, secret, "(hidden)");
  }
  return text;
}

}  // namespace djcache::harness
