// Truth: what the server has really executed, and so which results the program may receive.
//
// Each command records an Execution per key, numbered in order. A result must be that of an
// execution of its own command: with this key, within the operation's life; and each execution that
// changes something counts for one operation only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/world.h"

namespace djcache::simulation {

enum class Verb : std::uint8_t { get, set, add, erase, exists, touch, incr, move, clear, count };

// The content of a key: nothing, an integer, or a value with a nonce.
struct Seen {
  enum class Kind : std::uint8_t { missing, integer, value, foreign } kind = Kind::missing;
  std::int64_t number = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};
// From stored bytes, of any serializer.
Seen seen_in(std::string_view bytes);
std::string describe(const Seen& seen);

struct Execution {
  Verb verb{};
  bool ok = false;       // stored, existed
  bool claimed = false;  // by the operation that received it
  std::uint16_t key = 0;
  std::int64_t delta = 0;
  Seen seen;  // read, written, or the new number
};

class Truth {
 public:
  using KeyId = std::uint16_t;
  static constexpr KeyId no_key = UINT16_MAX;

  void reset() {
    executions_.clear();
    names_used_ = 0;
    failovers = moves_told = moves_made = 0;
    last_move_ = 0;
  }
  // The engine has left servers because the primary is elsewhere: several connections at a time.
  void note_move(Micros now) {
    constexpr Micros together = 700'000;  // a callback may block the loop in between
    if (moves_made == 0 || now > last_move_ + together) ++moves_made;
    last_move_ = now;
  }

  // --- Of a service that Sentinels watch.
  std::size_t failovers = 0;   // so far
  std::size_t moves_told = 0;  // answers of Sentinels that differ from the answer before
  std::size_t moves_made = 0;
  KeyId id(std::uint32_t db, std::string_view made);
  std::string name(KeyId key) const;
  Execution& log(const Execution& execution) {
    executions_.push_back(execution);
    return executions_.back();
  }

  // The place of the first execution from place `from` on that `fits`; none: npos.
  template <class F>
  std::size_t first(std::size_t from, F fits) const {
    for (std::size_t i = from; i < executions_.size(); ++i) {
      if (fits(executions_[i])) return i;
    }
    return npos;
  }
  Execution& operator[](std::size_t i) { return executions_[i]; }
  std::size_t size() const { return executions_.size(); }

  static constexpr std::size_t npos = SIZE_MAX;

 private:
  struct Name {
    std::uint32_t db = 0;
    std::string made;
  };
  std::vector<Name> names_;  // memory is kept
  std::size_t names_used_ = 0;
  std::vector<Execution> executions_;
  Micros last_move_ = 0;
};

}  // namespace djcache::simulation
