// OwnServers: servers started by the runner. Cases that only store and read share one, emptied
// between cases; a case that stops, reconfigures or counts gets its own.
#pragma once

#include <string>

#include <djcache/harness/certificates.h>

#include "src/replay/configuration.h"
#include "src/replay/servers.h"

namespace djcache::conformance {

class OwnServers final : public Servers {
 public:
  // Throws std::runtime_error if no certificates can be made or no Sentinel starts.
  explicit OwnServers(const ServerKind& kind);
  ~OwnServers() override;
  Prepared prepare(const Case& c) override;
  void release() override;
  std::uint16_t sentinel() const override { return sentinel_ ? sentinel_->port() : 0; }
  const TlsOptions* tls() const override { return secured_.authority ? &secured_.client : nullptr; }

 private:
  struct Secured {
    std::unique_ptr<harness::CertificateAuthority> authority{};  // null: plain
    harness::Certificate server{};
    TlsOptions client{};
  };
  class Watch;
  class Handle;
  using Handles = std::map<std::string, std::unique_ptr<Handle>>;

  Handle& start(Handles& where, const std::string& name, harness::RedisServerOptions options);
  void prepare_shared(const Case& c);
  void prepare_own(const Case& c);
  void start_named(const Case& c, const std::string& name);

  ServerKind kind_;
  std::unique_ptr<harness::RedisServer> sentinel_;
  Secured secured_;
  Handles shared_;  // "server", "server:2", and "replicated" with its "replica:N"
  Handles own_;     // of the current case
};

}  // namespace djcache::conformance
