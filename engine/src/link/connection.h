// Connection: one pipelined connection to a redis server, as a state machine without I/O.
//
// Pure: no socket, no clock, no loop. In: commands, bytes, ticks and what became of the actions
// asked for. Out: bytes to send, actions (connect, close), completions and events, each pulled by
// the driver one at a time, so that a completion may do anything, also end this connection.
//
//   idle -> connecting -> handshaking -> ready -> closing -> idle (backing_off, if attempts fail)
//
// retire() lets it drain or aborts it; it ends in `closed` and is never used again.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/credentials.h>
#include <djcache/error.h>
#include <djcache/events.h>

#include "deadlines.h"
#include "link/detour.h"
#include "link/pipeline.h"
#include "resp/parser.h"

namespace djcache {
struct Planted;
}

namespace djcache::link {

// The configuration that all connections of a pool share.
struct ConnectionConfig {
  std::string endpoint;  // readable, without credentials
  std::string username;
  std::string password;
  std::shared_ptr<const CredentialsSource> credentials;  // asked before each connect, if not null
  int db = 0;
  std::string client_name;
  Millis connect_limit = 5000;
  Millis stall_limit = 2000;
  Millis backoff_min = 10;
  Millis backoff_max = 1000;
  resp::Caps caps;
  bool unverified = false;  // the server's certificate is not verified
  bool primary = false;     // a server that calls itself a replica is the wrong one

  friend auto operator<=>(const ConnectionConfig&, const ConnectionConfig&) = default;
};

// Sums over all connections of a pool.
struct PoolTotals {
  std::size_t operations = 0;  // slots, tombstones included
  std::size_t bytes = 0;       // of their commands
  PoolStatistics statistics;
  std::vector<PoolEvent> events;  // not yet reported
  Credentials credentials;        // the latest that were sent
  std::uint64_t random = 0x9E3779B97F4A7C15u;
  bool told_unverified = false;
};

// The owner of a leased connection. Called by the pool, and by the code that takes completions.
class Tenant {
 public:
  // An unexpected reply, on a connection that listens.
  virtual void on_push(const resp::Reply& reply) = 0;
  virtual void on_loss(const Error& error) = 0;
  // The pool disconnects. Must not run code from elsewhere. The disconnect goes on, so this must
  // not need memory.
  virtual void on_retired() noexcept = 0;
  // The connection no longer exists.
  virtual void on_gone() = 0;
  // Where in the program it was leased, readable.
  virtual std::string place() const = 0;

 protected:
  ~Tenant() = default;
};

// The end of an operation. Exactly one of reply and error is set. Without a call it is for the
// connection's tenant. With `refused` it is not final: the server refuses scripts, and the code
// that takes the completion calls Connection::go_around().
struct Completion {
  Call* call = nullptr;
  const Handler* handler = nullptr;
  std::uint32_t limit_ms = 0;
  const resp::Reply* reply = nullptr;
  const Error* error = nullptr;
  std::string_view command;  // in RESP, for the key in an error; may be empty
  std::string_view refused;  // the server's words
};

class Connection {
 public:
  enum class State : std::uint8_t {
    idle,         // no socket, none wanted
    backing_off,  // no socket, waiting until the next attempt
    connecting,   // the driver was asked for a socket
    handshaking,
    ready,
    closing,  // the driver was asked to close the socket
    closed,   // retired, and the socket is gone
  };
  enum class Action : std::uint8_t { none, connect, close };

  Connection(const ConnectionConfig& config, PoolTotals& totals, std::size_t index);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // --- Commands.
  OutBuffer& out() { return pipeline_.out(); }
  // REQUIRES: `slot.bytes` were just committed to out(), and reserve_slot() was called.
  void reserve_slot() { pipeline_.reserve_slot(); }
  [[gnu::always_inline]] void push(const Slot& slot) {
    pipeline_.push(slot);
    if (slot.barrier || slot.script) [[unlikely]]
      barriers_ = barriers_ || pipeline_.is_barrier(slot);
    ++totals_.operations;
    totals_.bytes += slot.bytes;
    ++totals_.statistics.operations;
  }

  // Continues the oldest operation, handed over as refused, with the detour. REQUIRES: its first
  // step sends something.
  void go_around(std::unique_ptr<Detour> detour);
  // False: the server is known to refuse MULTI.
  bool takes_transactions() const { return !no_transactions_; }

