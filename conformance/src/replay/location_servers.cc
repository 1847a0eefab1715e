#include "src/replay/location_servers.h"

#include <unistd.h>

#include "src/backup/database.h"

namespace djcache::conformance {
class LocationServers::Handle final : public ServerHandle {
 public:
  Handle(std::string url, harness::Endpoint endpoint)
      : url_(std::move(url)), endpoint_(std::move(endpoint)) {}

  std::string url(int) const override { return url_; }
  std::string unix_url(int) const override { return url_; }
  std::uint16_t port() const override { return endpoint_.port; }
  harness::Endpoint endpoint(int) const override { return endpoint_; }
  const harness::Endpoint& where() const { return endpoint_; }
  std::vector<int> databases() override { return {0}; }
  harness::RedisServer* process() override { return nullptr; }
  bool reachable() override { return true; }
  std::string client_name() const override { return name_; }

 private:
  std::string url_;
  harness::Endpoint endpoint_;
  std::string name_ = std::string(run_client_name) + std::to_string(::getpid());
};

harness::Opened<LocationServers> LocationServers::open(const std::string& url) {
  harness::Endpoint endpoint;
  const std::string problem = parse_location(url, endpoint);
  if (!problem.empty()) return {nullptr, problem};
  std::unique_ptr<LocationServers> servers(new LocationServers());
  servers->handle_ = std::make_unique<Handle>(url, endpoint);
  return {std::move(servers), {}};
}

LocationServers::~LocationServers() = default;

const harness::Endpoint& LocationServers::endpoint() const { return handle_->where(); }

LocationServers::Look LocationServers::look() {
  Look look;
  auto* inspector = handle_->inspector(0, look.problem);
  if (inspector == nullptr) return look;
  const auto size = inspector->dbsize();
  if (!size) return {.problem = inspector->problem()};
  look.keys = *size;
  const std::string valkey = info_line(*inspector, "server", "valkey_version");
  const std::string redis = info_line(*inspector, "server", "redis_version");
  look.title = valkey.empty() ? "redis " + (redis.empty() ? "?" : redis) : "valkey " + valkey;
  if (!inspector->count_clients()) {
    look.note = "connections left on the server are not counted: " + inspector->problem();
  }
  return look;
}

Prepared LocationServers::prepare(const Case& c) {
  if (!c.servers.empty()) return {.skip = "needs servers of its own, not a server of the user's"};
  if (!c.needs.empty()) {
    return {.skip = "needs " + c.needs.front() + ", which a server of the user's does not give"};
  }
  std::string problem;
  auto* inspector = handle_->inspector(0, problem);
  if (inspector == nullptr) return {.problem = problem};
  const auto reply = inspector->command({"FLUSHDB"});
  if (reply.is_error()) return {.problem = "FLUSHDB: " + reply.text};
  current_["server"] = handle_.get();
  return {.skip = version_skip(c, *inspector)};
}

void LocationServers::release() {
  if (current_.empty()) return;
  current_.clear();
  std::string problem;
  if (auto* inspector = handle_->inspector(0, problem)) inspector->command({"FLUSHDB"});
}

}  // namespace djcache::conformance
