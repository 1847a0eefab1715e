#include "src/replay/own_servers.h"

#include <stdexcept>

#include "src/subject/settings_of.h"

namespace djcache::conformance {

// While it lives, a Sentinel knows the server, as a service named after its port. The Sentinel
// never considers the server down, because no case is about that.
class OwnServers::Watch {
 public:
  Watch(const harness::RedisServer& sentinel, std::uint16_t port, const std::string& password)
      : service_(service_at(std::to_string(port))) {
    auto opened = harness::Inspector::open(sentinel.endpoint());
    if (!opened) throw std::runtime_error(opened.problem);
    inspector_ = std::move(opened.value);
    ask({"SENTINEL", "MONITOR", service_, "127.0.0.1", std::to_string(port), "1"});
    ask({"SENTINEL", "SET", service_, "down-after-milliseconds", "100000000"});
    if (!password.empty()) ask({"SENTINEL", "SET", service_, "auth-pass", password});
  }
  ~Watch() { (void)inspector_->command({"SENTINEL", "REMOVE", service_}); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  void ask(const std::vector<std::string>& command) {
    const auto reply = inspector_->command(command);
    if (reply.is_error()) throw std::runtime_error("the Sentinel: " + reply.text);
  }

  const std::string service_;
  std::unique_ptr<harness::Inspector> inspector_;
};

class OwnServers::Handle final : public ServerHandle {
 public:
  // A Sentinel knows the server; null: none does.
  Handle(std::unique_ptr<harness::RedisServer> server, const harness::RedisServer* sentinel,
         const std::string& password)
      : server_(std::move(server)) {
    if (sentinel != nullptr) watch_ = std::make_unique<Watch>(*sentinel, port(), password);
  }

  std::string url(int db) const override {
    return server_->tls_port() != 0 ? server_->tls_url(db) : server_->url(db);
  }
  std::string unix_url(int db) const override { return server_->unix_url(db); }
  std::uint16_t port() const override {
    return server_->tls_port() != 0 ? server_->tls_port() : server_->port();
  }
  harness::Endpoint endpoint(int db) const override { return server_->endpoint(db); }
  harness::RedisServer* process() override { return server_.get(); }
  bool reachable() override { return server_->running(); }
  std::string client_name() const override { return {}; }
  std::vector<int> databases() override {
    std::vector<int> found;
    std::string problem;
    auto* inspector = this->inspector(0, problem);
    if (inspector == nullptr) return found;
    for (int db = 0; db < 16; ++db) {
      if (!info_line(*inspector, "keyspace", "db" + std::to_string(db)).empty())
        found.push_back(db);
    }
    return found;
  }

  // Resets the server. Returns false if it has to be restarted.
  bool clean() {
    std::string problem;
    auto* inspector = reachable() ? this->inspector(0, problem) : nullptr;
    if (inspector == nullptr) return false;
    return !inspector->command({"FLUSHALL"}).is_error() &&
           !inspector->command({"SCRIPT", "FLUSH"}).is_error() &&
           !inspector->command({"CONFIG", "RESETSTAT"}).is_error();
  }

