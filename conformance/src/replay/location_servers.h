// LocationServers: a server of the user's. Only the database of its URL is used, and emptied for
// each case; its content is kept elsewhere (src/backup).
#pragma once

#include <memory>
#include <string>

#include "src/replay/servers.h"

namespace djcache::conformance {

class LocationServers final : public Servers {
 public:
  // `value` null: `problem` says why the URL cannot be used (never with its password).
  static harness::Opened<LocationServers> open(const std::string& url);
  ~LocationServers() override;

  Prepared prepare(const Case& c) override;
  void release() override;

  const harness::Endpoint& endpoint() const;

  struct Look {
    std::string problem = {};
    std::int64_t keys = 0;
    std::string title = {};  // "redis 7.0.15"
    std::string note = {};   // a note for the user: CLIENT LIST is refused, for instance
  };
  Look look();

 private:
  class Handle;

  LocationServers() = default;

  std::unique_ptr<Handle> handle_;
};

// Host, port, credentials and database of a URL of the contract; anything else is a problem.
std::string parse_location(const std::string& url, harness::Endpoint& endpoint);

}  // namespace djcache::conformance
