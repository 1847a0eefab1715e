#include "simulation/program.h"

#include <algorithm>

namespace djcache::simulation {

namespace {
constexpr std::chrono::milliseconds drain_limits[] = {
    std::chrono::milliseconds(1), std::chrono::milliseconds(20), std::chrono::milliseconds(500)};
}

void Program::reset(const Plan& plan) {
  plan_ = &plan;
  judge_.reset(plan);
  engines_ = 0;
  operations_.clear();
  disconnects_.clear();
  makings_.clear();
  leasings_.clear();
  open_ = closures_ = reports_due_ = 0;
  recovering_ = 0;
  recovery_ = false;
  inside_ = 0;
  soonest_ = never;
  make_engine();
  steps_left_ = plan.steps;
  Micros at = world_.now;
  for (std::uint32_t i = 0; i < plan.steps; ++i) {
    world_.schedule(at, Event::Kind::step, 0);
    at += world_.random.below(plan.pause_max_ms * 1000);
  }
}

void Program::make_engine() {
  Settings settings = make_settings(*plan_);
  settings.on_event = [this](const PoolEvent& event) {
    const Outside world;
    if (inside_ > 0) world_.fail("on_event inside a call of the API");
    if (event.kind == PoolEvent::Kind::disconnected && event.reason != "disconnect") {
      judge_.lost(event);
    }
  };
  ++engines_;
  const auto make = [&] {
    if (engine_ == nullptr) engine_ = std::make_unique<Engine>(loop_.uv(), settings);
    caches_[0].emplace(engine_->cache());
    caches_[1].emplace(engine_->cache("second"));
  };
  while (!enter(make)) {
  }
}

void Program::happen(const Event& event) {
  if (event.kind == Event::Kind::produce) return resolve(event.target);
  if (event.target > 0) return recover(static_cast<std::uint8_t>(event.target - 1));
  --steps_left_;
  step();
}

void Program::step() {
  Random& random = world_.random;
  if (engine_ == nullptr && !recovery_ && random.one_in(2)) make_engine();
  issue_some(plan_->burst_max);
  if (plan_->cancels && random.one_in(3)) cancel_one();
  if (plan_->disconnects && random.one_in(6)) disconnect_some();
  if (plan_->destroys && random.one_in(12)) destroy();
  if (random.one_in(6)) react(Operation::Then::busy);
}

void Program::react(Operation::Then then) {
  using Then = Operation::Then;
  if (recovery_) return;
  switch (then) {
    case Then::nothing:
      return;
    case Then::issue:
      return issue_some(2);
    case Then::cancel:
      return cancel_one();
    case Then::disconnect:
      return disconnect_some();
    case Then::destroy:
      return destroy();
    case Then::busy: {
      if (!plan_->allows(Fault::busy) || plan_->faults == 0) return;
      const Micros time = 1000 * world_.random.below(world_.random.one_in(4) ? 600 : 20);
      world_.count(Fault::busy);
      if (world_.traced()) world_.tell("FAULT busy for " + std::to_string(time / 1000) + " ms");
      world_.now += time;
      world_.busy += time;
    }
  }
}

void Program::cancel_one() {
  if (engine_ == nullptr || operations_.empty()) return;
  cancel(world_.random.below(static_cast<std::uint32_t>(operations_.size())));
}

void Program::cancel(std::uint32_t place) {
  if (engine_ == nullptr || place >= operations_.size()) return;
  Operation& operation = operations_[place];
  // A lease's ticket is useless once the lease was handed over; its commands are not cancelled.
  if (operation.engine != engines_ || operation.kind == Operation::Kind::leased) return;
  bool promised = false;
  if (!enter([&] { promised = engine_->cancel(operation.ticket); })) {
    world_.fail("a cancel needs memory");
  }
  if (promised && operation.ended) complain(place, "can be cancelled after its end");
  if (!promised && !operation.ended && !operation.cancelled) complain(place, "cannot be cancelled");
  if (promised) {
    operation.cancelled = true;
    operation.cancelled_in = loop_.turns();
  }
  if (world_.traced() && promised) world_.tell("cancel " + std::to_string(place));
}

// --- Disconnect.

void Program::disconnect_some() { (void)disconnect(world_.random.one_in(2)); }

bool Program::disconnect(bool whole_engine) {
  if (engine_ == nullptr) return true;
  Random& random = world_.random;
  DisconnectOptions options;
  options.mode = random.one_in(2) ? DisconnectMode::drain : DisconnectMode::abort;
  options.limit = drain_limits[random.below(3)];
  const std::size_t place = disconnects_.size();
  Disconnect disconnect;
  disconnect.engine = engines_;
  disconnect.operations = operations_.size();
  disconnect.whole_engine = whole_engine;
  const Micros drain =
      options.mode == DisconnectMode::abort ? 0 : 1000 * static_cast<Micros>(options.limit.count());
  // A name that is being resolved is waited for.
  disconnect.deadline = world_.now + drain + 2 * plan_->latency_max + 3000;
  disconnect.busy = world_.busy;
  // A pending disconnect reports once its pool is quiet, including this one.
  for (Disconnect& each : disconnects_) {
    if (!each.reported) each.deadline = std::max(each.deadline, disconnect.deadline);
  }
  disconnects_.push_back(disconnect);
  judge_.note_disconnect(engines_, operations_.size());
  ++reports_due_;
  if (world_.traced()) {
    world_.tell(std::string(options.mode == DisconnectMode::drain ? "drain" : "abort") +
                (whole_engine ? " everything" : " a pool") + ", disconnect " +
                std::to_string(place));
  }
  const auto done = [this, place](DisconnectReport) {
    const Outside world;
    reported(place);
  };
  const bool issued = enter([&] {
    if (whole_engine) {
      engine_->disconnect(options, done);
    } else if (std::vector<Pool> pools = engine_->pools(); random.one_in(2)) {
      pools[random.below(static_cast<std::uint32_t>(pools.size()))].disconnect(options, done);
    } else {
      caches_[random.below(2)]->disconnect(options, done);
    }
  });
  if (!issued) {
    disconnects_[place].orphaned = true;  // and no report may come
    --reports_due_;
  }
  return issued;
}

void Program::reported(std::size_t place) {
  Disconnect& disconnect = disconnects_[place];
  if (world_.traced()) world_.tell("disconnect " + std::to_string(place) + " reports");
  if (inside_ > 0) world_.fail("a report inside a call of the API");
  if (disconnect.reported) world_.fail("a disconnect reports twice");
  if (disconnect.orphaned) world_.fail("a disconnect reports after its engine is gone");
  disconnect.reported = true;
  --reports_due_;
  if (!disconnect.whole_engine) return;
  for (std::size_t i = 0; i < disconnect.operations; ++i) {
    const Operation& operation = operations_[i];
    // Commands over its lease are issued later.
    if (operation.kind == Operation::Kind::leased) continue;
    if (operation.engine == disconnect.engine && !operation.ended) {
      complain(static_cast<std::uint32_t>(i), "waits, though a disconnect after it has reported");
    }
  }
  const bool issued_since = disconnect.issued_since || operations_.size() > disconnect.operations;
  if (!issued_since && reports_due_ == 0 && engines_ == 1 && loop_.handles() > 0) {
    world_.fail("a disconnect has reported, and " + std::to_string(loop_.handles()) +
                " handles are left");
  }
}

// --- The end.

void Program::destroy() {
  if (engine_ == nullptr) return;
  if (world_.traced()) world_.tell("destroy engine " + std::to_string(engines_));
  for (Operation& operation : operations_) {
    if (operation.ended || operation.orphaned) continue;
    operation.orphaned = true;
    --open_;
  }
  for (Disconnect& disconnect : disconnects_) {
    if (disconnect.reported || disconnect.orphaned) continue;
    disconnect.orphaned = true;
    --reports_due_;
  }
  if (recovery_) recovering_ = 0;
  std::unique_ptr<Engine> dying = std::move(engine_);
  enter([&] { dying.reset(); });
  leasings_.clear();
}

void Program::begin_recovery() {
  recovery_ = true;
  recovering_ = 2;
  // A silent connection may occupy the only place: its command and its attempt must end first.
  recovery_deadline_ = world_.now + 15'000'000;
  recover(0);
  recover(1);
}

void Program::check() {
  if (open_ == 0) return;
  if (!loop_.alive()) world_.fail("the loop would end, though operations wait");
  if (world_.now <= soonest_) return;
  soonest_ = never;
  for (std::uint32_t i = 0; i < operations_.size(); ++i) {
    const Operation& operation = operations_[i];
    if (operation.ended || operation.orphaned) continue;
    const Micros deadline = operation.deadline + world_.busy - operation.busy;
    if (world_.now > deadline) return complain(i, "has not ended by its deadline");
    soonest_ = std::min(soonest_, deadline);
  }
}

void Program::check_pools() {
  for (const Disconnect& each : disconnects_) {
    if (each.reported || each.orphaned) continue;
    if (world_.now > each.deadline + world_.busy - each.busy) {
      world_.fail("a disconnect has not reported by its deadline");
    }
  }
  if (engine_ == nullptr) return;
  for (const Pool& pool : engine_->pools()) {
    const PoolInfo info = pool.info();
    // Those of Sentinels have bounds of their own.
    const bool bounded = info.endpoint.find(":26379") == std::string::npos;
    if (bounded && (info.in_flight + info.queued > plan_->pending_max ||
                    info.pending_bytes > plan_->pending_max_bytes)) {
      world_.fail("a pool holds more than it may");
    }
    if (info.in_flight + info.queued == 0 && info.pending_bytes > 0) {
      world_.fail("a pool without operations holds bytes");
    }
  }
}

void Program::check_end() {
  if (engine_ != nullptr) {
    for (const Pool& pool : engine_->pools()) {
      const PoolInfo info = pool.info();
      if (info.in_flight + info.queued + info.pending_bytes + info.connections > 0) {
        world_.fail("something is left in a pool that was disconnected");
      }
    }
  } else {
    makings_.clear();
    for (std::uint32_t i = 0; i < operations_.size(); ++i) {
      if (!operations_[i].closure_gone) complain(i, "has a callback that nobody destroys");
    }
    if (closures_ > 0) world_.fail("callbacks are left");
  }
  if (loop_.handles() > 0) {
    world_.fail(std::to_string(loop_.handles()) + " handles are left on the loop");
  }
}

void Program::complain(std::uint32_t place, std::string_view what) {
  world_.fail("operation " + std::to_string(place) + " (" +
              std::string(to_string(operations_[place].kind)) + ") " + std::string(what));
}

}  // namespace djcache::simulation
