// What a failover costs writers: djcache, and redis-py beside it, on one service with three
// Sentinels.
//
//   djcache_bench_failover [--kill] [--python=PROGRAM]
//
// djcache is offered 5,000 writes a second, redis-py 1,000, one after the other. After a second a
// Sentinel is asked for a failover, or the primary is killed; twelve seconds later the new primary
// is asked what it has of what was acknowledged.
#include <djcache/djcache.h>
#include <djcache/harness/inspector.h>
#include <djcache/harness/sentinel_group.h>
#include <djcache/subscriber.h>
#include <uv.h>

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t before_ms = 1000, after_ms = 13'000;
constexpr int writes_each_ms = 5;

struct Acknowledged {
  std::string key;
  double at = 0;  // milliseconds after the failover
};

void tell(const char* who, const std::vector<Acknowledged>& all, std::size_t errors,
          const std::unordered_set<std::string>& kept) {
  std::size_t lost = 0;
  double last = 0;
  for (const Acknowledged& each : all) {
    if (kept.contains(each.key)) continue;
    ++lost;
    last = each.at;
  }
  std::printf("%-8s %7zu acknowledged, %5zu of them lost, the last at %+.0f ms; %zu errors\n", who,
              all.size(), lost, last, errors);
}

class Bench {
 public:
  Bench(uv_loop_t& loop, djcache::harness::SentinelGroup& group, bool kills)
      : loop_(loop), group_(group), kills_(kills), old_port_(group.server(0).port()) {
    djcache::CacheSettings cache{.location = {"redis://" + group.service() + "/0"}};
    auto& sentinels = cache.options.sentinel.emplace();
    for (const auto& [host, port] : group.addresses()) {
      sentinels.addresses.push_back({host, port});
      asked_.push_back(
          std::move(djcache::harness::Inspector::open({.host = host, .port = port}).value));
    }
    djcache::Settings settings{.caches = {{"default", cache}}};
    settings.on_event = [this](const djcache::PoolEvent& event) {
      const bool ours = event.endpoint.starts_with(group_.service());
      if (ours && event.kind == djcache::PoolEvent::Kind::connected && failed_at_ != 0 &&
          !switched_)
        switched_ = since();
    };
    for (std::size_t i = 0; i < group.addresses().size(); ++i) {
      const std::string url =
          "redis://127.0.0.1:" + std::to_string(group.addresses()[i].second) + "/0";
      settings.caches["sentinel" + std::to_string(i)].location = {url};
    }
    engine_.emplace(loop, std::move(settings));
    cache_ = engine_->cache();
    for (std::size_t i = 0; i < group.addresses().size(); ++i) {
      pushes_.push_back(engine_->cache("sentinel" + std::to_string(i))
                            .client({})
                            .subscribe({.channels = {"+switch-master"},
                                        .on_message = [this](const djcache::Message&) {
                                          if (!pushed_) pushed_ = since();
                                        }}));
    }
    uv_timer_init(&loop, &timer_);
    timer_.data = this;
  }

  void run() {
    begun_ = uv_hrtime();
    uv_timer_start(
        &timer_, [](uv_timer_t* timer) { static_cast<Bench*>(timer->data)->step(); }, 1, 1);
    uv_run(&loop_, UV_RUN_DEFAULT);
  }
  // Its clock began at `begun`, in nanoseconds.
  double since_failover(double ms, std::uint64_t begun) const {
    return ms - static_cast<double>(failed_at_ - begun) / 1e6;
  }
  void report(const std::unordered_set<std::string>& kept) const {
    std::printf("%s; the first Sentinel names the new primary at %+.0f ms, publishes it at %+.0f\n",
                kills_ ? "kill -9" : "SENTINEL FAILOVER", named_.value_or(-1),
                pushed_.value_or(-1));
    std::printf("djcache  connects to it at %+.0f ms; first write acknowledged there at %+.0f ms\n",
                switched_.value_or(-1), first_.value_or(-1));
    tell("djcache", acknowledged_, errors_, kept);
  }

 private:
  double since() const { return static_cast<double>(uv_hrtime() - failed_at_) / 1e6; }

