/// @file
/// Engine: djcache on one libuv loop. Owns the connections; caches are handles to it.
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

/// The connections to one server with one identity (endpoint, database, credentials, protocol
/// options): a light handle, from Engine::pools(). Copyable; a move is a copy. Inert once its
/// engine is destroyed.
class DJCACHE_API Pool {
 public:
  /// The current state, connections and counters. Empty if the engine or the pool no longer exists.
  PoolInfo info() const;
  /// As Engine::disconnect(), for this pool alone.
  void disconnect(const DisconnectOptions& options, DisconnectDone done);

 private:
  friend class Engine;
  explicit Pool(std::weak_ptr<detail::PoolEntry> entry) : entry_(std::move(entry)) {}
  std::weak_ptr<detail::PoolEntry> entry_;
};

/// djcache on a libuv loop of the program.
///
/// @code
/// djcache::Engine engine(*loop, settings);
/// djcache::Cache cache = engine.cache("default");
/// @endcode
///
/// An engine, its caches and its pools belong to the thread that runs the loop; only post() may be
/// called from other threads. There is no global registry: two engines share nothing. A program
/// without a loop uses SyncEngine. engine/docs/lifetime.md has the rules of callbacks, handles and
/// destruction.
class DJCACHE_API Engine {
 public:
  /// Opens no connection: the first operation connects. Invalid settings do not throw; see check().
  ///
  /// `loop` must outlive the engine and every handle that is still closing: after disconnect() or
  /// destruction, run the loop until it has nothing left.
  Engine(uv_loop_s& loop, Settings settings);
  /// Cancels silently: pending callbacks are destroyed uncalled, and handles finish closing on
  /// later turns of the loop. Allowed at any time, also inside a callback.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The errors of the settings, as Settings::check(). An alias without errors works regardless.
  Result<void> check() const;

  /// A handle to an alias of CACHES. With an unknown alias, every operation reports
  /// `unknown_alias`.
  Cache cache(std::string_view alias = "default");

  /// The pools that exist now, in the order of their creation. A pool is created when an alias that
  /// needs it is first used.
  std::vector<Pool> pools() const;

  /// The counters of each alias that has been used, sorted by name; see prometheus_text().
  std::vector<CacheStatistics> statistics() const;

  /// Closes every connection and leaves the engine usable: the next operation connects again.
  ///
  /// `done` may be empty. It runs last: after the callbacks of all operations that were pending,
  /// and after the last uv handle has closed. It cannot fail and always runs, unless the engine is
  /// destroyed first. Operations issued after this call belong to the next disconnect. Call it
  /// before `uv_loop_close`, which otherwise returns `UV_EBUSY`.
  void disconnect(const DisconnectOptions& options, DisconnectDone done);

  /// Reads the TLS files (`ssl_ca_certs`, `ssl_certfile`, ...) again, for new connections. Without
  /// this call, changed files are detected at the next connection.
  ///
  /// Errors: invalid_settings, with a line for each host whose files cannot be used; for those
  /// hosts the previously read files stay in use.
  Result<void> reload_tls();

  /// Cancels a pending operation: its callback runs soon, with `cancelled`.
  ///
  /// A command that was sent may still be executed; its reply is read and discarded. A reply that
  /// is read in the same turn takes precedence. Returns false if the operation was not pending.
  bool cancel(Ticket ticket);

  /// Returns a Poster, through which other threads run functions on the loop.
  ///
  /// A `uv_async_t` is then on the loop, until the last copy of the poster is destroyed or
  /// disconnect() closes it. disconnect() runs the functions posted before it and refuses later
  /// ones until poster() is called again; older copies then work again, too. The options of the
  /// most recent call apply. Returns an empty poster if libuv has no descriptor left.
  Poster poster(const PosterOptions& options = {});
  /// As Poster::post(), from any thread while this object exists. Returns false unless a poster is
  /// open; only the loop's thread can open one.
  bool post(UniqueFunction<void()> fn) const;

 private:
  std::shared_ptr<detail::EngineCore> core_;
};

}  // namespace djcache
