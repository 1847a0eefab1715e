// World: the time, the random numbers and the events of one seed, its result, and its trace.
//
// One seed runs at a time. libuv's functions without a loop argument, and the clocks of the engine,
// use World::current().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/random.h"

namespace djcache::simulation {

using Micros = std::uint64_t;
inline constexpr Micros never = UINT64_MAX;

// The faults on the way to the server and in it.
enum class Fault : std::uint8_t {
  reset,          // the connection breaks; bytes in flight may have arrived
  half_close,     // the server ends the stream, perhaps in the middle of a reply
  silence,        // nothing arrives any more, without an error
  stall,          // one direction is delayed for a while
  restart,        // all connections break, and the data may be lost
  refuse,         // no connection is accepted for a while
  connect_stall,  // an attempt to connect is never answered
  resolve,        // the name is not found
  full,           // "max number of clients reached"
  error_reply,    // -OOM, -LOADING or -READONLY instead of the answer
  strange,        // an unsolicited reply, of a type that fits nothing
  garbage,        // bytes that are not RESP
  busy,           // the program blocks the loop
  count,
};
std::string_view to_string(Fault fault);

struct Event {
  enum class Kind : std::uint8_t {
    connect,
    up,
    down,
    gone,
    ready,
    resolve,
    step,
    produce,
    failover,
  };
  Micros at = 0;
  std::uint64_t order = 0;  // among those of the same time
  Kind kind{};
  std::uint32_t target = 0;
  std::uint32_t generation = 0;
};

class World {
 public:
  static World& current() { return *current_; }

  // Begins the world of a seed. Memory is reused.
  void reset(std::uint64_t seed, bool traced);

  void schedule(Micros at, Event::Kind kind, std::uint32_t target, std::uint32_t generation = 0);
  Micros next_event() const { return events_.empty() ? never : events_.front().at; }
  std::uint64_t last_order() const { return order_; }
  // Takes the first due event that was scheduled not after `order`.
  bool take_due(std::uint64_t order, Event& event);

  // The first failure counts; everything stops at the next turn.
  void fail(std::string_view what);
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  bool traced() const { return traced_; }
  // REQUIRES: traced(): check first, so that a run without a trace builds no texts.
  void tell(std::string_view line);
  const std::string& trace() const { return trace_; }

  void count(Fault fault) {
    ++faults[static_cast<std::size_t>(fault)];
    happened |= 1u << static_cast<unsigned>(fault);
  }
  bool has_happened(Fault fault) const {
    return (happened & (1u << static_cast<unsigned>(fault))) != 0;
  }

  Micros now = 0;
  Micros busy = 0;  // how long the program has blocked the loop, in all
  Random random;
  std::array<std::uint64_t, static_cast<std::size_t>(Fault::count)> faults{};  // of all seeds
  std::uint32_t happened = 0;  // kinds of faults, of this seed

 private:
  static inline World* current_ = nullptr;

  std::vector<Event> events_;  // a heap
  std::uint64_t order_ = 0;
  std::string failure_;
  std::string trace_;
  bool traced_ = false;
};

}  // namespace djcache::simulation
