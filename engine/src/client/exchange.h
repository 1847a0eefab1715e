// Sends the commands of a raw client over a connection, and turns their replies into results.
//
// Pure. Private to client/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/operation.h"
#include "client/conduct.h"
#include "client/reply_tree.h"
#include "link/pool.h"
#include "redis/reading.h"

namespace djcache::client {

using detail::Alias;

// "CACHES['x'] has no server": the alias is on another backend.
Error no_server(const Alias& alias);

// Appends the command in RESP and returns its size.
std::size_t append(std::string& bytes, const Arguments& arguments);
// The name of the command that begins at `at`.
std::string_view name_at(std::string_view bytes, std::size_t at);

// How one operation is sent.
struct Sending {
  std::string_view bytes;
  const redis::Reading* reading = &redis::raw;
  std::uint32_t replies = 1;
  std::uint32_t limit_ms = 0;
  bool idempotent = false;
  bool barrier = false;
};
// The connection an operation uses, and its limit.
struct Way {
  link::Pool* pool = nullptr;
  link::Connection* connection = nullptr;
  // of each command; the time for which those in front of it block is added
  std::uint32_t limit_ms = 0;
  bool idempotent = false;
  std::function<void()> block_given_up{};  // called when a blocking command reaches its limit
};

// One command of a pipeline.
struct Command {
  std::uint32_t bytes = 0;
  Conduct conduct = Conduct::plain;
  std::uint32_t blocks_ms = 0;  // added to the limit
};

// False: the pool's bound is reached, and `call` has been ended.
bool admit(Calls& calls, link::Pool& pool, std::size_t bytes, Call* call,
           std::size_t operations = 1);
void send(link::Pool& pool, link::Connection& connection, const Sending& sending, Call* call);

struct ToReply {
  Result<Reply> operator()(const Outcome& outcome) const { return to_tree(*outcome.reply); }
};

// MULTI, the commands, EXEC.
std::string in_transaction(std::string_view commands);
// Each command is an operation of its own. `whole` ends with all replies, in order, through
// `replies`, or with the first error that is not the server's. REQUIRES: admitted, not empty.
void send_each(Calls& calls, const Way& way, std::string_view bytes,
               const std::vector<Command>& commands, std::shared_ptr<std::vector<Reply>> replies,
               Call* whole);
// The sum of a limit and the time for which a command blocks: at most an hour.
std::uint32_t longer_by(std::uint32_t limit_ms, std::uint64_t blocks_ms);

struct ToReplies {
  std::shared_ptr<std::vector<Reply>> replies;
  Result<std::vector<Reply>> operator()(const Outcome&) const { return std::move(*replies); }
};
// The reply to EXEC; nullopt: a watched key had changed.
struct ToExecuted {
  Result<std::optional<std::vector<Reply>>> operator()(const Outcome& outcome) const {
    if (!outcome.flag) return std::optional<std::vector<Reply>>();
    return std::optional(to_tree(*outcome.reply).elements);
  }
};

}  // namespace djcache::client
