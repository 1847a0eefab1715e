#include "simulation/network.h"

#include <algorithm>
#include <utility>

namespace djcache::simulation {

namespace {
constexpr int first_descriptor = 1000;
constexpr std::uint32_t no_wire = UINT32_MAX;
}  // namespace

void Network::reset(const Plan& plan) {
  plan_ = &plan;
  faults_left_ = plan.faults;
  refusals_left_ = plan.refuses_clients;
  strangers_left_ = plan.strangers;
  carried_[0] = carried_[1] = 0;
  has_cut_ = !plan.cut.wanted;
  refuses_until_ = 0;
  for (Wire& wire : wires_) {
    release(wire);
    wire.generation = 0;  // no event of the last seed is left
  }
}

void Network::heal() {
  faults_left_ = refusals_left_ = strangers_left_ = 0;
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
  return no_wire;
}

Wire& Network::wire_of(int descriptor) {
  return wires_[static_cast<std::size_t>(descriptor - first_descriptor)];
}

std::size_t Network::descriptors() const {
  return static_cast<std::size_t>(
      std::count_if(wires_.begin(), wires_.end(), [](const Wire& each) { return each.held; }));
}

void Network::trace(const Wire& wire, std::string_view what) {
  world_.tell("wire " + std::to_string(index_of(wire)) + "." + std::to_string(wire.generation) +
              ": " + std::string(what));
}

void Network::happen(const Event& event) {
  if (event.kind == Event::Kind::failover) return fleet_.happen(event, *this);
  Wire& wire = wires_[event.target];
  if (wire.generation != event.generation || wire.state == Wire::State::unused) return;
  switch (event.kind) {
    case Event::Kind::connect:
      return connected(wire);
    case Event::Kind::up:
      return carry_up(wire);
    case Event::Kind::down:
      return carry_down(wire);
    case Event::Kind::ready:
      return look(wire);
    default:
      return tell_gone(wire);
  }
}

// --- Descriptors.

int Network::open() {
  const auto free = std::find_if(wires_.begin(), wires_.end(), [](const Wire& each) {
    return each.state == Wire::State::unused;
  });
  Wire& wire = free != wires_.end() ? *free : wires_.emplace_back();
  wire.state = Wire::State::made;
  wire.held = true;
  return first_descriptor + static_cast<int>(index_of(wire));
}

void Network::watch(int descriptor, Handle* handle) { wire_of(descriptor).watch = handle; }

void Network::close(int descriptor) {
  Wire& wire = wire_of(descriptor);
  if (wire.watch != nullptr) world_.fail("close() of a descriptor that libuv still watches");
  wire.held = false;
  wire.down.clear();
  // What has been sent may still arrive, long after the client has given up.
  const bool goes_on = wire.state == Wire::State::open && !wire.silent && wire.up.size() > 0;
  if (world_.traced()) trace(wire, goes_on ? "closed, bytes are still under way" : "closed");
  if (!goes_on) release(wire);
}

int Network::readiness(const Wire& wire) const {
  if (wire.state == Wire::State::made || wire.state == Wire::State::connecting) return 0;
  const bool over = wire.state == Wire::State::broken || wire.shut;
  const bool readable = wire.inbox.size() > 0 || wire.ended || wire.shut;
  const bool writable = over || wire.up.size() < plan_->send_room;
  return (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
}

// What the poll finds.
void Network::look(Wire& wire) {
  wire.looks = false;
  Handle* watch = wire.watch;
  if (watch == nullptr || !watch->active) return;
  auto* poll = reinterpret_cast<uv_poll_t*>(watch->uv);
  if (wire.error != 0) {
    watch->active = false;  // as libuv does
    Loop::call([&] { watch->on_poll(poll, UV_EBADF, 0); });
  } else if (const int events = readiness(wire) & watch->events; events != 0) {
    Loop::call([&] { watch->on_poll(poll, 0, events); });
  }
  look_later(wire);
}

// As long as it is ready for what is watched for, each poll says so.
void Network::look_later(Wire& wire) {
  if (wire.looks || wire.watch == nullptr || !wire.watch->active) return;
  if (wire.error == 0 && (readiness(wire) & wire.watch->events) == 0) return;
  wire.looks = true;
  world_.schedule(world_.now, Event::Kind::ready, index_of(wire), wire.generation);
}

// --- Servers that change.

bool Network::encrypts(const Wire& wire) const {
  return Fleet::is_sentinel(wire.host) ? plan_->tls_of_sentinels : plan_->tls;
}

// What is on the way is not executed.
void Network::end_all(unsigned host) {
  for (Wire& wire : wires_) {
    if (wire.host != host || wire.state != Wire::State::open) continue;
    wire.up.clear();
    if (!wire.held) {
      release(wire);
      continue;
    }
    wire.ending = true;
    schedule(wire, wire.down, Event::Kind::down);
  }
}

void Network::publish(unsigned host, std::string_view bytes) {
  for (Wire& wire : wires_) {
    const bool listens = wire.host == host && wire.session.subscribed;
    if (!listens || wire.state != Wire::State::open || wire.ending || !wire.held) continue;
    encrypts(wire) ? encrypt(wire, bytes) : (void)wire.down.bytes.append(bytes);
    schedule(wire, wire.down, Event::Kind::down);
  }
}

// --- Connecting.

int Network::connect(int descriptor, unsigned host) {
  Wire& wire = wire_of(descriptor);
  wire.host = host;
  const bool dead = fleet_.is_dead(host);
  const bool somebody_is_there = dead || fleet_.is_there(host);
  // Mostly later: an operation that never had a connection tells little.
  const bool may_strike = world_.random.one_in(4);
  if (may_strike && strikes(Fault::refuse))
    refuses_until_ = world_.now + world_.random.below(500'000);
  wire.accepted = somebody_is_there && !dead && world_.now >= refuses_until_;
  // Somebody who is not there may also say nothing at all.
  const bool silent = (!somebody_is_there && world_.random.one_in(2)) ||
                      (may_strike && strikes(Fault::connect_stall));
  const bool at_once = !silent && !wire.accepted && world_.random.one_in(4);
  if (world_.traced()) {
    trace(wire, silent ? "connects to nobody" : wire.accepted ? "connects" : "will be refused");
  }
  if (at_once) return UV_ENETUNREACH;
  wire.state = Wire::State::connecting;
  if (!silent) {
    world_.schedule(world_.now + latency(), Event::Kind::connect, index_of(wire), wire.generation);
  }
  return 0;
}

void Network::connected(Wire& wire) {
  wire.state = wire.accepted ? Wire::State::open : Wire::State::broken;
  if (!wire.accepted) {
    wire.error = UV_ECONNREFUSED;
  } else if (world_.random.one_in(2) && strikes(Fault::full)) {
    // With TLS there is no word of it.
    if (!encrypts(wire)) wire.down.bytes = "-ERR max number of clients reached\r\n";
    wire.ending = true;
    schedule(wire, wire.down, Event::Kind::down);
  }
  look(wire);
}

int Network::take_error(int descriptor) {
  Wire& wire = wire_of(descriptor);
  if (wire.state == Wire::State::connecting) {
    world_.fail("asked what became of a connect() that is in progress");
  }
  return std::exchange(wire.error, 0);
}

void Network::release(Wire& wire) {
  wire.state = Wire::State::unused;
  ++wire.generation;
  wire.watch = nullptr;
  for (Flow* flow : {&wire.up, &wire.down, &wire.inbox}) {
    flow->clear();
    flow->scheduled = false;
    flow->blocked_until = 0;
  }
  wire.held = wire.accepted = wire.ending = wire.ended = wire.shut = wire.silent = wire.looks =
      wire.strange = false;
  wire.error = 0;
  wire.session.reset();
  wire.records.reset();
}

// --- Bytes.

void Network::schedule(Wire& wire, Flow& flow, Event::Kind kind) {
  if (flow.scheduled || wire.silent) return;
  const bool has_end = kind == Event::Kind::down && wire.ending && !wire.ended;
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

long Network::send(int descriptor, std::string_view bytes) {
  Wire& wire = wire_of(descriptor);
  if (wire.error != 0) return std::exchange(wire.error, 0);
  if (wire.state == Wire::State::broken || wire.shut) return UV_EPIPE;
  if (wire.state != Wire::State::open) world_.fail("send() on a socket that has not connected");
  const std::size_t room = plan_->send_room - std::min(plan_->send_room, wire.up.size());
  if (room == 0) return UV_EAGAIN;
  const std::size_t taken = std::min(room, bytes.size());
  wire.up.bytes.append(bytes.substr(0, taken));
  schedule(wire, wire.up, Event::Kind::up);
  return static_cast<long>(taken);
}

long Network::receive(int descriptor, char* to, std::size_t room) {
  Wire& wire = wire_of(descriptor);
  if (wire.inbox.size() > 0) {
    const std::size_t size = std::min(room, wire.inbox.size());
    std::copy_n(wire.inbox.view().data(), size, to);
    wire.inbox.take(size);
    return static_cast<long>(size);
  }
  if (wire.error != 0) return std::exchange(wire.error, 0);
  return wire.ended || wire.shut ? 0 : UV_EAGAIN;
}

long Network::peek(int descriptor) {
  const Wire& wire = wire_of(descriptor);
  if (wire.inbox.size() > 0) return 1;
  if (wire.error != 0) return wire.error;
  return wire.ended || wire.shut ? 0 : UV_EAGAIN;
}

void Network::shut_down(int descriptor) {
  Wire& wire = wire_of(descriptor);
  wire.shut = true;
  look_later(wire);
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
  if (!wire.held) {
    if (wire.up.size() == 0) release(wire);
    return;
  }
  schedule(wire, wire.down, Event::Kind::down);
  look_later(wire);
}

void Network::serve(Wire& wire, std::size_t bytes) {
  const std::string_view arrived = wire.up.view().substr(0, bytes);
  if (wire.ending) {
    // nobody reads it
  } else if (encrypts(wire)) {
    serve_records(wire, arrived);
  } else {
    fleet_.at(wire.host).receive(wire.session, arrived, *this, wire.down.bytes);
  }
  wire.up.take(bytes);
}

void Network::serve_records(Wire& wire, std::string_view bytes) {
  using Type = Records::Type;
  while (!wire.ending && wire.records.pull(bytes)) {
    std::string replies;
    switch (wire.records.type()) {
      case Type::hello:
        wire.strange = strangers_left_ > 0 && world_.random.one_in(2);
        if (wire.strange) --strangers_left_;
        Records::append(wire.down.bytes, Type::hello,
                        wire.strange ? "elsewhere.example 10.9.9.9" : server_names);
        break;
      case Type::shaken:
        if (refusals_left_ == 0) break;
        --refusals_left_;
        Records::append(wire.down.bytes, Type::refusal);
        wire.ending = true;
        break;
      case Type::data:
        if (wire.strange) return world_.fail("somebody who is not the server is told of the cache");
        fleet_.at(wire.host).receive(wire.session, wire.records.payload(), *this, replies);
        encrypt(wire, replies);
        break;
      default:
        break;
    }
  }
  if (wire.records.broken()) world_.fail("the client sent a record that is none");
}

// In records of any size, others among them.
void Network::encrypt(Wire& wire, std::string_view replies) {
  while (!replies.empty()) {
    const std::size_t most = std::min(replies.size(), Records::payload_max);
    const std::size_t size = world_.random.one_in(plan_->pieces_one_in)
                                 ? 1 + world_.random.below(static_cast<std::uint32_t>(most))
                                 : most;
    Records::append(wire.down.bytes, Records::Type::data, replies.substr(0, size));
    replies.remove_prefix(size);
    if (world_.random.one_in(6)) Records::append(wire.down.bytes, Records::Type::new_keys);
  }
}

void Network::carry_down(Wire& wire) {
  wire.down.scheduled = false;
  if (!wire.held || wire.state != Wire::State::open || wire.silent) return;
  if (wire.down.blocked_until > world_.now) return schedule(wire, wire.down, Event::Kind::down);
  if (cut_here(wire, true)) return;
  hurt(wire);
  if (wire.state != Wire::State::open || wire.silent) return;
  if (wire.down.size() > 0) {
    const std::size_t size = before_cut(true, share(wire.down));
    carried_[1] += size;
    wire.inbox.bytes.append(wire.down.view().substr(0, size));
    wire.down.take(size);
    schedule(wire, wire.down, Event::Kind::down);
  } else {
    wire.ended = wire.ending;
  }
  // The loop may be at something else meanwhile, and the program may write before it has looked.
  if (encrypts(wire) && !wire.looks && world_.random.one_in(4)) {
    wire.looks = true;
    world_.schedule(world_.now + world_.random.below(2000), Event::Kind::ready, index_of(wire),
                    wire.generation);
  } else {
    look(wire);
  }
}

}  // namespace djcache::simulation
