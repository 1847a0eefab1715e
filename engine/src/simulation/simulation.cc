#include "simulation/simulation.h"

#include <arpa/inet.h>

#include <algorithm>

#include "codec/codec.h"

namespace djcache::simulation {

Simulation::Simulation()
    : fleet_(world_, truth_),
      loop_(world_, *this),
      network_(world_, fleet_),
      program_(world_, loop_, truth_) {
  // Allocations that a thread makes once would otherwise belong to the first seed.
  codec::Scratch scratch;
  codec::Encoded encoded;
  Value value("warm");
  Error error;
  Options options;
  options.serializer = Serializer::pickle;
  const auto codec = codec::make_codec(options);
  codec->encode(value, scratch, encoded, error);
  codec->decode(std::string(encoded.head) + std::string(encoded.body), value, error);
}

void Simulation::happen(const Event& event) {
  switch (event.kind) {
    case Event::Kind::step:
    case Event::Kind::produce:
      return program_.happen(event);
    case Event::Kind::resolve:
      return resolved(event.target);
    default:
      return network_.happen(event);
  }
}

// --- Names.

void Simulation::resolve(uv_getaddrinfo_t& request) {
  names_.push_back(&request);
  ++loop_.requests;
  world_.schedule(world_.now + world_.random.below(static_cast<std::uint32_t>(plan_.latency_max)),
                  Event::Kind::resolve, static_cast<std::uint32_t>(names_.size() - 1));
}

void Simulation::resolved(std::uint32_t place) {
  uv_getaddrinfo_t* request = names_[place];
  --loop_.requests;
  if (network_.strikes(Fault::resolve)) {
    return Loop::call([&] { request->cb(request, UV_EAI_NONAME, nullptr); });
  }
  addrinfo* list = nullptr;
  for (std::size_t i = 0; i < plan_.addresses; ++i) {
    auto* address = new sockaddr_in{};
    address->sin_family = AF_INET;
    // Other addresses lead nowhere, or to the same server.
    const std::uint32_t other = world_.random.one_in(2) ? 0x0a000009u : 0x0a000002u;
    address->sin_addr.s_addr = htonl(i == 0 ? 0x0a000001u : other);
    auto* entry = new addrinfo{};
    entry->ai_family = AF_INET;
    entry->ai_addrlen = sizeof *address;
    entry->ai_addr = reinterpret_cast<sockaddr*>(address);
    entry->ai_next = list;
    list = entry;
  }
  Loop::call([&] { request->cb(request, 0, list); });
}

// --- A seed.

template <class Condition>
void Simulation::run_while(Condition condition) {
  Micros since = world_.now;
  int turns = 0;
  while (!world_.failed() && condition()) {
    const bool more = loop_.turn();
    ++figures_.turns;
    if (plan_.cancel.wanted && loop_.turns() == plan_.cancel.turn) {
      program_.cancel(plan_.cancel.place);
    }
    program_.check();
    if (world_.random.one_in(4)) program_.check_pools();
    if (!more && !loop_.alive() && !condition()) return;
    if (!more) return world_.fail("nothing will ever happen any more, and something is waited for");
    turns = world_.now == since ? turns + 1 : 0;
    since = world_.now;
    if (turns > 1000) world_.fail("the loop spins");
  }
}

bool Simulation::run(std::uint64_t seed, bool traced) {
  begin(seed, traced);
  // Separate random numbers, so that seeds without this stay unchanged.
  Random random(~seed);
  if (random.one_in(8)) plan_.failing_allocation = random.between(1, 700);
  return run_planned();
}

void Simulation::begin(std::uint64_t seed, bool traced) {
  current_ = this;
  world_.reset(seed, traced);
  plan_ = make_plan(world_.random);
}

bool Simulation::run_planned() {
  Memory::reset(plan_.failing_allocation);
  truth_.reset();
  fleet_.reset(plan_);
  loop_.reset();
  network_.reset(plan_);
  names_.clear();
  program_.reset(plan_);
  run_while([this] { return program_.waits(); });
  end();
  if (!world_.failed()) count();
  return !world_.failed();
}

void Simulation::end() {
  const auto has_handles = [this] { return loop_.handles() > 0 || loop_.requests > 0; };
  const auto check_end = [this] {
    if (!world_.failed()) program_.check_end();
    if (network_.descriptors() > 0) world_.fail("a descriptor stays open");
  };
  if (!world_.failed() && world_.random.one_in(2)) {
    network_.heal();
    if (program_.has_engine()) program_.begin_recovery();
    run_while([this] { return !program_.recovered() || program_.waits(); });
    while (!world_.failed() && !program_.disconnect(true)) {
    }
    run_while([this] { return program_.disconnecting(); });
    run_while(has_handles);
    check_end();
  }
  if (world_.failed()) return;
  program_.destroy();
  run_while(has_handles);
  check_end();
}

std::size_t Simulation::told_of(Errc code) const {
  const auto& all = program_.operations();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& each) {
    return each.ended && !each.ok && !each.refused && each.code == code;
  }));
}

void Simulation::count() {
  ++figures_.seeds;
  figures_.out_of_memory += Memory::has_failed() ? 1 : 0;
  figures_.executions += truth_.size();
  for (const Operation& operation : program_.operations()) {
    ++figures_.operations;
    if (!operation.ended) continue;
    const std::size_t end = operation.ok ? errc_count : static_cast<std::size_t>(operation.code);
    ++figures_.ends[end];
    const auto kind = static_cast<std::uint64_t>(operation.kind);
    figures_.states.insert((kind * 64 + end) << 32 | world_.happened);
  }
}

std::string trace_of(std::uint64_t seed) {
  auto simulation = std::make_unique<Simulation>();
  simulation->run(seed, true);
  std::string text = simulation->trace();
  // After a failure nothing can be torn down any more.
  if (!simulation->failure().empty()) (void)simulation.release();
  return text;
}

}  // namespace djcache::simulation