 private:
  std::unique_ptr<harness::RedisServer> server_;
  std::unique_ptr<Watch> watch_;
};

OwnServers::OwnServers(const ServerKind& kind) : kind_(kind) {
  if (kind.sentinel) {
    auto started = harness::RedisServer::start({.binary = kind.binary, .sentinel = true});
    if (!started) throw std::runtime_error("starting a Sentinel: " + started.problem);
    sentinel_ = std::move(started.value);
  }
  if (kind.security == Security::plain) return;
  auto authority = harness::CertificateAuthority::make();
  if (!authority) throw std::runtime_error(authority.problem);
  secured_.authority = std::move(authority.value);
  secured_.server = secured_.authority->issue();
  secured_.client.ca_file = secured_.authority->ca_file();
  if (kind.security != Security::mutual_tls) return;
  const harness::Certificate shown = secured_.authority->issue({.common_name = "a client"});
  secured_.client.cert_file = shown.cert_file;
  secured_.client.key_file = shown.key_file;
}

OwnServers::~OwnServers() = default;

OwnServers::Handle& OwnServers::start(Handles& where, const std::string& name,
                                      harness::RedisServerOptions options) {
  options.binary = kind_.binary;
  options.tls = secured_.server;
  options.tls_clients = kind_.security == Security::mutual_tls ? "yes" : "no";
  auto started = harness::RedisServer::start(options);
  if (!started) throw std::runtime_error("starting " + name + ": " + started.problem);
  const bool watched = sentinel_ && options.replica_of == nullptr;
  auto& handle = where[name];
  handle.reset();  // before the Sentinel hears of its successor
  handle = std::make_unique<Handle>(std::move(started.value), watched ? sentinel_.get() : nullptr,
                                    options.password);
  return *handle;
}

void OwnServers::prepare_shared(const Case& c) {
  const auto ready = [this](const std::string& name, const harness::RedisServer* master) {
    auto& handle = shared_[name];
    if (handle == nullptr || !handle->clean()) start(shared_, name, {.replica_of = master});
    return shared_[name].get();
  };
  const bool replicated = c.needs_one("replica:1") || c.needs_one("replica:2");
  // Replicas get a master of their own, so that the plain server stays without replicas.
  const Handle* before = replicated ? shared_["replicated"].get() : nullptr;
  Handle* main = ready(replicated ? "replicated" : "server", nullptr);
  if (replicated && main != before) {
    shared_.erase("replica:1");
    shared_.erase("replica:2");
  }
  current_["server"] = main;
  if (c.needs_one("server:2")) current_["server:2"] = ready("server:2", nullptr);
  for (const char* name : {"replica:1", "replica:2"}) {
    if (!c.needs_one(name)) continue;
    auto& handle = shared_[name];
    if (handle == nullptr || !handle->reachable()) {
      start(shared_, name, {.replica_of = main->process()});
    }
    current_[name] = shared_[name].get();
  }
}

void OwnServers::start_named(const Case& c, const std::string& name) {
  if (own_.count(name) != 0) return;
  harness::RedisServerOptions options;
  const auto found = c.servers.find(name);
  if (found != c.servers.end()) {
    const ServerSpec& spec = found->second;
    if (!spec.replica_of.empty()) {
      start_named(c, spec.replica_of);
      options.replica_of = own_.at(spec.replica_of)->process();
    }
    options.password = spec.password;
    options.users = spec.users;
    options.extra_config = spec.config;
  } else if (name.rfind("replica:", 0) == 0) {
    start_named(c, "server");
    options.replica_of = own_.at("server")->process();
  }
  current_[name] = &start(own_, name, std::move(options));
}

void OwnServers::prepare_own(const Case& c) {
  start_named(c, "server");
  for (const char* name : {"server:2", "replica:1", "replica:2"}) {
    if (c.needs_one(name)) start_named(c, name);
  }
  for (const auto& [name, spec] : c.servers) start_named(c, name);
}

Prepared OwnServers::prepare(const Case& c) {
  try {
    const bool own = c.needs_one("own_server") || !c.servers.empty();
    own ? prepare_own(c) : prepare_shared(c);
    std::string problem;
    auto* master = current_.at("server")->inspector(0, problem);
    if (master == nullptr) return {.problem = problem};
    for (const auto& [name, handle] : current_) {
      if (name.rfind("replica:", 0) != 0) continue;
      auto* replica = handle->inspector(0, problem);
      if (replica == nullptr) return {.problem = problem};
      if (!wait_until_replicated(*master, *replica)) {
        return {.problem = name + " does not follow its master"};
      }
    }
    return {.skip = version_skip(c, *master)};
  } catch (const std::runtime_error& error) {
    return {.problem = error.what()};
  }
}

void OwnServers::release() {
  current_.clear();
  // Replicas first: they would try to reconnect if their master ended before them.
  while (!own_.empty()) own_.erase(std::prev(own_.end()));
}

}  // namespace djcache::conformance
