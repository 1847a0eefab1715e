// CommandLog: every command the server receives, word by word and in order (MONITOR), so that a
// test can assert "one round trip", "exactly these commands", or "no round trip at all".
//
//   auto log = CommandLog::open(server->endpoint());
//   ... run the loop ...
//   EXPECT_EQ(log->take(), (Commands{{"GET", ":1:a"}}));
//
// Excluded: the harness' own connections over TCP (see inspector.h) and commands issued by Lua
// scripts. The server itself hides AUTH and administrative commands. Blocking, with a limit.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/harness/endpoint.h>
#include <djcache/harness/outcome.h>

namespace djcache::harness {

class RespClient;

using Commands = std::vector<std::vector<std::string>>;

struct LoggedCommand {
  int db = 0;
  std::string address = {};  // of the client; "lua" for commands issued by a script
  std::vector<std::string> words = {};
};
// Parses one line of MONITOR, without the plus sign; nullopt if it is not one.
std::optional<LoggedCommand> parse_monitor_line(std::string_view line);

class CommandLog {
 public:
  // Recording begins before this returns.
  static Opened<CommandLog> open(const Endpoint& endpoint,
                                 std::chrono::milliseconds limit = std::chrono::seconds(5));
  ~CommandLog();
  CommandLog(const CommandLog&) = delete;
  CommandLog& operator=(const CommandLog&) = delete;

  // The commands the server has executed since open() or the last take(). Commands that the client
  // under test has written but the server has not read yet are missing: wait for their replies
  // first. Returns nullopt if the record is incomplete; problem() has the reason.
  std::optional<Commands> take();
  // The same with db and address, including commands issued by scripts.
  std::optional<std::vector<LoggedCommand>> take_entries();

  const std::string& problem() const { return problem_; }

 private:
  CommandLog(std::unique_ptr<RespClient> monitor, std::unique_ptr<RespClient> marker,
             std::chrono::milliseconds limit);
  bool read_until(const std::string& marker, std::vector<LoggedCommand>& into);
  void learn_own_addresses();
  void learn_own_addresses(const std::vector<LoggedCommand>& entries);

  std::unique_ptr<RespClient> monitor_;
  std::unique_ptr<RespClient> marker_;
  std::chrono::milliseconds limit_;
  std::set<std::string> own_addresses_;
  std::uint64_t marks_ = 0;
  std::string problem_;
};

}  // namespace djcache::harness
