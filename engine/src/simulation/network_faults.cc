// Faults of connections.
#include <algorithm>

#include "simulation/network.h"

namespace djcache::simulation {

void Network::hurt(Wire& wire) {
  if (faults_left_ == 0 || !wire.held) return;
  switch (world_.random.below(6)) {
    case 0:
      if (strikes(Fault::reset)) break_wire(wire);
      break;
    case 1:
      if (strikes(Fault::half_close)) end_stream(wire);
      break;
    case 2:
      if (strikes(Fault::silence)) wire.silent = true;
      break;
    case 3:
      if (strikes(Fault::stall)) stall(wire);
      break;
    case 4:
      if (strikes(Fault::restart)) restart();
      break;
    default:
      if (!strikes(Fault::garbage)) break;
      // Behind whole replies: a value broken in the middle could not be judged.
      if (!wire.ending) wire.down.bytes += "HTTP/1.1 400 Bad Request\r\n\r\n";
      wire.ending = true;
      schedule(wire, wire.down, Event::Kind::down);
  }
}

// The planned end: exactly this many bytes have arrived, and no more will.
bool Network::cut_here(Wire& wire, bool down) {
  const Cut& cut = plan_->cut;
  if (has_cut_ || cut.down != down || carried(down) != cut.at || !wire.held) return false;
  has_cut_ = true;
  world_.count(cut.how);
  if (world_.traced()) trace(wire, "is cut: " + std::string(to_string(cut.how)));
  if (cut.how == Fault::silence) {
    wire.silent = true;
  } else if (cut.how == Fault::reset) {
    wire.state = Wire::State::broken;
    wire.up.clear();
    wire.down.clear();
    world_.schedule(world_.now + latency(), Event::Kind::gone, index_of(wire), wire.generation);
  } else {
    if (down) wire.down.clear();
    wire.ending = true;
    schedule(wire, wire.down, Event::Kind::down);
  }
  return true;
}

std::size_t Network::before_cut(bool down, std::size_t size) const {
  const Cut& cut = plan_->cut;
  if (has_cut_ || cut.down != down || carried(down) >= cut.at) return size;
  return static_cast<std::size_t>(std::min<std::uint64_t>(size, cut.at - carried(down)));
}

// Commands in flight may still reach the server, but their replies are lost.
void Network::break_wire(Wire& wire) {
  if (wire.state != Wire::State::open) return;
  if (world_.random.one_in(2)) serve(wire, wire.up.size());
  wire.state = Wire::State::broken;
  wire.up.clear();
  wire.down.clear();
  if (!wire.held) return release(wire);
  world_.schedule(world_.now + latency(), Event::Kind::gone, index_of(wire), wire.generation);
}

void Network::tell_gone(Wire& wire) {
  if (!wire.held) return release(wire);
  wire.error = UV_ECONNRESET;
  wire.ended = true;
  look(wire);
}

void Network::end_stream(Wire& wire) {
  if (wire.ending) return;
  wire.ending = true;
  if (wire.down.size() > 0 && world_.random.one_in(2)) {
    const auto kept = world_.random.below(static_cast<std::uint32_t>(wire.down.size()));
    wire.down.bytes.resize(wire.down.head + kept);
  }
  schedule(wire, wire.down, Event::Kind::down);
}

void Network::stall(Wire& wire) {
  Flow& flow = world_.random.one_in(2) ? wire.up : wire.down;
  constexpr std::uint32_t most_ms[] = {20, 200, 3000};
  flow.blocked_until =
      world_.now + 1000 * world_.random.between(1, most_ms[world_.random.below(3)]);
}

void Network::restart() {
  const unsigned host = fleet_.primary();
  for (Wire& wire : wires_) {
    if (wire.host == host) break_wire(wire);
  }
  fleet_.at(host).restart(world_.random.one_in(2));
  if (world_.random.one_in(2)) refuses_until_ = world_.now + world_.random.below(300'000);
}

}  // namespace djcache::simulation
