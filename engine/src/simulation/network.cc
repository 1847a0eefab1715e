#include "simulation/network.h"

#include <algorithm>
#include <utility>

namespace djcache::simulation {

void Network::reset(const Plan& plan) {
  plan_ = &plan;
  faults_left_ = plan.faults;
  carried_[0] = carried_[1] = 0;
  has_cut_ = !plan.cut.wanted;
  refuses_until_ = 0;
  for (Wire& wire : wires_) {
    release(wire);
    wire.generation = 0;  // no event of the last seed is left
  }
}

void Network::heal() {
  faults_left_ = 0;
  refuses_until_ = 0;
  for (Wire& wire : wires_) {
    for (Flow* flow : {&wire.up, &wire.down}) {
      flow->blocked_until = 0;
      flow->scheduled = false;
    }
    if (wire.state != Wire::State::open) continue;
    schedule(wire, wire.up, Event::Kind::up);
    schedule(wire, wire.down, Event::Kind::down);
  }
}

bool Network::strikes(Fault fault) {
  if (faults_left_ == 0 || !plan_->allows(fault)) return false;
  if (!world_.random.one_in(plan_->fault_one_in)) return false;
  --faults_left_;
  world_.count(fault);
  if (world_.traced()) world_.tell("FAULT " + std::string(to_string(fault)));
  return true;
}

std::uint32_t Network::index_of(const Wire& wire) const {
  for (std::uint32_t i = 0; i < wires_.size(); ++i) {
    if (&wires_[i] == &wire) return i;
  }
  return Handle::no_wire;
}

void Network::trace(const Wire& wire, std::string_view what) {
  world_.tell("wire " + std::to_string(index_of(wire)) + "." + std::to_string(wire.generation) +
              ": " + std::string(what));
}

void Network::happen(const Event& event) {
  Wire& wire = wires_[event.target];
  if (wire.generation != event.generation || wire.state == Wire::State::unused) return;
  switch (event.kind) {
    case Event::Kind::connect:
      return connected(wire);
    case Event::Kind::up:
      return carry_up(wire);
    case Event::Kind::down:
      return carry_down(wire);
    default:
      return tell_gone(wire);
  }
}

// --- Connecting.

void Network::connect(Handle& client, bool somebody_is_there) {
  const auto free = std::find_if(wires_.begin(), wires_.end(), [](const Wire& each) {
    return each.state == Wire::State::unused;
  });
  Wire& wire = free != wires_.end() ? *free : wires_.emplace_back();
  wire.state = Wire::State::connecting;
  wire.client = &client;
  client.wire = index_of(wire);
  // Mostly later: an operation that never had a connection tells little.
  const bool may_strike = world_.random.one_in(4);
  if (may_strike && strikes(Fault::refuse))
    refuses_until_ = world_.now + world_.random.below(500'000);
  wire.accepted = somebody_is_there && world_.now >= refuses_until_;
  // Somebody who is not there may also say nothing at all.
  const bool silent = (!somebody_is_there && world_.random.one_in(2)) ||
                      (may_strike && strikes(Fault::connect_stall));
  if (world_.traced()) {
    trace(wire, silent ? "connects to nobody" : wire.accepted ? "connects" : "will be refused");
  }
  if (silent) return;
  world_.schedule(world_.now + latency(), Event::Kind::connect, client.wire, wire.generation);
}

void Network::connected(Wire& wire) {
  if (wire.client == nullptr) return release(wire);
  uv_connect_t* request = std::exchange(wire.client->connecting, nullptr);
  if (request == nullptr) return;
  if (!wire.accepted) {
    wire.state = Wire::State::broken;
    return Loop::call([&] { request->cb(request, UV_ECONNREFUSED); });
  }
  wire.state = Wire::State::open;
  if (world_.random.one_in(2) && strikes(Fault::full)) {
    wire.down.bytes = "-ERR max number of clients reached\r\n";
    wire.ending = true;
    schedule(wire, wire.down, Event::Kind::down);
  }
  Loop::call([&] { request->cb(request, 0); });
}

void Network::closed(Handle& client) {
  if (client.wire == Handle::no_wire) return;
  Wire& wire = wires_[client.wire];
  client.wire = Handle::no_wire;
  wire.client = nullptr;
  wire.down.clear();
  // What has been sent may still arrive, long after the client has given up.
  const bool goes_on = wire.state == Wire::State::open && !wire.silent && wire.up.size() > 0;
  if (world_.traced()) trace(wire, goes_on ? "closed, bytes are still under way" : "closed");
  if (!goes_on) release(wire);
}

void Network::release(Wire& wire) {
  wire.state = Wire::State::unused;
  ++wire.generation;
  wire.client = nullptr;
  for (Flow* flow : {&wire.up, &wire.down}) {
    flow->clear();
    flow->scheduled = false;
    flow->blocked_until = 0;
  }
  wire.accepted = wire.ending = wire.end_told = wire.silent = false;
  wire.session.reset();
}

// --- Bytes.

void Network::schedule(Wire& wire, Flow& flow, Event::Kind kind) {
  if (flow.scheduled || wire.silent) return;
  const bool has_end = kind == Event::Kind::down && wire.ending && !wire.end_told;
  if (flow.size() == 0 && !has_end) return;
  flow.scheduled = true;
  world_.schedule(std::max(world_.now + latency(), flow.blocked_until), kind, index_of(wire),
                  wire.generation);
}

// How much of what is under way arrives at once.
std::size_t Network::share(const Flow& flow) {
  if (flow.size() < 2 || !world_.random.one_in(plan_->pieces_one_in)) return flow.size();
  return 1 + world_.random.below(static_cast<std::uint32_t>(flow.size()));
}

long Network::write(Handle& client, const Handle::Piece* pieces, std::size_t count) {
  if (client.wire == Handle::no_wire) return UV_EBADF;
  Wire& wire = wires_[client.wire];
  if (wire.state == Wire::State::broken) return UV_EPIPE;
  std::size_t room = plan_->send_room - std::min(plan_->send_room, wire.up.size());
  long taken = 0;
  for (std::size_t i = 0; i < count && room > 0; ++i) {
    const std::size_t size = std::min(room, pieces[i].size);
    wire.up.bytes.append(pieces[i].data, size);
    room -= size;
    taken += static_cast<long>(size);
  }
  schedule(wire, wire.up, Event::Kind::up);
  return taken;
}

void Network::go_on_writing(Wire& wire) {
  Handle* client = wire.client;
  if (client == nullptr || client->writing == nullptr || client->write_ended) return;
  while (!client->unwritten.empty()) {
    Handle::Piece& piece = client->unwritten.front();
    const long taken = write(*client, &piece, 1);
    if (taken <= 0) return;
    piece.data += taken;
    piece.size -= static_cast<std::size_t>(taken);
    client->unwritten_bytes -= static_cast<std::size_t>(taken);
    if (piece.size == 0) client->unwritten.erase(client->unwritten.begin());
  }
  client->write_ended = true;
  client->write_status = 0;
}

void Network::carry_up(Wire& wire) {
  wire.up.scheduled = false;
  if (wire.state != Wire::State::open || wire.silent) return;
  if (wire.up.blocked_until > world_.now) return schedule(wire, wire.up, Event::Kind::up);
  if (cut_here(wire, false)) return;
  hurt(wire);
  if (wire.state != Wire::State::open || wire.silent) return;
  const std::size_t size = before_cut(false, share(wire.up));
  carried_[0] += size;
  serve(wire, size);
  schedule(wire, wire.up, Event::Kind::up);
  if (wire.client == nullptr) {
    if (wire.up.size() == 0) release(wire);
    return;
  }
  schedule(wire, wire.down, Event::Kind::down);
  go_on_writing(wire);
}

void Network::serve(Wire& wire, std::size_t bytes) {
  if (!wire.ending) {
    server_.receive(wire.session, wire.up.view().substr(0, bytes), *this, wire.down.bytes);
  }
  wire.up.take(bytes);
}

void Network::carry_down(Wire& wire) {
  wire.down.scheduled = false;
  Handle* client = wire.client;
  if (client == nullptr || wire.state != Wire::State::open || wire.silent) return;
  if (wire.down.blocked_until > world_.now) return schedule(wire, wire.down, Event::Kind::down);
  if (cut_here(wire, true)) return;
  hurt(wire);
  if (wire.state != Wire::State::open || wire.silent || client->read == nullptr) return;
  const std::uint32_t generation = wire.generation;
  auto* stream = reinterpret_cast<uv_stream_t*>(client->uv);
  uv_buf_t buffer{};
  Loop::call([&] { client->alloc(client->uv, 65536, &buffer); });
  const auto tell = [&](ssize_t size) { Loop::call([&] { client->read(stream, size, &buffer); }); };
  if (buffer.len == 0) return tell(UV_ENOBUFS);
  if (wire.down.size() == 0) {
    if (!wire.ending || wire.end_told) return;
    wire.end_told = true;
    return tell(UV_EOF);
  }
  const std::size_t size = before_cut(true, std::min(share(wire.down), buffer.len));
  carried_[1] += size;
  std::copy_n(wire.down.view().data(), size, buffer.base);
  wire.down.take(size);
  tell(static_cast<ssize_t>(size));
  if (wire.generation == generation) schedule(wire, wire.down, Event::Kind::down);
}

}  // namespace djcache::simulation
