// Engine: djcache on one libuv loop. Owns the pools; caches are handles onto it.
//
//   djcache::Engine engine(*loop, settings);
//   djcache::Cache cache = engine.cache("default");
//
// Not thread-safe but for post(): an Engine, its caches and its pools belong to the thread that runs
// the loop.
// There is no global registry: two engines share nothing. The rules of callbacks and of lifetime
// are in engine/docs/lifetime.md.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

#include <djcache/cache.h>
#include <djcache/disconnect.h>
#include <djcache/events.h>
#include <djcache/poster.h>
#include <djcache/settings.h>

struct uv_loop_s;  // libuv's uv_loop_t

namespace djcache {

namespace detail {
class EngineCore;
class PoolEntry;
}  // namespace detail

// A handle onto one pool: the connections to one server with one identity (endpoint, database,
// credentials, protocol options). Copyable; outlives the engine as an inert handle.
class DJCACHE_API Pool {
 public:
  PoolInfo info() const;
  // As Engine::disconnect, for this pool alone.
  void disconnect(const DisconnectOptions& options, DisconnectDone done);

 private:
  friend class Engine;
  explicit Pool(std::weak_ptr<detail::PoolEntry> entry) : entry_(std::move(entry)) {}
  std::weak_ptr<detail::PoolEntry> entry_;
};

class DJCACHE_API Engine {
 public:
  // `loop` must outlive the engine and every handle still closing on it: run the loop after
  // disconnect() or after destruction until it has nothing left. Nothing is opened here:
  // connections are made by the first operation. Invalid settings do not throw; see check().
  Engine(uv_loop_s& loop, Settings settings);
  // Silent cancellation: pending callbacks are destroyed without being called; handles finish
  // closing on later turns of the loop. Safe inside any callback.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // What was wrong with the settings, if anything.
  Result<void> check() const;

  // A handle onto an alias of CACHES. An unknown alias gives a handle whose every operation reports
  // unknown_alias.
  Cache cache(std::string_view alias = "default");

  // The pools that exist now (made when an alias is first used), in order of creation.
  std::vector<Pool> pools() const;

  // Of each alias that has been used, by name.
  std::vector<CacheStatistics> statistics() const;

  // Closes every connection of every pool and leaves the engine usable: the next operation
  // reconnects. `done` runs last: after every callback that was pending and after the last uv
  // handle has closed. It cannot fail and always ends. `done` may be empty.
  void disconnect(const DisconnectOptions& options, DisconnectDone done);

  // Reads the files of TLS (ssl_ca_certs, ssl_certfile, ...) again: connections made from now on use what they
  // hold. Files that have changed are noticed at the next connection anyway. Errors: invalid_settings, a line
  // for each host whose files cannot be used; what was read before goes on to be used there.
  Result<void> reload_tls();

  // Gives up a pending operation: its callback runs soon, with `cancelled`. Its place in the
  // pipeline stays until the reply has been read; a reply that is read in the same turn wins. False
  // when it was no longer pending.
  bool cancel(Ticket ticket);

  // Opens the engine to other threads: from now on a uv_async_t is on the loop, until the last copy
  // of the poster is gone or disconnect() closes it. disconnect() runs what was posted before it and
  // refuses what comes later, until somebody asks for a poster again; copies made earlier work again,
  // too. The options given last count. An empty poster when libuv has no descriptor left.
  Poster poster(const PosterOptions& options = {});
  // As Poster::post on a poster that is open, from any thread while this object exists. False
  // unless one is open: a thread that is not the loop's cannot open a handle on it.
  bool post(UniqueFunction<void()> fn) const;

 private:
  std::shared_ptr<detail::EngineCore> core_;
};

}  // namespace djcache