  // --- Events.
  void on_turn(Millis now);  // end of the turn in which commands were issued
  void on_connected(Millis now);
  void on_connect_failed(Millis now, std::string_view reason,
                         Errc code = Errc::connect_failed);  // no socket came about
  void on_bytes(Millis now, std::string_view bytes);         // borrowed until next() returns false
  // The server is elsewhere: waiting until the next attempt ends. The next wait is no shorter.
  void end_backoff(Millis now);
  void on_lost(std::string_view reason,
               Errc code = Errc::connection_lost);  // end of stream, or an I/O error
  void on_closed(Millis now);                       // the requested close is done
  void on_tick(Millis now);

  // While held, no new connection is started (an older one of the pool is draining).
  void hold(bool held) { held_ = held; }
  bool held() const { return held_; }
  // Ends it for good: drains until `deadline`, or aborts at once if that is not later than `now`;
  // `why` is for the aborted operations.
  void retire(Millis now, Millis deadline, const char* why = "disconnect");

  // Memory ran out, perhaps in the middle of one of these functions: forgets every operation
  // without a report, and closes. The pool counts anew. Does not allocate.
  void start_over(Millis now) noexcept;

  // --- Leases.

  // Reserves the connection for one tenant. Once it has sent something, nothing is sent over a new
  // connection, which would lack the old one's state.
  void lease_to(Tenant* tenant) {
    tenant_ = tenant;
    leased_ = true;
    lost_ = spoken_ = false;
  }
  Tenant* tenant() const { return tenant_; }
  // The connection was lost, and its state with it.
  bool lost() const { return lost_; }
  // Unexpected replies go to the tenant, which subscribes or monitors.
  void listen(bool listening) { listening_ = listening; }

  // --- What to do.
  Action take_action();
  // Bytes to write now, at most `max` pieces. Call wrote() afterwards.
  std::size_t pieces(OutBuffer::Piece* pieces, std::size_t max);
  // The socket has taken `bytes`.
  void wrote(std::size_t bytes);
  // Nothing is in flight, perhaps for a long time.
  bool quiet() const { return pipeline_.in_flight() == 0 || detour_unsent_; }
  // The next completion. Everything in `out` is valid until the next call.
  bool next(Completion& out);
  // When to call on_tick(), or `never`.
  Millis next_tick() const;

  // The deadline of the current attempt to connect, including its handshake, or `never`.
  Millis connect_deadline() const { return connect_deadline_; }

  State state() const { return state_; }
  bool has_socket() const {
    return state_ == State::handshaking || state_ == State::ready || state_ == State::closing;
  }
  bool retired() const { return retired_; }
  // Whether an operation that began here is still awaited.
  bool awaited();
  std::size_t index() const { return index_; }
  Pipeline& pipeline() { return pipeline_; }
  const Pipeline& pipeline() const { return pipeline_; }
  bool limit_reached() const { return limit_reached_; }
  std::size_t aborted() const { return aborted_; }
  std::size_t completed_draining() const { return completed_draining_; }
  bool had_socket() const { return had_socket_; }  // when it was retired, or later
  // Retired, with nothing left to hand over. Its socket may still be closing.
  bool finished() const { return state_ == State::closed && failures_.empty(); }
  const std::string& last_reason() const { return last_reason_; }

  // For the driver: its object for this connection, the deadline at which it looks at it, and
  // whether it does so at the end of this turn.
  void* driver = nullptr;
  Deadline deadline;
  bool awake = false;
  bool leaving = false;  // the driver will check whether it has finished
  // For the pool: its index among the leased connections.
  std::size_t lease_place = 0;

 private:
  friend struct djcache::Planted;
  struct Step {  // of the handshake
    enum class Kind : std::uint8_t { auth, select, role, set_name, ping } kind;
    std::string bytes;
  };
  struct Failure {
    Slot slot;
    Error error;
  };

