// Conduct: how a command affects its connection, and so all other users of it.
//
// Pure. Commands that are not in the table count as plain, so those added by new servers and
// modules work at once. Source: https://redis.io/docs/latest/commands/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/client.h>

namespace djcache::client {

enum class Conduct : std::uint8_t {
  plain,
  blocks,   // the connection, until an event
  changes,  // the connection's state: database, name, tracking
  // AUTH: changes the user, and some servers do not answer a failing one behind other commands
  authenticates,
  watches,       // WATCH
  unwatches,     // UNWATCH
  begins_multi,  // MULTI
  ends_multi,    // EXEC, DISCARD
  listens,       // replies without end: SUBSCRIBE, MONITOR
  unusable,      // breaks the pairing of commands and replies
  empty,         // no words at all
};

Conduct conduct_of(const Arguments& arguments);

// The limit of a blocking command in milliseconds; 0: none; nullopt: its arguments do not say.
std::optional<std::int64_t> blocks_for(const Arguments& arguments);

inline constexpr std::uint32_t hour_ms = 3'600'000;
// How much longer than other commands it may take: its own limit, at most an hour; an hour if it
// has none. 0 if it does not block, or if the server will refuse its arguments.
std::uint32_t blocking_ms(Conduct conduct, const Arguments& arguments);

enum class On : std::uint8_t { shared, lease, transaction, leased_transaction };
// Why it cannot be sent over that connection; nullopt: it can. `name` is the command's.
std::optional<Error> refusal(Conduct conduct, std::string_view name, On where);

}  // namespace djcache::client
