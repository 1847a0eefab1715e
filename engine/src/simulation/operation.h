// Operation: what the program has issued, and its outcome.
#pragma once

#include <djcache/cache.h>

#include <array>

#include "simulation/truth.h"

namespace djcache::simulation {

struct Operation {
  enum class Kind : std::uint8_t {
    get,
    set,
    add,
    touch,
    erase,
    has_key,
    incr,
    move,
    get_many,
    set_many,
    delete_many,
    get_or_set,
    clear,
    leased,  // GET, a failing AUTH and another GET over a connection of their own, in one go
    count
  };
  // The action of its callback.
  enum class Then : std::uint8_t { nothing, issue, cancel, disconnect, destroy, busy };
  static constexpr std::size_t keys_max = 4;

  Kind kind{};
  Then then{};
  std::uint8_t alias = 0;
  std::uint8_t keys = 0;                       // how many of those below
  std::array<std::uint8_t, keys_max> names{};  // the caller's keys
  std::array<Truth::KeyId, keys_max> made{};
  std::array<std::uint32_t, keys_max> nonces{};  // of what is written
  std::int64_t delta = 0;
  bool erases = false;       // a set whose ttl is zero
  bool produces = false;     // get_or_set with a producer
  std::uint32_t engine = 0;  // which of the engines so far
  std::uint32_t limit_ms = 0;
  std::uint32_t producer_limit_ms = 0;
  Micros issued = 0;
  Micros deadline = 0;                          // if the program never blocks the loop
  Micros busy = 0;                              // the time for which it had, at the issue
  std::size_t first = 0;                        // execution that may be its own
  std::array<std::size_t, keys_max> effects{};  // those that were its own; npos

  Ticket ticket;
  bool cancelled = false;          // cancel() has returned true
  std::uint64_t cancelled_in = 0;  // turn
  bool closure_made = false;       // its callback has been passed on
  bool closure_gone = false;       // its callback has been destroyed
  bool orphaned = false;           // its engine is gone
  bool refused = false;            // by the call itself, which threw
  bool ended = false;
  bool ok = false;
  Errc code{};
};

std::string_view to_string(Operation::Kind kind);

// The purpose of a nonce.
struct Nonce {
  std::uint8_t alias = 0;
  std::uint8_t name = 0;
  bool produced = false;  // by a producer, which others may share
  std::uint32_t size = 0;
};

}  // namespace djcache::simulation
