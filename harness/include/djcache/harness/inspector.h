// Inspector: a second, blocking client, independent of the one under test, that examines the
// server: stored values, ttls, connected clients, executed commands.
//
// Its own connection is never counted: it is named `djcache-harness`, and clients of that name are
// left out of count_clients() and CommandLog, as are the connections of Sentinels. After its
// connection has closed (restart, CLIENT KILL), the next command reconnects; a command that may
// have been executed is never sent twice.
//
// A helper returns nullopt if no valid reply arrived; problem() then has the reason. Blocks the
// calling thread for at most `limit`; do not call it where a loop under test must run.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/harness/endpoint.h>
#include <djcache/harness/outcome.h>
#include <djcache/harness/reply.h>

namespace djcache::harness {

class RespClient;

// The name (CLIENT SETNAME) of every connection of the harness itself.
inline constexpr std::string_view harness_client_name = "djcache-harness";

// One line of CLIENT LIST.
struct ClientInfo {
  std::int64_t id = 0;
  std::string addr = {};
  std::string name = {};
  int db = 0;
  std::string flags = {};  // N: normal, S: replica, M: master, O: monitor, ...
  std::string cmd = {};    // the last command, as the server spells it
  std::string user = {};
  std::map<std::string, std::string> fields = {};  // all fields, as text
};
std::vector<ClientInfo> parse_client_list(std::string_view text);

class Inspector {
 public:
  static Opened<Inspector> open(const Endpoint& endpoint,
                                std::chrono::milliseconds limit = std::chrono::seconds(5));
  ~Inspector();
  Inspector(const Inspector&) = delete;
  Inspector& operator=(const Inspector&) = delete;

  Reply command(const std::vector<std::string>& words);

  // The stored value. raw() also returns nullopt for a missing key (problem() is then empty).
  std::optional<std::string> raw(const std::string& key);
  std::optional<std::int64_t> pttl(const std::string& key);  // ms; -1 no expiry, -2 no such key
  std::optional<std::string> type(const std::string& key);   // "string", "none", ...
  std::optional<std::vector<std::string>> keys();            // of this db, sorted
  std::optional<std::int64_t> dbsize();

  // The connected clients. The harness' own connections, those of Sentinels and replication links
  // are listed but not counted.
  std::optional<std::vector<ClientInfo>> client_list();
  std::optional<std::size_t> count_clients(std::string_view name_prefix = "");
  // Polls the server until exactly n such clients are left or the limit expires. Blocks: the loop
  // of the clients does not run meanwhile.
  Outcome wait_for_clients(std::size_t n, std::chrono::milliseconds limit = std::chrono::seconds(2),
                           std::string_view name_prefix = "");
  // Closes the connections with exactly this name, except the harness' own; returns their number.
  std::optional<std::size_t> kill_clients(std::string_view name);

  // How often the server executed a command since CONFIG RESETSTAT ("get", "client|setname").
  std::optional<std::int64_t> commandstats(const std::string& command_name);

  const std::string& problem() const { return problem_; }

 private:
  Inspector(Endpoint endpoint, std::chrono::milliseconds limit);
  Outcome connect();
  Reply ask(const std::vector<std::string>& words, Reply::Type expected);

  Endpoint endpoint_;
  std::chrono::milliseconds limit_;
  std::unique_ptr<RespClient> client_;
  std::string problem_;
};

}  // namespace djcache::harness
