#include <djcache/harness/sentinel_group.h>

#include <charconv>
#include <thread>

#include <djcache/harness/inspector.h>

namespace djcache::harness {
namespace {

constexpr std::chrono::milliseconds pause{20};

// What Sentinels and replicas connect to.
std::uint16_t port_among_servers(const RedisServer& server) {
  return server.tls_port() != 0 ? server.tls_port() : server.port();
}

void speak_tls(RedisServerOptions& options, const Certificate& certificate) {
  if (certificate.empty()) return;
  options.tls = certificate;
  options.extra_config.emplace_back("tls-replication yes");
}

}  // namespace

Opened<SentinelGroup> SentinelGroup::start(SentinelGroupOptions options) {
  std::unique_ptr<SentinelGroup> group(new SentinelGroup(std::move(options)));
  if (auto started = group->start_all(); !started) return {nullptr, started.problem};
  return {std::move(group), ""};
}

// Sentinels first: they would otherwise begin a failover when the primary stops.
SentinelGroup::~SentinelGroup() {
  sentinels_.clear();
  while (!servers_.empty()) servers_.pop_back();
}

Outcome SentinelGroup::start_all() {
  for (int i = 0; i <= options_.replicas; ++i) {
    RedisServerOptions server{.binary = options_.binary, .password = options_.password};
    if (!options_.password.empty()) {
      server.extra_config.push_back("masterauth " + options_.password);
    }
    speak_tls(server, options_.tls);
    if (i > 0 && options_.tls.empty()) server.replica_of = servers_.front().get();
    if (i > 0 && !options_.tls.empty()) {
      server.extra_config.push_back("replicaof 127.0.0.1 " +
                                    std::to_string(servers_.front()->tls_port()));
    }
    auto started = RedisServer::start(std::move(server));
    if (!started) return {"a server: " + started.problem};
    servers_.push_back(std::move(started.value));
  }
  const std::string port = std::to_string(port_among_servers(*servers_.front()));
  for (int i = 0; i < options_.sentinels; ++i) {
    RedisServerOptions sentinel{
        .binary = options_.binary, .password = options_.sentinel_password, .sentinel = true};
    sentinel.extra_config = {"sentinel monitor " + service_ + " 127.0.0.1 " + port + " " +
                                 std::to_string(options_.quorum),
                             "sentinel down-after-milliseconds " + service_ + " " +
                                 std::to_string(options_.down_after.count()),
                             "sentinel failover-timeout " + service_ +
                                 " 3000"};  // the retry after a split vote takes twice that
    if (!options_.password.empty()) {
      sentinel.extra_config.push_back("sentinel auth-pass " + service_ + " " + options_.password);
    }
    if (!options_.sentinel_password.empty()) {
      sentinel.extra_config.push_back("sentinel sentinel-pass " + options_.sentinel_password);
    }
    speak_tls(sentinel, options_.tls);
    auto started = RedisServer::start(std::move(sentinel));
    if (!started) return {"a Sentinel: " + started.problem};
    sentinels_.push_back(std::move(started.value));
  }
  return wait_until_known();
}

// Waits until each Sentinel knows the others and the replicas; until then it begins no failover.
Outcome SentinelGroup::wait_until_known() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto count = [](const Reply& reply) { return static_cast<int>(reply.elements.size()); };
  for (auto& sentinel : sentinels_) {
    auto inspector = Inspector::open(sentinel->endpoint());
    if (!inspector) return {inspector.problem};
    while (count(inspector->command({"SENTINEL", "SENTINELS", service_})) <
               options_.sentinels - 1 ||
           count(inspector->command({"SENTINEL", "REPLICAS", service_})) < options_.replicas) {
      if (std::chrono::steady_clock::now() > end) return {"the Sentinels do not find each other"};
      std::this_thread::sleep_for(pause);
    }
  }
  return {};
}

std::vector<std::pair<std::string, std::uint16_t>> SentinelGroup::addresses() const {
  std::vector<std::pair<std::string, std::uint16_t>> all;
  for (const auto& sentinel : sentinels_)
    all.emplace_back("127.0.0.1", port_among_servers(*sentinel));
  return all;
}

RedisServer* SentinelGroup::primary() {
  std::uint16_t port = 0;
  for (std::size_t i = 0; i < sentinels_.size(); ++i) {
    if (!sentinels_[i]->running()) continue;
    const std::uint16_t named = named_by(i);
    if (port != 0 && named != port) return nullptr;
    port = named;
  }
  for (auto& server : servers_) {
    if (port_among_servers(*server) == port) return server.get();
  }
  return nullptr;
}

std::uint16_t SentinelGroup::named_by(std::size_t sentinel) {
  auto inspector = Inspector::open(sentinels_[sentinel]->endpoint());
  if (!inspector) return 0;
  const Reply reply = inspector->command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", service_});
  std::uint16_t port = 0;
  if (reply.elements.size() == 2) {
    const std::string& text = reply.elements[1].text;
    std::from_chars(text.data(), text.data() + text.size(), port);
  }
  return port;
}

Outcome SentinelGroup::failover() {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (true) {
    auto inspector = Inspector::open(sentinels_.front()->endpoint());
    if (!inspector) return {inspector.problem};
    const Reply reply = inspector->command({"SENTINEL", "FAILOVER", service_});
    if (!reply.is_error()) return {};
    if (std::chrono::steady_clock::now() > end) return {"no failover: " + reply.text};
    std::this_thread::sleep_for(pause);
  }
}

Outcome SentinelGroup::wait_for_switch(std::uint16_t port, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (std::size_t i = 0; i < sentinels_.size(); ++i) {
    if (!sentinels_[i]->running()) continue;
    for (std::uint16_t named = 0; (named = named_by(i)) == port || named == 0;) {
      if (std::chrono::steady_clock::now() > end) return {"no switch within the limit"};
      std::this_thread::sleep_for(pause);
    }
  }
  return {};
}

}  // namespace djcache::harness
