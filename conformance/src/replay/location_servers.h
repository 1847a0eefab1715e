// LocationServers: one server of the user's own. Only the database of its URL is used; it must be
// empty, or the user has said that it may be emptied, and then it is put back as it was.
#pragma once

#include <memory>
#include <string>

#include "src/replay/servers.h"

namespace djcache::conformance {

class LocationServers final : public Servers {
 public:
  // `value` null: `problem` says why the server cannot be used (never with its password).
  static harness::Opened<LocationServers> open(const std::string& url, bool allow_flush);
  ~LocationServers() override;

  Prepared prepare(const Case& c) override;
  void release() override;

  std::string title() const { return title_; }
  // What the user should know: CLIENT LIST refused, for instance.
  const std::string& note() const { return note_; }

 private:
  class Handle;
  struct Saved {
    std::string key, dump;
    std::int64_t expires_at_ms;  // 0: never
  };

  LocationServers() = default;
  std::string look(bool allow_flush);
  std::string save();
  void put_back();

  std::unique_ptr<Handle> handle_;
  std::vector<Saved> saved_;
  std::string title_, note_;
};

// host, port, credentials and database of a URL of the contract; what it cannot read is a problem.
std::string parse_location(const std::string& url, harness::Endpoint& endpoint);

}  // namespace djcache::conformance
