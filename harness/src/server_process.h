// The process of one server, with its folder, configuration file and log.
#pragma once

#include <memory>
#include <string>

#include "child_process.h"
#include "temporary_folder.h"

namespace djcache::harness {

// The program to start: `wished`, or $DJCACHE_REDIS_SERVER, or the first of redis-server and
// valkey-server in PATH. A name without a slash is looked up in PATH, too.
struct FoundBinary {
  std::string path;
  std::string problem;
};
FoundBinary find_server_binary(const std::string& wished);

class ServerProcess {
 public:
  static Opened<ServerProcess> make(std::string binary);

  const TemporaryFolder& folder() const { return *folder_; }
  ChildProcess& child() { return child_; }
  const ChildProcess& child() const { return child_; }

  // Writes the configuration (mode 0600), empties the log and starts the program.
  Outcome start(const std::string& config, bool sentinel = false);
  // The content of its log, stdout and stderr, at most the last 64 KiB of each file.
  std::string output() const;

 private:
  ServerProcess(std::string binary, std::unique_ptr<TemporaryFolder> folder);

  std::string binary_;
  std::unique_ptr<TemporaryFolder> folder_;  // declared before the child, so that it outlives it
  ChildProcess child_;
};

}  // namespace djcache::harness
