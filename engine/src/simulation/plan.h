// Plan: what the seed decides before anything happens: how the program is set up and used, how slow
// and how faulty the network is.
#pragma once

#include <djcache/settings.h>

#include <array>

#include "simulation/world.h"

namespace djcache::simulation {

// The one place at which a session is to be disturbed, for tests that go through all of them.
struct Cut {
  bool wanted = false;
  bool down = false;     // the direction; false: to the server
  std::uint64_t at = 0;  // bytes that pass in it before
  Fault how{};           // reset, half_close or silence
};
struct PlannedCancel {
  bool wanted = false;
  std::uint32_t place = 0;  // of the operation, in the order of issuing
  std::uint64_t turn = 0;   // after which
};

// The primary of a service changes, because somebody wishes or because it dies. Times in
// microseconds after the one before.
struct PlannedFailover {
  Micros at = 0;  // of the run: the new primary serves
  bool dies = false;
  Micros dead_before = 0;    // when it dies: so long before
  Micros demoted_after = 0;  // the old primary says OK until then; or it comes back, if it died
  std::uint32_t leader = 0;  // the Sentinel that knows first and publishes last
  std::array<Micros, 3> known_after{};
  Micros published_late = 0;  // by the leader
};

struct Plan {
  Cut cut{};
  PlannedCancel cancel{};
  std::uint64_t failing_allocation = 0;  // the how manieth of the engine's; 0: none

  // --- The network.
  std::uint32_t faults = 0;        // how many there may be
  std::uint32_t fault_kinds = 0;   // a bit for each
  std::uint32_t fault_one_in = 8;  // chances to go wrong
  Micros latency_max = 1000;
  std::uint32_t pieces_one_in = 4;  // deliveries that are cut in two
  std::size_t send_room = 1 << 16;  // what a socket takes before it is full
  bool named = false;               // the server is given by a name
  std::size_t addresses = 1;        // of that name

  // --- The program.
  Serializer serializer = Serializer::msgpack;
  std::size_t connections_max = 1;
  std::size_t pending_max = 100'000;
  std::size_t pending_max_bytes = 64u << 20;
  bool second_database = false;  // of the second alias: a pool of its own
  bool password = false;
  bool lacks_scripts = false;  // the server knows no EVAL
  bool lacks_transactions = false;
  bool tls = false;
  std::uint32_t sentinels = 0;  // configured, of three; 0: the server is given by its address
  bool tls_of_sentinels = false;
  std::uint32_t failovers = 0;
  std::array<PlannedFailover, 2> failover{};
  std::uint32_t refuses_clients = 0;  // so many connections, after their handshake with TLS
  std::uint32_t strangers =
      0;  // so many connections lead to somebody else, who has a certificate, too
  std::uint32_t command_limit_ms = 500;
  std::uint32_t connect_limit_ms = 5000;
  std::uint32_t stall_limit_ms = 2000;
  std::uint32_t steps = 5;  // bursts of operations
  std::uint32_t burst_max = 5;
  std::uint32_t pause_max_ms = 20;  // between them
  std::uint32_t operations_max = 40;
  std::uint32_t keys = 3;
  std::uint32_t large_one_in = 150;  // values
  std::uint32_t large_max = 100'000;
  bool cancels = true;
  bool disconnects = true;
  bool destroys = true;
  bool may_time_out = true;

  bool allows(Fault fault) const {
    return (fault_kinds & (1u << static_cast<unsigned>(fault))) != 0;
  }
};

Plan make_plan(Random& random);
// Forty operations and more, all of which work if nobody disturbs them.
void calm(Plan& plan);
Settings make_settings(const Plan& plan);

inline constexpr std::string_view server_password = "open sesame";
// The last numbers of addresses: of three servers each.
inline constexpr unsigned lone_server = 1, first_sentinel = 11, first_of_service = 21;
// Of its certificate.
inline constexpr std::string_view server_names =
    "cache.example 10.0.0.1 10.0.0.21 10.0.0.22 10.0.0.23 10.0.0.11 10.0.0.12 10.0.0.13";

}  // namespace djcache::simulation
