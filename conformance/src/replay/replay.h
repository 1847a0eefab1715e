// Replays one case in one configuration: prepare, play, read the state, tear down, judge.
#pragma once

#include "src/cases/model.h"
#include "src/replay/configuration.h"
#include "src/replay/result.h"
#include "src/replay/servers.h"

namespace djcache::conformance {

// Why this case does not apply to this configuration, or "". Needs no server.
std::string not_applicable(const Case& c, const Configuration& configuration);

CaseResult replay(const Case& c, const Configuration& configuration, Servers& servers,
                  bool with_state);

}  // namespace djcache::conformance