  void step() {
    const std::uint64_t ms = (uv_hrtime() - begun_) / 1'000'000;
    for (; issued_ < ms * writes_each_ms && ms < before_ms + after_ms; ++issued_) write();
    if (failed_at_ == 0 && ms >= before_ms) fail();
    if (failed_at_ != 0 && !named_ && ms % 10 == 0) ask();
    if (ms < before_ms + after_ms || ended_) return;
    ended_ = true;
    uv_timer_stop(&timer_);
    pushes_.clear();
    engine_->disconnect({.mode = djcache::DisconnectMode::drain, .limit = 5s}, [this](auto) {
      uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    });
  }
  void write() {
    std::string key = "n" + std::to_string(issued_);
    cache_->set(key, 1, {.ttl = 600s}, [this, key](const djcache::Result<void>& stored) {
      if (!stored.ok()) return (void)++errors_;
      const double at = failed_at_ == 0 ? -1 : since();
      acknowledged_.push_back({":1:" + key, at});
      if (switched_ && !first_) first_ = at;
    });
  }
  void fail() {
    failed_at_ = uv_hrtime();
    if (kills_) return group_.server(0).kill9();
    if (auto asked = group_.failover(); !asked) std::fprintf(stderr, "%s\n", asked.problem.c_str());
  }
  void ask() {
    for (const auto& sentinel : asked_) {
      const auto reply =
          sentinel->command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", group_.service()});
      if (reply.elements.size() != 2 || reply.elements[1].text == std::to_string(old_port_))
        continue;
      named_ = since();
      return;
    }
  }

  uv_loop_t& loop_;
  djcache::harness::SentinelGroup& group_;
  const bool kills_;
  const std::uint16_t old_port_;
  std::vector<std::unique_ptr<djcache::harness::Inspector>> asked_;
  std::optional<djcache::Engine> engine_;
  std::optional<djcache::Cache> cache_;
  std::vector<djcache::Subscriber> pushes_;
  uv_timer_t timer_{};
  std::uint64_t begun_ = 0, failed_at_ = 0, issued_ = 0;
  bool ended_ = false;
  std::optional<double> named_, pushed_, switched_, first_;
  std::vector<Acknowledged> acknowledged_;
  std::size_t errors_ = 0;
};

// redis-py in a process of its own, beside djcache.
class RedisPy {
 public:
  RedisPy(const std::string& python, djcache::harness::SentinelGroup& group) {
    std::string command = python + " '" DJCACHE_FAILOVER_PEER "' " + group.service() + " " +
                          std::to_string((before_ms + after_ms) / 1000);
    for (const auto& address : group.addresses()) command += " " + std::to_string(address.second);
    pipe_ = ::popen(command.c_str(), "r");
    char line[64];
    ready_ = pipe_ != nullptr && std::fgets(line, sizeof line, pipe_) != nullptr;
    begun_ = uv_hrtime();
  }
  ~RedisPy() {
    if (pipe_ != nullptr) ::pclose(pipe_);
  }
  RedisPy(const RedisPy&) = delete;
  RedisPy& operator=(const RedisPy&) = delete;

  void report(const Bench& bench, const std::unordered_set<std::string>& kept) {
    std::size_t errors = 0, number = 0;
    double ms = 0;
    if (!ready_ || std::fscanf(pipe_, "%zu", &errors) != 1) {
      return (void)std::puts("redis-py takes no part, because it was not found");
    }
    std::vector<Acknowledged> all;
    while (std::fscanf(pipe_, "%zu %lf", &number, &ms) == 2) {
      all.push_back({"py:" + std::to_string(number), bench.since_failover(ms, begun_)});
    }
    tell("redis-py", all, errors, kept);
  }

 private:
  FILE* pipe_ = nullptr;
  bool ready_ = false;
  std::uint64_t begun_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  bool kills = false;
  std::string python = "python3";
  for (std::string_view word : std::vector<std::string_view>(argv + 1, argv + argc)) {
    if (word == "--kill") kills = true;
    if (word.starts_with("--python=")) python = word.substr(9);
  }
  auto group = djcache::harness::SentinelGroup::start();
  if (!group) return std::fprintf(stderr, "%s\n", group.problem.c_str()), 1;
  RedisPy redis_py(python, *group.value);
  uv_loop_t loop;
  uv_loop_init(&loop);
  {
    Bench bench(loop, *group.value, kills);
    bench.run();
    std::unordered_set<std::string> kept;
    auto* const primary = group->primary();
    if (primary == nullptr) return std::fputs("the Sentinels do not agree\n", stderr), 1;
    const auto inspector = djcache::harness::Inspector::open(primary->endpoint());
    for (const auto& key : inspector->command({"KEYS", "*"}).elements) kept.insert(key.text);
    bench.report(kept);
    redis_py.report(bench, kept);
  }
  return uv_loop_close(&loop) == 0 ? 0 : 1;
}
