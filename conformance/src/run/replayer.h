// Replayer: plays runs of a plan one after the other, with the servers it needs at hand.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "src/replay/result.h"
#include "src/replay/servers.h"
#include "src/run/plan.h"

namespace djcache::conformance {

class Replayer {
 public:
  // Both outlive the replayer. `location`: the user's server, or null.
  Replayer(const Plan& plan, const Options& options, Servers* location)
      : plan_(plan), options_(options), location_(location) {}
  CaseResult play(const Run& run);

 private:
  Servers& servers_for(const Configuration& configuration);

  const Plan& plan_;
  const Options& options_;
  Servers* location_;
  std::map<std::string, std::unique_ptr<Servers>> servers_;  // by binary
};

}  // namespace djcache::conformance
