// RedisServer: a redis-server (or valkey-server) of the test's own, in a temporary folder, on a
// unix socket and a free TCP port of 127.0.0.1. Nothing is persisted. It ends with this object, and
// (on Linux) with the process, even if the process is killed: no test leaves a server behind.
//
//   auto server = djcache::harness::RedisServer::start({.password = "secret"});
//   if (!server) { report(server.problem); return; }
//   use(server->url(1));
//
// Every wait has a limit. Not thread-safe. On Linux the server is bound to the *thread* that
// started it: start it on a thread that lives as long as the test (the main thread).
#pragma once

#include <sys/types.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/harness/certificates.h>
#include <djcache/harness/endpoint.h>
#include <djcache/harness/outcome.h>

namespace djcache::harness {

class RedisServer;
class ServerProcess;

struct AclUser {
  std::string name = {};
  std::string password = {};       // empty: nopass
  std::string rules = "~* +@all";  // as in ACL SETUSER; add "&*" for pub/sub
};

struct RedisServerOptions {
  std::string binary =
      {};  // empty: $DJCACHE_REDIS_SERVER, then redis-server or valkey-server in PATH
  std::string password = {};  // of the default user (requirepass)
  std::vector<AclUser> users =
      {};  // {.name = "default", .rules = "off"} shuts anonymous clients out
  int databases = 16;
  bool ipv6 = false;  // listen on [::1] as well
  // If not empty, the server also listens with TLS, on a separate port, and clients need a
  // certificate of this authority if `tls_clients` is "yes" ("optional": may present one).
  Certificate tls = {};
  std::string tls_clients = "no";
  bool sentinel = false;   // a Sentinel; configured by extra_config: see sentinel_group.h
  std::uint16_t port = 0;  // 0: a free one, and another if it is taken meanwhile
  const RedisServer* replica_of = nullptr;       // start() then also waits for the link to be up
  std::vector<std::string> extra_config = {};    // lines of redis.conf, verbatim, last
  std::chrono::milliseconds start_limit{10000};  // until it answers PING
};

using StartResult = Opened<RedisServer>;

class RedisServer {
 public:
  // Returns when the server answers PING. On failure `problem` has the reason and the last lines of
  // the server's log, without passwords.
  static StartResult start(RedisServerOptions options = {});

  // Kills the server, waits for it to exit, removes the folder. Does nothing in a forked child.
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint16_t tls_port() const { return tls_port_; }  // 0: none
  const std::string& unix_path() const { return unix_path_; }
  pid_t pid() const;  // -1 while it is not running
  bool running();

  // LOCATIONs with the credentials of the default user, percent-encoded.
  std::string url(int db = 0) const;       // redis://:secret@127.0.0.1:port/db
  std::string unix_url(int db = 0) const;  // unix://:secret@/path.sock?db=N
  std::string ipv6_url(int db = 0) const;  // redis://:secret@[::1]:port/db
  std::string url_as(const AclUser& user, int db = 0) const;
  // rediss://:secret@host:port/db. `host` must resolve to this server: "127.0.0.1", "localhost".
  std::string tls_url(int db = 0, std::string_view host = "127.0.0.1") const;

  // For Inspector and CommandLog, over TCP (their address then distinguishes them from the clients
  // under test).
  Endpoint endpoint(int db = 0) const;
  Endpoint endpoint_as(const AclUser& user, int db = 0) const;

  // SIGSTOP and SIGCONT: a server that exists but does not answer. stop() returns once it has
  // stopped.
  Outcome stop();
  Outcome cont();

  // Kills it at once, like a crash. Returns when the process is gone.
  void kill9();
  // Asks it to exit (SIGTERM), and kills it when the limit expires.
  Outcome shutdown(std::chrono::milliseconds limit = std::chrono::milliseconds(2000));
  // Starts it again, empty, on the same port, socket and folder; stops it first if it is running.
  Outcome restart();

  // The end of the server's output, without passwords.
  std::string log_tail(int lines = 20) const;

 private:
  RedisServer(RedisServerOptions options, std::unique_ptr<ServerProcess> process);
  Outcome launch();
  Outcome launch_on_free_port();
  Outcome wait_until_ready();

  RedisServerOptions options_;
  std::unique_ptr<ServerProcess> process_;
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::uint16_t master_port_ = 0;
  std::string master_password_;
  std::string unix_path_;
};

// One server for all tests of the process, started by the first call; it ends with the process.
class SharedRedisServer {
 public:
  struct Result {
    RedisServer* server = nullptr;  // null exactly if `problem` is set
    std::string problem = {};
    explicit operator bool() const { return server != nullptr; }
    RedisServer* operator->() const { return server; }
  };
  // Returns the server running and emptied (FLUSHALL, SCRIPT FLUSH, CONFIG RESETSTAT), regardless
  // of what the previous test did to it. Main thread only.
  static Result get();
};

// A port of 127.0.0.1 on which nothing listens now; 0 if there is none. For tests of unreachable
// servers; another program may take it later.
std::uint16_t unused_port();

}  // namespace djcache::harness
