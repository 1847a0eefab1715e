// NoServers: for backends without servers.
#pragma once

#include "src/replay/servers.h"

namespace djcache::conformance {

class NoServers final : public Servers {
 public:
  Prepared prepare(const Case&) override { return {}; }
  void release() override {}
};

}  // namespace djcache::conformance
