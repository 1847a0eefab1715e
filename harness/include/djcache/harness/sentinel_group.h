// SentinelGroup: a service of one primary and its replicas, watched by Sentinels, all of the test's
// own.
//
//   auto group = djcache::harness::SentinelGroup::start({.replicas = 2});
//   settings.options.sentinel = SentinelOptions{.addresses = group->addresses()};
//   settings.location = {"redis://" + group->service() + "/0"};
//   group->failover();
//
// Every wait has a limit. Not thread-safe; bound to the starting thread, like RedisServer.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <djcache/harness/outcome.h>
#include <djcache/harness/redis_server.h>

namespace djcache::harness {

struct SentinelGroupOptions {
  std::string binary = {};  // as RedisServerOptions::binary
  int replicas = 1;
  int sentinels = 3;
  int quorum = 2;
  std::chrono::milliseconds down_after{1000};  // until a Sentinel considers a silent server down
  std::string password = {};                   // of the servers
  std::string sentinel_password = {};          // of the Sentinels
  // If not empty, all of them also speak TLS, with each other as well: addresses() are the TLS
  // ports of the Sentinels, which name the TLS ports of the servers.
  Certificate tls = {};
};

class SentinelGroup {
 public:
  static Opened<SentinelGroup> start(SentinelGroupOptions options = {});
  ~SentinelGroup();
  SentinelGroup(const SentinelGroup&) = delete;
  SentinelGroup& operator=(const SentinelGroup&) = delete;

  const std::string& service() const { return service_; }
  std::vector<std::pair<std::string, std::uint16_t>> addresses() const;
  // The server that all Sentinels name as primary; null if none is named or they disagree. (A
  // former primary still reports itself as one for ten seconds.)
  RedisServer* primary();
  RedisServer& server(std::size_t index) { return *servers_[index]; }  // 0: the first primary
  RedisServer& sentinel(std::size_t index) { return *sentinels_[index]; }
  std::size_t servers() const { return servers_.size(); }
  // Asks a Sentinel for a failover; returns once it has agreed.
  Outcome failover();
  // Waits until all Sentinels name the same primary, different from the one on `port` (with TLS:
  // its TLS port).
  Outcome wait_for_switch(std::uint16_t port,
                          std::chrono::milliseconds limit = std::chrono::seconds(20));

 private:
  explicit SentinelGroup(SentinelGroupOptions options) : options_(std::move(options)) {}
  Outcome start_all();
  Outcome wait_until_known();
  std::uint16_t named_by(std::size_t sentinel);

  SentinelGroupOptions options_;
  std::string service_ = "mymaster";
  std::vector<std::unique_ptr<RedisServer>> servers_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

}  // namespace djcache::harness
