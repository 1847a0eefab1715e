// The public handles: Engine and Pool.
#include <djcache/engine.h>

#include <uv.h>

#include <vector>

#include "engine/engine_core.h"
#include "engine/writer.h"

namespace djcache {

Engine::Engine(uv_loop_s& loop, Settings settings)
    : core_(detail::EngineCore::make(loop, std::move(settings))) {}

// A child must not close what the parent uses: it keeps it until it ends.
Engine::~Engine() {
  if (!core_->is_of_parent()) {
    core_->shut_down();
  } else {
    static auto& kept = *new std::vector<std::shared_ptr<detail::EngineCore>>();
    kept.push_back(std::move(core_));
  }
}

Result<void> Engine::check() const { return core_->check(); }

Cache Engine::cache(std::string_view alias) { return Cache(core_->alias(alias)); }

std::vector<Pool> Engine::pools() const {
  std::vector<Pool> pools;
  for (const auto& entry : core_->pools()) pools.push_back(Pool(entry));
  return pools;
}

std::vector<CacheStatistics> Engine::statistics() const { return core_->statistics(); }

void Engine::disconnect(const DisconnectOptions& options, DisconnectDone done) {
  core_->disconnect_all(options, std::move(done));
}

Result<void> Engine::reload_tls() { return core_->reload_tls(); }

bool Engine::cancel(Ticket ticket) { return core_->cancel(ticket); }

Poster Engine::poster(const PosterOptions& options) { return Poster(core_->writer(options)); }

bool Engine::post(UniqueFunction<void()> fn) const { return core_->mailbox().post(std::move(fn)); }

PoolInfo Pool::info() const {
  const auto entry = entry_.lock();
  const auto core = entry ? entry->core.lock() : nullptr;
  if (core == nullptr) return {};
  PoolInfo info = entry->driver->pool().info();
  info.tls = entry->driver->tls_peer();
  return info;
}

void Pool::disconnect(const DisconnectOptions& options, DisconnectDone done) {
  const auto entry = entry_.lock();
  const auto core = entry ? entry->core.lock() : nullptr;
  if (core) core->disconnect({entry->driver}, false, options, std::move(done));
}

}  // namespace djcache
