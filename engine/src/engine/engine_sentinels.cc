// EngineCore: services that Sentinels watch, and the pools that belong to them.
#include <algorithm>

#include "engine/engine_core.h"
#include "engine/pools_in_use.h"
#include "engine/random_seed.h"

namespace djcache::detail {

sentinel::Service& EngineCore::service_for(const link::ServiceConfig& config) {
  ServiceIdentity identity{config.name, config.sentinels};
  identity.second.read_replicas = false;
  std::shared_ptr<sentinel::Service>& service = services_[identity];
  if (service == nullptr) {
    service = std::make_shared<sentinel::Service>(
        config.name, identity.second.addresses,
        sentinel::Service::Surroundings{.client =
                                            [this, identity](const sentinel::Address& address) {
                                              return client_of(address, identity.second);
                                            },
                                        .now = &net::Runtime::coarse_now,
                                        .random = random_fractions(),
                                        .moved =
                                            [this, identity] {
                                              for (net::PoolDriver* driver : drivers_of(identity)) {
                                                driver->cut("the primary is elsewhere now");
                                              }
                                            }});
  }
  return *service;
}

djcache::Client EngineCore::client_of(const sentinel::Address& sentinel,
                                      const SentinelOptions& options) {
  std::shared_ptr<Alias>& alias = sentinels_[{sentinel, options}];
  if (alias == nullptr) {
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
    alias = build_alias("a Sentinel", CacheSettings{}, plan);
  }
  return Alias::handle(alias).client({});
}

// The pools of a service, for all roles.
std::vector<net::PoolDriver*> EngineCore::drivers_of(const ServiceIdentity& identity) const {
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    const auto& service = driver->pool().config().service;
    if (service && service->name == identity.first &&
        service->sentinels.addresses == identity.second.addresses) {
      drivers.push_back(driver.get());
    }
  }
  return drivers;
}

// A service without connections to its servers needs no Sentinels.
void EngineCore::rest_services() {
  for (const auto& [identity, service] : services_) {
    if (!service->watching() || service->awaited()) continue;
    if (!any_in_use(drivers_of(identity))) service->rest();
  }
}

// Disconnects the pools of Sentinels that were connected during this drain only to ask for an
// address or to listen; returns them. Operations issued meanwhile need theirs.
std::vector<net::PoolDriver*> EngineCore::leave_sentinels_of(
    const std::vector<net::PoolDriver*>& drained) {
  std::vector<net::PoolDriver*> left;
  const link::Millis now = runtime_.now();
  for (const auto& [identity, service] : services_) {
    const auto drivers = drivers_of(identity);
    if (!overlap(drivers, drained) || service->awaited() || any_in_use(drivers)) continue;
    service->rest();
    for (const auto& [address_and_options, alias] : sentinels_) {
      if (!(address_and_options.second == identity.second)) continue;
      for (net::PoolDriver* driver : drivers_of(*alias->backend)) {
        if (!in_use(*driver)) continue;
        retire(*driver, now, now);
        left.push_back(driver);
      }
    }
  }
  return left;
}

std::vector<net::PoolDriver*> EngineCore::drivers_of(const Backend& backend) const {
  const std::vector<link::Pool*> pools = backend.pools();
  std::vector<net::PoolDriver*> drivers;
  for (const auto& driver : runtime_.drivers()) {
    if (std::find(pools.begin(), pools.end(), &driver->pool()) != pools.end()) {
      drivers.push_back(driver.get());
    }
  }
  // Addresses come from Sentinels, whose connections close together with the pool's own.
  for (const link::Pool* pool : pools) {
    if (!pool->config().service) continue;
    for (const auto& [identity, alias] : sentinels_) {
      const auto& known = pool->config().service->sentinels.addresses;
      if (std::find(known.begin(), known.end(), identity.first) == known.end()) continue;
      for (net::PoolDriver* each : drivers_of(*alias->backend)) {
        if (std::find(drivers.begin(), drivers.end(), each) == drivers.end()) {
          drivers.push_back(each);
        }
      }
    }
  }
  return drivers;
}

}  // namespace djcache::detail
