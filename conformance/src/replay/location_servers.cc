#include "src/replay/location_servers.h"

#include <unistd.h>

#include <chrono>

namespace djcache::conformance {
namespace {

constexpr std::size_t saved_keys_max = 10'000;
constexpr std::size_t saved_bytes_max = 64 << 20;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

class LocationServers::Handle final : public ServerHandle {
 public:
  Handle(std::string url, harness::Endpoint endpoint)
      : url_(std::move(url)), endpoint_(std::move(endpoint)) {}

  std::string url(int) const override { return url_; }
  std::string unix_url(int) const override { return url_; }
  std::uint16_t port() const override { return endpoint_.port; }
  harness::Endpoint endpoint(int) const override { return endpoint_; }
  std::vector<int> databases() override { return {0}; }
  harness::RedisServer* process() override { return nullptr; }
  bool reachable() override { return true; }
  std::string client_name() const override { return name_; }

 private:
  std::string url_;
  harness::Endpoint endpoint_;
  std::string name_ = "djcache-conformance-" + std::to_string(::getpid());
};

harness::Opened<LocationServers> LocationServers::open(const std::string& url, bool allow_flush) {
  harness::Endpoint endpoint;
  std::string problem = parse_location(url, endpoint);
  if (!problem.empty()) return {nullptr, problem};
  std::unique_ptr<LocationServers> servers(new LocationServers());
  servers->handle_ = std::make_unique<Handle>(url, endpoint);
  problem = servers->look(allow_flush);
  if (!problem.empty()) return {nullptr, problem};
  return {std::move(servers), {}};
}

LocationServers::~LocationServers() { put_back(); }

std::string LocationServers::look(bool allow_flush) {
  std::string problem;
  auto* inspector = handle_->inspector(0, problem);
  if (inspector == nullptr) return problem;
  const auto size = inspector->dbsize();
  if (!size) return inspector->problem();
  if (*size > 0 && !allow_flush) {
    return "the database holds " + std::to_string(*size) +
           " keys: name an empty one, or say --allow-flush";
  }
  const std::string valkey = info_line(*inspector, "server", "valkey_version");
  const std::string redis = info_line(*inspector, "server", "redis_version");
  title_ = valkey.empty() ? "redis " + (redis.empty() ? "?" : redis) : "valkey " + valkey;
  if (!inspector->count_clients()) {
    note_ = "connections left on the server are not counted: " + inspector->problem();
  }
  return *size > 0 ? save() : std::string();
}

// What was there before, by DUMP; it goes back at the end.
std::string LocationServers::save() {
  std::string problem;
  auto* inspector = handle_->inspector(0, problem);
  const auto keys = inspector->keys();
  if (!keys) return inspector->problem();
  if (keys->size() > saved_keys_max) {
    return "the database holds more than " + std::to_string(saved_keys_max) +
           " keys, too many to put back: name an empty one";
  }
  std::size_t bytes = 0;
  for (const std::string& key : *keys) {
    const harness::Reply dump = inspector->command({"DUMP", key});
    const auto pttl = inspector->pttl(key);
    if (dump.is_nil()) continue;  // expired meanwhile
    if (dump.type != harness::Reply::Type::bulk || !pttl) return "DUMP failed: " + dump.text;
    bytes += key.size() + dump.text.size();
    if (bytes > saved_bytes_max) return "the database holds more than 64 MiB: name an empty one";
    saved_.push_back({key, dump.text, *pttl < 0 ? 0 : now_ms() + *pttl});
  }
  return {};
}

void LocationServers::put_back() {
  std::string problem;
  auto* inspector = saved_.empty() ? nullptr : handle_->inspector(0, problem);
  if (inspector == nullptr) return;
  inspector->command({"FLUSHDB"});
  for (const Saved& saved : saved_) {
    std::int64_t ttl = 0;
    if (saved.expires_at_ms != 0) {
      ttl = saved.expires_at_ms - now_ms();
      if (ttl <= 0) continue;
    }
    const auto reply =
        inspector->command({"RESTORE", saved.key, std::to_string(ttl), saved.dump, "REPLACE"});
    if (reply.is_error()) {
      std::fprintf(stderr, "a key of the database could not be put back: %s\n", reply.text.c_str());
    }
  }
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
