// Replayer: replays runs of a plan one after the other, and keeps the servers they need.
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
  // `plan` and `options` must outlive the replayer.
  Replayer(const Plan& plan, const Options& options) : plan_(plan), options_(options) {}
  CaseResult play(const Run& run);

 private:
  Servers& servers_for(const Configuration& configuration);

  const Plan& plan_;
  const Options& options_;
  std::unique_ptr<Servers> location_;                        // the user's server
  std::map<std::string, std::unique_ptr<Servers>> servers_;  // by binary
};

}  // namespace djcache::conformance
