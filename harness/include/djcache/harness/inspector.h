// Inspector: a second, blocking client, independent of the one under test, that looks at the
// server: what is stored, how long it lives, who is connected, what was called.
//
// Its own connection never counts: it is named `djcache-harness`, and clients of that name are left
// out of count_clients() and CommandLog. A connection that ended (restart, CLIENT KILL) is opened
// again by the next command; a command that may have been executed is never sent twice.
//
// An std::optional of a helper is empty when there was no (proper) reply; problem() then says why.
// Blocks the calling thread for `limit` at most; do not call it where a loop under test must run.
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
  std::map<std::string, std::string> fields = {};  // everything, as text
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

  // The stored value. raw() is also empty for a missing key (problem() is then empty).
  std::optional<std::string> raw(const std::string& key);
  std::optional<std::int64_t> pttl(const std::string& key);  // ms; -1 no expiry, -2 no such key
  std::optional<std::string> type(const std::string& key);   // "string", "none", ...
  std::optional<std::vector<std::string>> keys();            // of this db, sorted
  std::optional<std::int64_t> dbsize();

  // The connected clients. The harness' own connections and replication links are listed, not
  // counted.
  std::optional<std::vector<ClientInfo>> client_list();
  std::optional<std::size_t> count_clients(std::string_view name_prefix = "");
  // Asks the server until exactly n such clients are left, or the limit passes. Blocks: the loop of
  // the clients does not run meanwhile.
  Outcome wait_for_clients(std::size_t n, std::chrono::milliseconds limit = std::chrono::seconds(2),
                           std::string_view name_prefix = "");
  // Ends the connections with exactly this name, except the harness' own; returns how many.
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
