// Conduct: what a command does to the connection it travels on, and so to those who share it.
//
// Pure. Commands that are not in the table are plain: what a server or a module adds works at once.
// Source: https://redis.io/docs/latest/commands/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/client.h>

namespace djcache::client {

enum class Conduct : std::uint8_t {
  plain,
  blocks,         // the connection, until something happens
  changes,        // its state: database, name, tracking
  authenticates,  // AUTH: changes its user, and some servers do not answer a failing one behind others
  watches,        // WATCH
  unwatches,      // UNWATCH
  begins_multi,  // MULTI
  ends_multi,    // EXEC, DISCARD
  listens,       // replies without end: SUBSCRIBE, MONITOR
  unusable,      // breaks the pairing of commands and replies
  empty,         // no words at all
};

Conduct conduct_of(const Arguments& arguments);

// Of a command that blocks: for how many milliseconds; 0 without end; nullopt when it does not say.
std::optional<std::int64_t> blocks_for(const Arguments& arguments);

inline constexpr std::uint32_t hour_ms = 3'600'000;
// How much longer than others it may take: what it says, at most an hour; an hour when that is without
// end; nothing when it does not block, or the server will refuse what it says.
std::uint32_t blocking_ms(Conduct conduct, const Arguments& arguments);

enum class On : std::uint8_t { shared, lease, transaction, leased_transaction };
// Why it cannot travel there; nullopt: it can. `name` is the command's.
std::optional<Error> refusal(Conduct conduct, std::string_view name, On where);

}  // namespace djcache::client