  void start_connecting();
  void attempt_failed(Millis now, Errc code, std::string detail);
  bool ask_credentials();
  void add_auth(const std::string& username, const std::string& password);
  void handshake_reply(const resp::Reply& reply);
  void role_told(const resp::Reply& reply);
  void handshake_refused(Step::Kind kind, std::string_view text);
  std::string name_of(Step::Kind kind) const;
  std::string ended_unanswered(std::string_view reason) const;
  void become_ready();
  bool answer(const resp::Reply& reply, Completion& out);
  bool conclude(const resp::Reply& reply, Completion& out);
  bool answer_specially(const resp::Reply& reply, Completion& out);
  enum class Aside : std::uint8_t { no, nothing_yet, handed_over };
  Aside answer_script(const resp::Reply& reply, Completion& out);
  bool offer_detour(Completion& out);
  bool take_step(const Detour::Heard& heard, Completion& out);
  void forget_front();
  void leave_detour();
  void forget_the_server();
  bool hear(const resp::Reply& reply, Completion& out);
  bool note_part(const resp::Reply& reply);
  void note_read_only(const resp::Reply& reply);
  bool answer_early(const resp::Reply& reply);
  bool unsolicited(const resp::Reply& reply);
  void poison(Errc code, std::string reason);
  void cut(Errc head_code, const std::string& reason);
  void fail_all(Errc code, const std::string& detail);
  void fail(const Slot& slot, Errc code, std::string detail);
  void expire(Millis now);
  bool roomy() const { return pipeline_.roomy() || parser_.roomy(); }
  void note_need(Millis now) noexcept;
  void fall_back(Millis now) noexcept;
  void drop_unsent_tombstones();
  void finish_drain_if_empty();
  void abort_now(const char* detail);
  // Releases the data of the last completion.
  void settle() {
    if (to_release_ != 0) pipeline_.release(std::exchange(to_release_, 0));
  }
  // A new connection would not do: the tenant has given this one state.
  bool has_state() const { return leased_ && spoken_; }
  void forget(const Slot& slot) {
    --totals_.operations;
    totals_.bytes -= slot.bytes;
  }
  std::size_t sendable();
  Millis backoff_bound(unsigned failures) const;
  Millis backoff();
  std::uint64_t random();
  void tell(PoolEvent::Kind kind, std::string reason, Millis delay = 0);
  std::string at_endpoint(std::string_view text) const;

  const ConnectionConfig& config_;
  PoolTotals& totals_;
  std::size_t index_;
  std::vector<Step> steps_;

  State state_ = State::idle;
  Action action_ = Action::none;
  Pipeline pipeline_;
  std::vector<OutBuffer> graveyard_;  // cut pipelines that the closing socket may still be reading
  OutBuffer last_words_;              // the same for start_over()
  resp::Parser parser_;
  Ring<Failure> failures_;
  Error last_failure_;          // data of the last completion
  resp::Reply last_reply_;      // the same
  std::size_t to_release_ = 0;  // bytes of the slot answered last
  std::string first_error_;     // of a slot with several replies
  resp::Node own_node_{};       // a reply that no server wrote
  resp::Reply own_reply_;       // the same

  std::unique_ptr<Detour> detour_;    // of the oldest operation
  std::string detour_commands_;       // of its current step
  std::size_t detour_sent_ = 0;       // how many of its bytes
  std::uint32_t detour_replies_ = 0;  // expected
  std::string detour_error_;          // the first of them
  bool detour_unsent_ = false;        // and the operation's own command is unsent, too
  std::string scripts_refused_;       // the server's words
  bool no_transactions_ = false;      // MULTI was refused
  bool loosened_ = false;             // in the replies to the oldest operation

  std::size_t step_ = 0;          // of the handshake
  std::size_t step_sent_ = 0;     // bytes of that step
  unsigned failed_attempts_ = 0;  // since an operation last succeeded
  unsigned renewals_ = 0;         // in a row, because the server is read-only
  Millis renew_after_ = 0;        // not earlier
  std::string last_reason_;       // of the last failed attempt
  Millis now_ = 0;                // of the last event
  Millis connect_deadline_ = never;
  Millis backoff_until_ = never;
  Millis drain_deadline_ = never;
  Millis renew_at_ = never;            // its credentials expire soon
  Millis operation_deadline_ = never;  // a lower bound of the operations' deadlines
  Millis fall_back_at_ = never;        // it may hold surplus memory by then
  Millis last_byte_ = 0;
  bool held_ = false;
  const char* renew_ = nullptr;  // why to close once nothing is in flight
  bool barriers_ = false;        // the pipeline may contain one
  bool unproven_ = false;        // no operation has succeeded over this socket yet
  bool retired_ = false;
  bool leased_ = false;
  bool spoken_ = false;  // the tenant's first bytes have been sent
  bool lost_ = false;
  bool listening_ = false;
  bool loss_untold_ = false;  // to the listening tenant, by start_over()
  Tenant* tenant_ = nullptr;
  bool limit_reached_ = false;
  bool had_socket_ = false;
  std::size_t aborted_ = 0;
  std::size_t completed_draining_ = 0;
};

}  // namespace djcache::link
