#include <djcache/harness/redis_server.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "deadline.h"
#include "resp_client.h"
#include "server_config.h"
#include "server_process.h"
#include "url.h"

namespace djcache::harness {
namespace {

constexpr std::chrono::seconds signal_limit{5};
constexpr int port_attempts = 8;

bool port_was_taken(const std::string& output) {
  return output.find("Address already in use") != std::string::npos;
}

// LOADING and MASTERDOWN are temporary: keep waiting.
bool still_starting(const Reply& reply) {
  return reply.type == Reply::Type::failure || reply.text.starts_with("LOADING") ||
         reply.text.starts_with("MASTERDOWN");
}

bool link_is_up(RespClient& client, const Deadline& deadline) {
  const Reply info = client.call({"INFO", "replication"}, deadline);
  return info.text.find("master_link_status:up") != std::string::npos;
}

}  // namespace

std::uint16_t unused_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

StartResult RedisServer::start(RedisServerOptions options) {
  auto binary = find_server_binary(options.binary);
  if (!binary.problem.empty()) return {nullptr, binary.problem};
  auto process = ServerProcess::make(std::move(binary.path));
  if (!process) return {nullptr, process.problem};
  std::unique_ptr<RedisServer> server(
      new RedisServer(std::move(options), std::move(process.value)));
  if (auto launched = server->launch_on_free_port(); !launched) return {nullptr, launched.problem};
  return {std::move(server), ""};
}

RedisServer::RedisServer(RedisServerOptions options, std::unique_ptr<ServerProcess> process)
    : options_(std::move(options)),
      process_(std::move(process)),
      unix_path_(process_->folder() / "server.sock") {
  if (options_.replica_of == nullptr) return;
  // Copied, so that the master may be destroyed before the replica.
  master_port_ = options_.replica_of->port();
  master_password_ = options_.replica_of->options_.password;
  options_.replica_of = nullptr;
}

RedisServer::~RedisServer() = default;

// Another program may take a free port before the server listens on it; then tries another port.
Outcome RedisServer::launch_on_free_port() {
  port_ = options_.port;
  if (port_ != 0 && !options_.tls.empty()) tls_port_ = unused_port();
  if (port_ != 0) return launch();
  Outcome last;
  for (int attempt = 0; attempt < port_attempts; ++attempt) {
    port_ = unused_port();
    if (!options_.tls.empty()) tls_port_ = unused_port();
    if (port_ == 0) return {"no free port on 127.0.0.1"};
    last = launch();
    if (last || !port_was_taken(process_->output())) return last;
  }
  return last;
}

Outcome RedisServer::launch() {
  const ServerPlace place{.folder = process_->folder().path(),
                          .unix_path = unix_path_,
                          .port = port_,
                          .tls_port = tls_port_,
                          .master_port = master_port_,
                          .master_password = master_password_};
  auto outcome = process_->start(server_config(options_, place), options_.sentinel);
  if (outcome) outcome = wait_until_ready();
  if (outcome) return outcome;
  process_->child().kill9();
  const std::string log = log_tail();
  if (!log.empty()) outcome.problem += "; the end of its log:\n" + log;
  return {without_secrets(std::move(outcome.problem), options_, master_password_)};
}

// The unix socket is in the server's own folder, so it belongs to the server just started. A server
// opens it last, so the TCP port is open, too.
Outcome RedisServer::wait_until_ready() {
  const Deadline deadline(options_.start_limit);
  Endpoint own = endpoint();
  own.unix_path = unix_path_;
  std::string last = "it has not opened its socket";
  for (; !deadline.passed(); deadline.pause()) {
    if (!process_->child().running()) {
      return {"the server " + process_->child().describe_end() + " before it answered"};
    }
    RespClient client;
    auto connected = client.connect(own, deadline);
    if (!connected) {
      last = connected.problem;
      if (last.starts_with("AUTH")) return {last};
      continue;
    }
    // Any reply suffices, for instance -NOAUTH if the default user is off.
    const Reply pong = client.call({"PING"}, deadline);
    last = format(pong);
    if (still_starting(pong)) continue;
    if (master_port_ == 0 || link_is_up(client, deadline)) return {};
    last = "its link to the master is not up";
  }
  return {"the server did not answer within " + std::to_string(options_.start_limit.count()) +
          " ms: " + last};
}

pid_t RedisServer::pid() const { return process_->child().pid(); }
bool RedisServer::running() { return process_->child().running(); }

std::string RedisServer::url(int db) const {
  return tcp_url({.password = options_.password}, "127.0.0.1", port_, db);
}

std::string RedisServer::tls_url(int db, std::string_view host) const {
  std::string url = tcp_url({.password = options_.password}, host, tls_port_, db);
  return url.insert(5, "s");
}

std::string RedisServer::ipv6_url(int db) const {
  return tcp_url({.password = options_.password}, "[::1]", port_, db);
}

std::string RedisServer::unix_url(int db) const {
  return unix_socket_url({.password = options_.password}, unix_path_, db);
}

std::string RedisServer::url_as(const AclUser& user, int db) const {
  return tcp_url({.username = user.name, .password = user.password}, "127.0.0.1", port_, db);
}

Endpoint RedisServer::endpoint(int db) const {
  return {.port = port_, .password = options_.password, .db = db};
}

Endpoint RedisServer::endpoint_as(const AclUser& user, int db) const {
  return {.port = port_, .username = user.name, .password = user.password, .db = db};
}

Outcome RedisServer::stop() { return process_->child().stop(signal_limit); }
Outcome RedisServer::cont() { return process_->child().cont(signal_limit); }
void RedisServer::kill9() { process_->child().kill9(); }

Outcome RedisServer::shutdown(std::chrono::milliseconds limit) {
  auto& child = process_->child();
  if (auto sent = child.signal(SIGTERM); !sent) return sent;
  if (child.wait_for_end(limit)) return {};
  child.kill9();
  return {"the server did not end within " + std::to_string(limit.count()) +
          " ms of SIGTERM and was killed"};
}

Outcome RedisServer::restart() { return launch(); }

std::string RedisServer::log_tail(int lines) const {
  std::string text = process_->output();
  auto from = text.size();
  for (int i = 0; i <= lines && from != std::string::npos && from > 0; ++i) {
    from = text.rfind('\n', from - 1);
  }
  if (from != std::string::npos && from > 0) text.erase(0, from + 1);
  return without_secrets(std::move(text), options_, master_password_);
}

}  // namespace djcache::harness
