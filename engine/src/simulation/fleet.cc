#include "simulation/fleet.h"

#include <algorithm>

namespace djcache::simulation {

namespace {

// What an engine may need from the last publication until it has left the old primary, when the
// network is sound: time for what is on the way, a question, and its answer.
constexpr Micros grace = 1'000'000;

void say_bulk(std::string& out, std::string_view text) {
  out += "$" + std::to_string(text.size()) + "\r\n";
  out += text;
  out += "\r\n";
}

std::string address(unsigned host) { return "10.0.0." + std::to_string(host); }

}  // namespace

Fleet::Fleet(World& world, Truth& truth)
    : world_(world),
      truth_(truth),
      lone_(world, truth),
      servers_{Server(world, truth), Server(world, truth), Server(world, truth)},
      sentinels_{Sentinel(*this, world, truth), Sentinel(*this, world, truth),
                 Sentinel(*this, world, truth)} {}

void Fleet::reset(const Plan& plan) {
  plan_ = &plan;
  service_ = plan.sentinels > 0;
  lone_.reset(plan);
  if (!service_) return;
  primary_ = told_last_ = 0;
  dead_ = {};
  switches_ = {};
  for (unsigned i = 0; i < 3; ++i) {
    servers_[i].reset(plan);
    if (i != primary_) servers_[i].become_replica();
    sentinels_[i].server.reset(plan);
    sentinels_[i].index = i;
    sentinels_[i].view = primary_;
    sentinels_[i].switches = 0;
  }
  for (std::uint32_t number = 0; number < plan.failovers; ++number) {
    const PlannedFailover& failover = plan.failover[number];
    const auto schedule = [&](Micros after, std::uint32_t what) {
      world_.schedule(world_.now + after, Event::Kind::failover, number, what);
    };
    if (failover.dies) schedule(failover.at - std::min(failover.at, failover.dead_before), dies);
    schedule(failover.at, promotes);
    for (unsigned i = 0; i < 3; ++i) {
      const Micros known = failover.at + failover.known_after[i];
      schedule(known, learns + i);
      schedule(known + (i == failover.leader ? failover.published_late : 0), publishes + i);
    }
    schedule(failover.at + failover.demoted_after, ends);
  }
}

bool Fleet::is_dead(unsigned host) const {
  return service_ && host - first_of_service < 3 && dead_[host - first_of_service];
}

Server& Fleet::at(unsigned host) {
  if (is_sentinel(host)) return sentinels_[host - first_sentinel].server;
  return host - first_of_service < 3 ? servers_[host - first_of_service] : lone_;
}

// --- Failovers.

void Fleet::happen(const Event& event, Wires& wires) {
  const std::uint32_t number = event.target, what = event.generation;
  Switch& change = switches_[number];
  if (what == dies) {
    dead_[primary_] = true;
    change.from = primary_;
    if (world_.traced()) world_.tell("FAILOVER " + address(primary()) + " dies");
    return wires.end_all(primary());
  }
  if (what == promotes) return promote(number);
  if (!change.under_way) {
    if (what == ends && plan_->failover[number].dies) dead_[change.from] = false;
    return;
  }
  if (what == ends) return end(number, wires);
  if (what >= publishes) return publish(number, what - publishes, wires);
  Sentinel& sentinel = sentinels_[what - learns];
  // A switch that is older than what it knows is no news.
  if (sentinel.switches > number) return;
  sentinel.switches = number + 1;
  sentinel.view = change.to;
}

// To a replica that is alive, if there is one.
void Fleet::promote(std::uint32_t number) {
  const PlannedFailover& plan = plan_->failover[number];
  Switch& change = switches_[number];
  const unsigned begin = world_.random.below(3);
  for (unsigned i = 0; i < 3 && !change.under_way; ++i) {
    const unsigned candidate = (begin + i) % 3;
    if (dead_[candidate] || !servers_[candidate].is_replica()) continue;
    change = {primary_, candidate, true};
  }
  if (!change.under_way) return;
  servers_[change.to].become_primary_after(servers_[change.from]);
  const bool sound = plan_->faults == 0 && plan_->failing_allocation == 0;
  const Micros known = *std::max_element(plan.known_after.begin(), plan.known_after.end());
  if (sound) {
    servers_[change.from].note_replaced(world_.now + known + plan.published_late + grace +
                                        40 * plan_->latency_max);
  }
  primary_ = change.to;
  ++truth_.failovers;
  if (world_.traced()) world_.tell("FAILOVER to " + address(primary()));
}

void Fleet::publish(std::uint32_t number, unsigned sentinel, Wires& wires) {
  const Switch& change = switches_[number];
  std::string bytes = "*3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n";
  say_bulk(bytes, "mymaster " + address(first_of_service + change.from) + " 6379 " +
                      address(first_of_service + change.to) + " 6379");
  if (world_.traced())
    world_.tell("FAILOVER is published by " + address(first_sentinel + sentinel));
  wires.publish(first_sentinel + sentinel, bytes);
}

// The old primary is told, or comes back. It may be the new one again.
void Fleet::end(std::uint32_t number, Wires& wires) {
  const unsigned old = switches_[number].from;
  dead_[old] = false;
  if (old == primary_) return;
  if (world_.traced()) world_.tell("FAILOVER demotes " + address(first_of_service + old));
  wires.end_all(first_of_service + old);
  servers_[old].become_replica();
}

// --- Sentinels.

void Fleet::Sentinel::answer(const Arguments& words, Session& session, std::string& out) {
  const auto is = [&](std::size_t place, std::string_view word) {
    return words.size() > place && words[place] == word;
  };
  if (is(0, "CLIENT")) {
    out += "+OK\r\n";
  } else if (is(0, "PING")) {
    out += session.subscribed ? "*2\r\n$4\r\npong\r\n$0\r\n\r\n" : "+PONG\r\n";
  } else if (is(0, "SUBSCRIBE")) {
    session.subscribed = true;
    out += "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n";
  } else if (is(1, "GET-MASTER-ADDR-BY-NAME") && is(2, "mymaster")) {
    fleet.name_primary(*this, out);
  } else if (is(1, "SENTINELS") && is(2, "mymaster")) {
    out += "*2\r\n";
    for (unsigned i = 0; i < 3; ++i) {
      if (i == index) continue;
      out += "*6\r\n$2\r\nip\r\n";
      say_bulk(out, address(first_sentinel + i));
      out += "$4\r\nport\r\n$5\r\n26379\r\n$5\r\nflags\r\n$8\r\nsentinel\r\n";
    }
  } else {
    out += "-ERR unknown command\r\n";
    fleet.world_.fail("a Sentinel is told of the cache");
  }
}

void Fleet::name_primary(const Sentinel& sentinel, std::string& out) {
  if (sentinel.view != told_last_) ++truth_.moves_told;
  told_last_ = sentinel.view;
  out += "*2\r\n";
  say_bulk(out, address(first_of_service + sentinel.view));
  say_bulk(out, "6379");
}

}  // namespace djcache::simulation
