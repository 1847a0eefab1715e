#include "src/run/replayer.h"

#include "src/replay/location_servers.h"
#include "src/replay/no_servers.h"
#include "src/replay/own_servers.h"
#include "src/replay/replay.h"

namespace djcache::conformance {

Servers& Replayer::servers_for(const Configuration& configuration) {
  const bool wants_server = configuration.backend->has_server;
  if (wants_server && !options_.location.empty()) {
    // The URL was checked before the first run.
    if (location_ == nullptr) location_ = LocationServers::open(options_.location).value;
    return *location_;
  }
  auto& servers = servers_[configuration.server.name];
  if (servers == nullptr && wants_server) {
    servers = std::make_unique<OwnServers>(configuration.server);
  } else if (servers == nullptr) {
    servers = std::make_unique<NoServers>();
  }
  return *servers;
}

CaseResult Replayer::play(const Run& run) {
  const Configuration& configuration = plan_.configurations[run.configuration];
  return replay(plan_.cases[run.case_index], configuration, servers_for(configuration),
                options_.state || options_.compare_states);
}

}  // namespace djcache::conformance
