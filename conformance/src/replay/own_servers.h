// OwnServers: servers that the runner starts. Cases that only store and look share one, emptied
// between them; a case that stops, reconfigures or counts gets its own.
#pragma once

#include <string>

#include "src/replay/servers.h"

namespace djcache::conformance {

class OwnServers final : public Servers {
 public:
  explicit OwnServers(std::string binary);
  ~OwnServers() override;
  Prepared prepare(const Case& c) override;
  void release() override;

 private:
  class Handle;
  using Handles = std::map<std::string, std::unique_ptr<Handle>>;

  Handle& start(Handles& where, const std::string& name, harness::RedisServerOptions options);
  void prepare_shared(const Case& c);
  void prepare_own(const Case& c);
  void start_named(const Case& c, const std::string& name);

  std::string binary_;
  Handles shared_;  // "server", "server:2", and "replicated" with its "replica:N"
  Handles own_;     // of the current case
};

}  // namespace djcache::conformance
