/// @file
/// Engine: djcache on one libuv loop. Owns the connections; caches are handles onto it.
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
/// options): a light handle, from Engine::pools(). Copyable; moving copies. Without its engine it
/// is inert.
class DJCACHE_API Pool {
 public:
  /// State, connections and counters, now. Empty when the engine or the pool is gone.
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
  /// Opens nothing: the first operation connects. Invalid settings do not throw; ask check().
  ///
  /// `loop` must outlive the engine and every handle that is still closing: after disconnect() or
  /// destruction, run the loop until it has nothing left.
  Engine(uv_loop_s& loop, Settings settings);
  /// Cancels silently: pending callbacks are destroyed uncalled, and handles finish closing on
  /// later turns of the loop. Allowed at any time, also inside a callback.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The errors of the settings, as Settings::check(). An alias without an error works in any case.
  Result<void> check() const;

  /// A handle onto an alias of CACHES. For an unknown alias, one whose every operation reports
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
  /// before `uv_loop_close`, which otherwise answers `UV_EBUSY`.
  void disconnect(const DisconnectOptions& options, DisconnectDone done);

  /// Reads the files of TLS (`ssl_ca_certs`, `ssl_certfile`, ...) again: connections made from now
  /// on use what they hold. Files that have changed are noticed at the next connection anyway.
  ///
  /// Errors: invalid_settings, a line for each host whose files cannot be used; what was read
  /// before stays in use there.
  Result<void> reload_tls();

  /// Gives up a pending operation: its callback runs soon, with `cancelled`.
  ///
  /// A command that was sent may still be executed; its reply is read and thrown away. A reply that
  /// is read in the same turn wins. False when the operation was no longer pending.
  bool cancel(Ticket ticket);

  /// Opens the engine to other threads.
  ///
  /// From now on a `uv_async_t` is on the loop, until the last copy of the poster is gone or
  /// disconnect() closes it. disconnect() runs the functions posted before it and refuses later
  /// ones until poster() is called again; older copies then work again, too. The options of the
  /// most recent call count. Returns an empty poster when libuv has no descriptor left.
  Poster poster(const PosterOptions& options = {});
  /// As Poster::post() on an open poster, from any thread while this object exists. False unless a
  /// poster is open: a thread other than the loop's cannot open one.
  bool post(UniqueFunction<void()> fn) const;

 private:
  std::shared_ptr<detail::EngineCore> core_;
};

}  // namespace djcache
