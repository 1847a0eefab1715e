// Network: the connections between the engine's sockets and the server, byte by byte: late, cut in
// pieces, merged, and broken in every way that TCP allows. What is delivered is in order and
// unchanged.
//
// A descriptor is ready as long as there is something to read or room to write, as with epoll.
#pragma once

#include <deque>
#include <string>

#include "simulation/fleet.h"
#include "simulation/loop.h"
#include "simulation/plan.h"
#include "simulation/records.h"

namespace djcache::simulation {

// Bytes on their way in one direction.
struct Flow {
  std::string bytes;
  std::size_t head = 0;
  bool scheduled = false;
  Micros blocked_until = 0;

  std::size_t size() const { return bytes.size() - head; }
  std::string_view view() const { return std::string_view(bytes).substr(head); }
  void take(std::size_t count) {
    head += count;
    if (head == bytes.size()) clear();
  }
  void clear() {
    bytes.clear();
    head = 0;
  }
};

struct Wire {
  enum class State : std::uint8_t { unused, made, connecting, open, broken };
  State state = State::unused;
  std::uint32_t generation = 0;
  unsigned host = 0;        // the last number of the address it leads to
  bool held = false;        // the client has its descriptor
  Handle* watch = nullptr;  // what the client watches it with
  Flow up;                  // to the server
  Flow down;
  Flow inbox;             // has arrived at the client, which has yet to read it
  bool accepted = false;  // what becomes of the attempt
  bool ending = false;    // the server has closed: end of stream behind what is in `down`
  bool ended = false;     // the same, behind what is in `inbox`
  bool shut = false;      // by the client
  bool silent = false;
  bool looks = false;  // a look at it is scheduled
  int error = 0;       // the client is yet to be told of
  Session session;
  Records records;       // with TLS
  bool strange = false;  // with a certificate for another name
};

class Network final : private Mood, private Wires {
 public:
  Network(World& world, Fleet& fleet) : world_(world), fleet_(fleet) {}

  void reset(const Plan& plan);
  // No more faults; what stands still moves again, but for what is silent.
  void heal();
  void happen(const Event& event);  // connect, up, down, gone, ready, failover
  // Bytes that have arrived so far, over all connections.
  std::uint64_t carried(bool down) const { return carried_[down ? 1 : 0]; }

  // --- The system's side. Errors are those of libuv.
  int open();
  int connect(int descriptor, unsigned host);
  int take_error(int descriptor);
  long receive(int descriptor, char* to, std::size_t room);
  long peek(int descriptor);
  long send(int descriptor, std::string_view bytes);
  void shut_down(int descriptor);
  void close(int descriptor);
  // From now on by this handle, or by none.
  void watch(int descriptor, Handle* handle);
  void look_later(int descriptor) { look_later(wire_of(descriptor)); }
  std::size_t descriptors() const;  // open ones
  // Whether this chance to go wrong is taken, with a fault of this kind.
  bool strikes(Fault fault) override;

 private:
  void end_all(unsigned host) override;
  void publish(unsigned host, std::string_view bytes) override;
  bool encrypts(const Wire& wire) const;
  std::uint32_t index_of(const Wire& wire) const;
  Micros latency() { return world_.random.below(static_cast<std::uint32_t>(plan_->latency_max)); }
  void schedule(Wire& wire, Flow& flow, Event::Kind kind);
  std::size_t share(const Flow& flow);
  void connected(Wire& wire);
  void carry_up(Wire& wire);
  void carry_down(Wire& wire);
  Wire& wire_of(int descriptor);
  int readiness(const Wire& wire) const;
  void look(Wire& wire);
  void look_later(Wire& wire);
  void serve(Wire& wire, std::size_t bytes);
  void serve_records(Wire& wire, std::string_view bytes);
  void encrypt(Wire& wire, std::string_view replies);
  void hurt(Wire& wire);
  bool cut_here(Wire& wire, bool down);
  std::size_t before_cut(bool down, std::size_t size) const;
  void break_wire(Wire& wire);
  void end_stream(Wire& wire);
  void stall(Wire& wire);
  void restart();
  void tell_gone(Wire& wire);
  void release(Wire& wire);
  void trace(const Wire& wire, std::string_view what);

  World& world_;
  Fleet& fleet_;
  const Plan* plan_ = nullptr;
  std::deque<Wire> wires_;            // never moved
  std::uint32_t refusals_left_ = 0;   // of clients, after their handshake with TLS
  std::uint32_t strangers_left_ = 0;  // who answer in the server's place
  std::uint32_t faults_left_ = 0;
  std::uint64_t carried_[2] = {};  // up, down
  bool has_cut_ = false;
  Micros refuses_until_ = 0;
};

}  // namespace djcache::simulation
