// EngineCore: services that Sentinels watch, and the pools that belong to them.
#include <algorithm>

#include "engine/engine_core.h"
#include "engine/pools_in_use.h"
#include "engine/random_seed.h"

namespace djcache::detail {

// Made before it is entered: an entry that is null would be found by everything that looks later.
sentinel::Service& EngineCore::service_for(const link::ServiceConfig& config) {
  ServiceIdentity identity = identity_of(config);
  if (const auto known = services_.find(identity); known != services_.end()) return *known->second;
  auto service = std::make_shared<sentinel::Service>(
      config.name, identity.second.addresses,
      sentinel::Service::Surroundings{
          .client = [this, options = identity.second](
                        const sentinel::Address& address) { return client_of(address, options); },
          .now = &net::Runtime::coarse_now,
          .random = random_fractions(),
          .moved = [this, identity](sentinel::Role role) { leave_servers_of(identity, role); }});
  return *services_.emplace(std::move(identity), std::move(service)).first->second;
}

EngineCore::ServiceIdentity EngineCore::identity_of(const link::ServiceConfig& config) {
  ServiceIdentity identity{config.name, config.sentinels};
  identity.second.read_replicas = false;
  return identity;
}

void EngineCore::leave_servers_of(const ServiceIdentity& identity, sentinel::Role role) {
  for (net::PoolDriver* driver : drivers_of(identity)) {
    if (role == sentinel::Role::primary) {
      driver->cut("the primary is elsewhere now");
    } else if (!driver->pool().config().service->primary) {
      driver->cut("the replica cannot serve now");
    }
  }
}

djcache::Client EngineCore::client_of(const sentinel::Address& sentinel,
                                      const SentinelOptions& options) {
  const auto known = sentinels_.find({sentinel, options});
  if (known != sentinels_.end()) return Alias::handle(known->second).client({});
  using namespace std::chrono_literals;
  settings::ServerPlan server;
  server.host = sentinel.host;
  server.port = sentinel.port;
  server.username = options.username;
  server.password = options.password;
  server.connect_limit = std::chrono::milliseconds(sentinel::Service::answer_ms);
  if (options.tls) {
    server.transport = settings::ServerUrl::Transport::tls;
    server.tls = *options.tls;
  }
  settings::AliasPlan plan{.kind = settings::BackendKind::redis, .servers = {server}};
  plan.command_limit = server.connect_limit;
  auto alias = build_alias("a Sentinel", CacheSettings{}, plan);
  sentinels_.emplace(std::pair(sentinel, options), alias);
  return Alias::handle(std::move(alias)).client({});
}

// --- Which pools belong together.

// The pools of a service, for all roles.
std::vector<net::PoolDriver*> EngineCore::drivers_of(const ServiceIdentity& identity) const {
  return drivers_that([&](const link::PoolConfig& config) {
    return config.service && identity_of(*config.service) == identity;
  });
}

// The pools of all services that these Sentinels watch.
std::vector<net::PoolDriver*> EngineCore::watched_by(const SentinelOptions& sentinels) const {
  return drivers_that([&](const link::PoolConfig& config) {
    return config.service && identity_of(*config.service).second == sentinels;
  });
}

std::vector<net::PoolDriver*> EngineCore::drivers_that(
    const std::function<bool(const link::PoolConfig&)>& belong) const {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    if (belong(driver->pool().config())) drivers.push_back(driver.get());
  }
  return drivers;
}

// The pools of the Sentinels themselves.
std::vector<net::PoolDriver*> EngineCore::drivers_of(const SentinelOptions& sentinels) const {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& [address_and_options, alias] : sentinels_) {
    if (!(address_and_options.second == sentinels)) continue;
    const auto its = drivers_of(*alias->backend);
    drivers.insert(drivers.end(), its.begin(), its.end());
  }
  return drivers;
}

std::vector<net::PoolDriver*> EngineCore::drivers_of(const Backend& backend) const {
  const std::vector<link::Pool*> pools = backend.pools();
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    if (std::find(pools.begin(), pools.end(), &driver->pool()) != pools.end()) {
      drivers.push_back(driver.get());
    }
  }
  return drivers;
}

// --- The end of connections.

// A service without connections to its servers needs no Sentinels.
void EngineCore::rest_services() {
  for (const auto& [identity, service] : services_) {
    if (!service->watching() || service->awaited()) continue;
    if (!any_in_use(drivers_of(identity))) service->rest();
  }
}

// The services among these pools of which no other pool is in use.
std::vector<sentinel::Service*> EngineCore::services_ending_with(
    const std::vector<net::PoolDriver*>& drivers) const {
  std::vector<sentinel::Service*> ending;
  for (const auto& [identity, service] : services_) {
    const auto its = drivers_of(identity);
    if (overlap(its, drivers) && !any_in_use(without(its, drivers)))
      ending.push_back(service.get());
  }
  return ending;
}

// The pools of Sentinels that only these pools use.
std::vector<net::PoolDriver*> EngineCore::sentinels_only_for(
    const std::vector<net::PoolDriver*>& drivers) const {
  std::vector<net::PoolDriver*> found;
  for (const auto& [identity, service] : services_) {
    const auto watched = watched_by(identity.second);
    if (!overlap(watched, drivers) || any_in_use(without(watched, drivers))) continue;
    for (net::PoolDriver* each : drivers_of(identity.second)) {
      if (std::find(found.begin(), found.end(), each) == found.end()) found.push_back(each);
    }
  }
  return found;
}

// Disconnects the pools of Sentinels that were connected during this drain only to ask for an
// address or to listen; returns them. Operations issued meanwhile need theirs.
std::vector<net::PoolDriver*> EngineCore::leave_sentinels_of(
    const std::vector<net::PoolDriver*>& drained) {
  std::vector<net::PoolDriver*> left;
  const link::Millis now = runtime_.now();
  for (const auto& [identity, service] : services_) {
    const auto watched = watched_by(identity.second);
    if (!overlap(watched, drained) || service->awaited()) continue;
    if (!any_in_use(drivers_of(identity))) service->rest();
    if (any_in_use(watched)) continue;
    for (net::PoolDriver* driver : drivers_of(identity.second)) {
      if (!in_use(*driver)) continue;
      retire(*driver, now, now);
      left.push_back(driver);
    }
  }
  return left;
}

}  // namespace djcache::detail
