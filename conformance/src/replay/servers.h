// Servers: provides the servers of a case. Two implementations: own_servers.h starts servers,
// location_servers.h uses the user's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <djcache/tls.h>

#include <djcache/harness/inspector.h>
#include <djcache/harness/redis_server.h>

#include "src/cases/model.h"

namespace djcache::conformance {

// One server during one case.
class ServerHandle {
 public:
  virtual ~ServerHandle() = default;

  virtual std::string url(int db) const = 0;
  virtual std::string unix_url(int db) const = 0;
  virtual std::uint16_t port() const = 0;
  virtual harness::Endpoint endpoint(int db) const = 0;
  virtual std::vector<int> databases() = 0;     // those that may hold keys
  virtual harness::RedisServer* process() = 0;  // null if it must not be stopped
  virtual bool reachable() = 0;                 // whether it is running and answers
  virtual std::string client_name() const = 0;  // the name of clients under test; "": any

  // Opened on first use; null with a problem on failure.
  harness::Inspector* inspector(int db, std::string& problem);
  void forget_inspectors() { inspectors_.clear(); }

 private:
  std::map<int, std::unique_ptr<harness::Inspector>> inspectors_;
};

struct Prepared {
  std::string problem = {};  // the case cannot be replayed: a failure
  std::string skip = {};     // the case does not apply here: a skip with this reason
};

class Servers {
 public:
  virtual ~Servers() = default;
  // Provides empty servers for a case, under the names it uses.
  virtual Prepared prepare(const Case& c) = 0;
  // Ends the servers started for this case only; releases the others.
  virtual void release() = 0;
  // TLS options for the code under test; null: no TLS.
  virtual const TlsOptions* tls() const { return nullptr; }
  // The port of the Sentinel that knows them; 0: none.
  virtual std::uint16_t sentinel() const { return 0; }

  ServerHandle* find(const std::string& name) const {
    const auto found = current_.find(name);
    return found == current_.end() ? nullptr : found->second;
  }
  const std::map<std::string, ServerHandle*>& current() const { return current_; }

 protected:
  std::map<std::string, ServerHandle*> current_;
};

// "" if the server's version satisfies the case; otherwise the reason for a skip.
std::string version_skip(const Case& c, harness::Inspector& inspector);
// One field of INFO; "" if it is missing.
std::string info_line(harness::Inspector& inspector, const std::string& section,
                      const std::string& name);
// Blocks until the replica has all data of the master.
bool wait_until_replicated(harness::Inspector& master, harness::Inspector& replica,
                           std::chrono::milliseconds limit = std::chrono::seconds(5));
bool is_replicated(harness::Inspector& master, harness::Inspector& replica);

}  // namespace djcache::conformance
