// The content of the servers after a case, for comparison with what Django leaves: FORMAT.md, "What
// a replay reports".
#pragma once

#include "src/cases/node.h"
#include "src/replay/servers.h"

namespace djcache::conformance {

Json server_state(const Servers& servers);

}  // namespace djcache::conformance
