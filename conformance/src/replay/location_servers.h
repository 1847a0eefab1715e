// LocationServers: a server of the user's. Only the database of its URL is used, and it is emptied
// for each case; src/backup saves its content.
#pragma once

#include <memory>
#include <string>

#include "src/replay/servers.h"

namespace djcache::conformance {

class LocationServers final : public Servers {
 public:
  // `value` is null if the URL cannot be used; `problem` has the reason, never with the password.
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

// Host, port, credentials and database of a URL. Returns "", or why the URL is not supported.
std::string parse_location(const std::string& url, harness::Endpoint& endpoint);

}  // namespace djcache::conformance
