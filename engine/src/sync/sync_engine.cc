// The handles SyncEngine and SyncPool, and how a SyncCache disconnects.
#include <djcache/sync_cache.h>

#include <algorithm>
#include <utility>

#include "sync/alias.h"

namespace djcache {

namespace {

using std::chrono::milliseconds;

// Added to the limit: for closing sockets, and for the commands that follow a producer's result.
constexpr milliseconds closing{5000};

// For calls that need no round trip.
constexpr milliseconds soon{5000};

// The caller's limit, at most an hour, and the time for closing.
milliseconds limit_of(const DisconnectOptions& options) {
  return std::clamp(options.limit, milliseconds(0), milliseconds(3'600'000)) + closing;
}

using Report = Result<DisconnectReport>;

// What was handed over by post().
class Posted final : public sync::Submission {
 public:
  explicit Posted(UniqueFunction<void(Engine&)> fn) : fn_(std::move(fn)) {}
  void refuse() override { fn_ = nullptr; }

 private:
  void issue(Engine& engine) override { std::exchange(fn_, nullptr)(engine); }
  UniqueFunction<void(Engine&)> fn_;
};

}  // namespace

SyncEngine::SyncEngine(Settings settings, SyncOptions options)
    : core_(std::make_shared<sync::Core>(std::move(settings), std::move(options))) {}

SyncEngine::~SyncEngine() {
  if (!core_->is_of_parent()) {
    core_->stop_without_waiting();
  } else {
    // Leaked: releasing anything would touch what the parent still uses.
    new std::shared_ptr<sync::Core>(std::move(core_));
  }
}

Result<void> SyncEngine::start() { return core_->start(); }

Result<void> SyncEngine::stop() { return core_->stop(); }

SyncCache SyncEngine::cache(std::string_view alias) const {
  return SyncCache(std::make_shared<sync::Alias>(core_, alias));
}

Result<std::vector<SyncPool>> SyncEngine::pools() const {
  auto pools = core_->call<Result<std::vector<Pool>>>(
      soon, [](Engine& engine, auto settle) { settle(engine.pools()); });
  if (!pools.ok()) return std::move(pools).error();
  std::vector<SyncPool> handles;
  for (Pool& pool : *pools) handles.push_back(SyncPool(core_, std::move(pool)));
  return handles;
}

Result<std::vector<CacheStatistics>> SyncEngine::statistics() const {
  return core_->call<Result<std::vector<CacheStatistics>>>(
      soon, [](Engine& engine, auto settle) { settle(engine.statistics()); });
}

Result<void> SyncEngine::reload_tls() const {
  return core_->call<Result<void>>(
      soon, [](Engine& engine, auto settle) { settle(engine.reload_tls()); });
}

Result<DisconnectReport> SyncEngine::disconnect(const DisconnectOptions& options) const {
  return core_->call<Report>(limit_of(options), [&](Engine& engine, auto settle) {
    engine.disconnect(options, std::move(settle));
  });
}

bool SyncEngine::post(UniqueFunction<void(Engine&)> fn) const {
  if (!fn || !core_->is_running()) return false;
  auto* posted = new Posted(std::move(fn));
  const sync::Core::Reference reference(*posted);
  return core_->post(*posted);
}

std::shared_ptr<const void> SyncEngine::keep_thread_driving() const {
  struct Kept {
    explicit Kept(std::shared_ptr<sync::Core> of) : core(std::move(of)), driving(*core) {}
    std::shared_ptr<sync::Core> core;
    sync::Core::OnLoopThread driving;
  };
  return std::make_shared<const Kept>(core_);
}

std::size_t SyncEngine::calls() const { return core_->calls(); }

std::uint64_t SyncEngine::calls_begun() const { return core_->calls_begun(); }

Result<PoolInfo> SyncPool::info() const {
  return core_->call<Result<PoolInfo>>(soon, [&](Engine&, auto settle) { settle(pool_.info()); });
}

Result<DisconnectReport> SyncPool::disconnect(const DisconnectOptions& options) const {
  return core_->call<Report>(limit_of(options), [&](Engine&, auto settle) {
    Pool(pool_).disconnect(options, std::move(settle));
  });
}

Result<DisconnectReport> SyncCache::disconnect(const DisconnectOptions& options) const {
  return alias_->core->call<Report>(limit_of(options), [&](Engine& engine, auto settle) {
    alias_->cache(engine).disconnect(options, std::move(settle));
  });
}

}  // namespace djcache
