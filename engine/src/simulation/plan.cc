#include "simulation/plan.h"

namespace djcache::simulation {

namespace {

constexpr std::uint32_t bit(Fault fault) { return 1u << static_cast<unsigned>(fault); }
constexpr std::uint32_t all_faults = (1u << static_cast<unsigned>(Fault::count)) - 1;

// A strange reply can only be told from an answer by the operation it is taken for. One that has
// timed out looks at nothing: there, every reply after it belongs to another operation, and no
// client can know.
void plan_strangeness(Plan& plan) {
  plan.fault_kinds = bit(Fault::strange);
  plan.faults = 1;
  plan.may_time_out = false;
}

void plan_faults(Plan& plan, Random& random) {
  switch (random.below(8)) {
    case 0:  // calm: whatever fails is our fault
      plan.faults = 0;
      plan.may_time_out = random.one_in(2);
      return;
    case 1:
      return plan_strangeness(plan);
    case 2:
    case 3:  // one kind, again and again
      plan.faults = random.between(1, 6);
      plan.fault_kinds = 1u << random.below(static_cast<std::uint32_t>(Fault::count));
      break;
    default:
      plan.faults = random.between(1, 4);
      plan.fault_kinds = all_faults;
  }
  plan.fault_kinds &= ~bit(Fault::strange);
  plan.fault_one_in = random.between(2, 16);
}

void plan_network(Plan& plan, Random& random) {
  constexpr Micros latencies[] = {200, 2000, 30'000};
  plan.latency_max = latencies[random.below(3)];
  plan.pieces_one_in = random.between(1, 6);
  if (random.one_in(3)) plan.send_room = random.between(60, 3000);
  if (plan.send_room < 10'000) plan.large_max = 1500;
  plan.named = random.one_in(4);
  plan.addresses = random.between(1, 2);
}

void plan_program(Plan& plan, Random& random) {
  constexpr Serializer serializers[] = {Serializer::msgpack, Serializer::pickle, Serializer::json};
  plan.serializer = serializers[random.below(3)];
  plan.connections_max = random.one_in(3) ? random.between(2, 3) : 1;
  if (random.one_in(8)) plan.pending_max = random.between(1, 6);
  if (random.one_in(16)) plan.pending_max_bytes = random.between(500, 3000);
  plan.second_database = random.one_in(2);
  plan.password = random.one_in(4);
  // Mostly enough for a round trip.
  const auto trip = static_cast<std::uint32_t>(plan.latency_max / 1000);
  const std::uint32_t limits[] = {5, 10 + 8 * trip, 100 + 8 * trip, 500};
  plan.command_limit_ms = plan.may_time_out ? limits[random.below(4)] : 3'600'000;
  plan.connect_limit_ms = plan.latency_max <= 2000 && random.one_in(2) ? 300 : 5000;
  plan.stall_limit_ms = random.one_in(2) ? 50 : 2000;
  plan.steps = random.between(1, 8);
  plan.burst_max = random.between(1, 8);
  plan.pause_max_ms = random.one_in(3) ? 400 : 10;
  plan.keys = random.between(1, 4);
  plan.cancels = !random.one_in(4);
  plan.disconnects = random.one_in(3);
  plan.destroys = random.one_in(4);
}

// All times of a failover are those of a real one, or a fraction of them, so that short runs see
// the whole of it.
void plan_failovers(Plan& plan, Random& random) {
  if (!random.one_in(4)) return;
  plan.sentinels = random.between(1, 3);
  plan.tls_of_sentinels = plan.tls && random.one_in(2);
  plan.failovers = random.below(3);
  const Micros scale = random.one_in(2) ? 1 : random.one_in(2) ? 20 : 200;
  const Micros length = plan.steps * plan.pause_max_ms * Micros{1000};
  Micros at = 0;
  for (std::uint32_t i = 0; i < plan.failovers; ++i) {
    PlannedFailover& failover = plan.failover[i];
    failover.at = at + 1 + random.below(static_cast<std::uint32_t>(length));
    failover.dies = random.one_in(3);
    failover.dead_before = random.below(1'500'000) / scale;
    failover.demoted_after = (failover.dies ? random.below(5'000'000) : 10'000'000) / scale;
    failover.leader = random.below(3);
    for (Micros& known : failover.known_after) known = random.below(1'200'000) / scale;
    failover.known_after[failover.leader] /= 20;
    failover.published_late = 1'100'000 / scale;
    at = failover.at + (random.one_in(2) ? 0 : failover.demoted_after);
  }
}

}  // namespace

Plan make_plan(Random& random) {
  Plan plan;
  plan_faults(plan, random);
  plan_network(plan, random);
  plan_program(plan, random);
  // From a copy: what a seed did before there were such servers it does still.
  Random servers = random;
  plan.lacks_scripts = servers.one_in(8);
  plan.lacks_transactions = servers.one_in(8);
  plan.tls = servers.one_in(3);
  if (plan.tls && servers.one_in(8)) plan.refuses_clients = servers.between(1, 3);
  if (plan.tls && servers.one_in(8)) plan.strangers = servers.between(1, 3);
  plan_failovers(plan, servers);
  return plan;
}

void calm(Plan& plan) {
  plan.faults = 0;
  plan.latency_max = 200;
  plan.named = false;
  plan.command_limit_ms = 500;
  plan.connect_limit_ms = 300;
  plan.stall_limit_ms = 50;
  plan.pending_max = 100'000;
  plan.pending_max_bytes = 64u << 20;
  plan.steps = 8;
  plan.burst_max = 8;
  plan.pause_max_ms = 10;
  plan.operations_max = 60;
  plan.large_max = 1500;
  plan.cancels = plan.disconnects = plan.destroys = false;
  plan.refuses_clients = plan.strangers = plan.failovers = 0;
  plan.may_time_out = true;
}

Settings make_settings(const Plan& plan) {
  using std::chrono::milliseconds;
  CacheSettings cache;
  const char* const place = plan.sentinels > 0 ? "mymaster"
                            : plan.named       ? "cache.example:6379"
                                               : "10.0.0.1:6379";
  cache.location = {std::string(plan.tls ? "rediss://" : "redis://") + place};
  Options& options = cache.options;
  if (plan.sentinels > 0) {
    SentinelOptions& sentinels = options.sentinel.emplace();
    for (std::uint32_t i = 0; i < plan.sentinels; ++i) {
      sentinels.addresses.push_back({"10.0.0." + std::to_string(first_sentinel + i)});
    }
    if (plan.tls_of_sentinels) sentinels.tls.emplace();
  }
  options.serializer = plan.serializer;
  options.connections_max = plan.connections_max;
  options.pending_max = plan.pending_max;
  options.pending_max_bytes = plan.pending_max_bytes;
  options.command_limit = milliseconds(plan.command_limit_ms);
  options.connect_limit = milliseconds(plan.connect_limit_ms);
  options.stall_limit = milliseconds(plan.stall_limit_ms);
  options.backoff_max = milliseconds(200);
  if (plan.password) options.password = server_password;
  Settings settings;
  settings.caches.emplace("default", cache);
  if (plan.second_database) {
    cache.options.db = 1;
  } else {
    cache.key_prefix = "second";
  }
  settings.caches.emplace("second", std::move(cache));
  return settings;
}

}  // namespace djcache::simulation
