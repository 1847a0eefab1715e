/// @file
/// SyncEngine and SyncCache: Django's cache API for programs without a loop.
///
/// engine/docs/sync.md has the rules.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/client.h>
#include <djcache/engine.h>
#include <djcache/lock.h>

namespace djcache {

namespace sync {
class Core;
struct Alias;
}  // namespace sync

namespace sync {
struct HeldLock;
}

/// A Lock with blocking calls, for one thread at a time; made by SyncCache::lock().
///
/// Destroying a held lock releases it without waiting for the reply. A moved-from lock reports
/// `invalid_argument`.
class DJCACHE_API SyncLock {
 public:
  SyncLock(SyncLock&&) noexcept = default;
  SyncLock& operator=(SyncLock&&) noexcept = default;
  ~SyncLock() = default;

  /// Takes the lock; false when another owner held it until the limit. See Lock::acquire().
  Result<bool> acquire(const AcquireOptions& options = {});
  /// Releases the lock; false if it had expired. See Lock::release().
  Result<bool> release();
  /// Adds to its remaining ttl. See Lock::extend().
  Result<bool> extend(std::chrono::milliseconds more);
  /// Resets it to its full ttl. See Lock::reacquire().
  Result<bool> reacquire();
  /// Asks the server whether it is still held here.
  Result<bool> owned();
  /// Asks the server whether anyone holds it.
  Result<bool> locked();

 private:
  friend class SyncCache;
  explicit SyncLock(std::shared_ptr<sync::HeldLock> lock) : lock_(std::move(lock)) {}
  std::shared_ptr<sync::HeldLock> lock_;
};

/// Django's cache API with blocking calls: a light handle to an alias of a SyncEngine.
///
/// Copy it freely and share it between threads; a move is a copy. Each call blocks the calling
/// thread until it has its result. Verbs, options, results and errors are those of Cache; any call
/// may also report `closed` (the engine was stopped, not started, or belongs to the parent of a
/// forked process) and `would_deadlock` (called on the engine's own loop thread). Results belong to
/// the caller.
class DJCACHE_API SyncCache {
 public:
  SyncCache(const SyncCache&) = default;
  SyncCache& operator=(const SyncCache&) = default;
  ~SyncCache() = default;

  /// Computes the default of get_or_set().
  ///
  /// It runs on the calling thread, only on a miss, and may call any cache. `producer_limit` counts
  /// from its start; a later result is not stored, and the call reports `timeout`. An exception
  /// passes through get_or_set, after the operation has ended.
  using Produce = std::function<Result<Value>()>;

  /// @name Entries
  /// @{

  /// Reads an entry; `nullopt` for a miss. See Cache::get().
  Result<std::optional<Value>> get(std::string_view key, const ReadOptions& options = {}) const;
  /// Reads an entry as a C++ type, by Value::as(). A value of another kind is `decode_failed`.
  template <class T>
  Result<std::optional<T>> get(std::string_view key, const ReadOptions& options = {}) const;
  /// Stores a value. See Cache::set().
  Result<void> set(std::string_view key, const Value& value,
                   const WriteOptions& options = {}) const;
  /// Stores a value if the key is absent; true if it was. See Cache::add().
  Result<bool> add(std::string_view key, const Value& value,
                   const WriteOptions& options = {}) const;
  /// Gives an entry a new ttl; true if it exists. See Cache::touch().
  Result<bool> touch(std::string_view key, const WriteOptions& options = {}) const;
  /// Deletes an entry; true if there was one. See Cache::delete_().
  Result<bool> delete_(std::string_view key, const ReadOptions& options = {}) const;
  /// Checks whether an entry exists. See Cache::has_key().
  Result<bool> has_key(std::string_view key, const ReadOptions& options = {}) const;
  /// Reads several entries in one round trip. See Cache::get_many().
  Result<Found> get_many(KeyList keys, const ReadOptions& options = {}) const;
  /// Stores several entries in one round trip, all or none; returns the keys that failed: always
  /// none. See Cache::set_many().
  Result<std::vector<std::string>> set_many(const Entries& entries,
                                            const WriteOptions& options = {}) const;
  /// Deletes several entries in one round trip. See Cache::delete_many().
  Result<void> delete_many(KeyList keys, const ReadOptions& options = {}) const;
  /// Adds to a stored integer; the new value. See Cache::incr().
  Result<std::int64_t> incr(std::string_view key, const DeltaOptions& options = {}) const;
  /// Subtracts from a stored integer; the new value. See Cache::decr().
  Result<std::int64_t> decr(std::string_view key, const DeltaOptions& options = {}) const;
  /// Moves an entry to a higher version; the new version. See Cache::incr_version().
  Result<std::int64_t> incr_version(std::string_view key, const DeltaOptions& options = {}) const;
  /// Moves an entry to a lower version; the new version. See Cache::decr_version().
  Result<std::int64_t> decr_version(std::string_view key, const DeltaOptions& options = {}) const;
  /// Reads an entry; on a miss stores a default and returns it. The default is a Value, or a
  /// function as Produce. See Cache::get_or_set().
  Result<Value> get_or_set(std::string_view key, Value fallback,
                           const GetOrSetOptions& options = {}) const;
  /// @overload
  template <class F>
  requires(std::is_invocable_v<F&> && !std::is_convertible_v<F, Value>) Result<Value> get_or_set(
      std::string_view key, F producer, const GetOrSetOptions& options = {})
  const {
    return produce(key, Produce([&producer]() { return Result<Value>(producer()); }), options);
  }
  /// Empties the whole database, regardless of the prefix; true. See Cache::clear().
  Result<bool> clear(const ReadOptions& options = {}) const;

  /// @}
  /// @name Additions of django-redis
  /// @{

  /// Stores a value if the key exists; true if it did. See Cache::replace().
  Result<bool> replace(std::string_view key, const Value& value,
                       const WriteOptions& options = {}) const;
  /// The remaining ttl of an entry: 0 if there is no entry, `nullopt` if it does not expire. See
  /// Cache::ttl().
  Result<std::optional<std::chrono::seconds>> ttl(std::string_view key,
                                                  const ReadOptions& options = {}) const;
  /// As ttl(), in milliseconds.
  Result<std::optional<std::chrono::milliseconds>> pttl(std::string_view key,
                                                        const ReadOptions& options = {}) const;
  /// Sets an entry to expire after `timeout`; true if it exists. See Cache::expire().
  Result<bool> expire(std::string_view key, std::chrono::seconds timeout,
                      const ReadOptions& options = {}) const;
  /// As expire(), in milliseconds.
  Result<bool> pexpire(std::string_view key, std::chrono::milliseconds timeout,
                       const ReadOptions& options = {}) const;
  /// As expire(), at a point in time by the server's clock.
  Result<bool> expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                         const ReadOptions& options = {}) const;
  /// Removes an expiry; true if there was one. See Cache::persist().
  Result<bool> persist(std::string_view key, const ReadOptions& options = {}) const;
  /// The limit of keys(), iter_keys() and delete_pattern() as a whole; PatternOptions::limit is
  /// that of each page.
  static constexpr std::chrono::milliseconds walk_limit{300'000};
  /// The keys that match a pattern. See Cache::keys().
  Result<std::vector<std::string>> keys(std::string_view pattern,
                                        const PatternOptions& options = {}) const;
  /// Passes the keys that match a pattern to `each`, page by page; returns their number. `each`
  /// runs on the loop thread while the caller waits. See Cache::iter_keys().
  Result<std::int64_t> iter_keys(std::string_view pattern, const PatternOptions& options,
                                 Cache::EachKeys each) const;
  /// Deletes the entries that match a pattern; returns their number. See Cache::delete_pattern().
  Result<std::int64_t> delete_pattern(std::string_view pattern,
                                      const PatternOptions& options = {}) const;
  /// A lock on `name`. See Cache::lock().
  SyncLock lock(std::string_view name, const LockOptions& options = {}) const;

  /// @}
  /// @name Any redis command
  /// @{

  /// A command over the shared connections. See Client::command().
  Result<Reply> command(Arguments arguments, const CommandOptions& options = {}) const;
  /// Several commands in one write. See Client::run().
  Result<std::vector<Reply>> run(const Pipeline& pipeline,
                                 const CommandOptions& options = {}) const;
  /// Several commands as one step. See Client::transaction().
  Result<std::vector<Reply>> transaction(const Pipeline& pipeline,
                                         const CommandOptions& options = {}) const;

  /// @}
  /// @name The alias itself
  /// @{

  /// Does nothing. See Cache::close().
  void close() const {}
  /// The stored key of `key`. A blocking call like the others, because KEY_FUNCTION runs on the
  /// loop thread.
  Result<std::string> make_key(std::string_view key,
                               std::optional<std::int64_t> version = {}) const;

  /// Closes the connections of this alias; returns with the report. See Cache::disconnect().
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

  /// @}

 private:
  friend class SyncEngine;
  explicit SyncCache(std::shared_ptr<sync::Alias> alias) : alias_(std::move(alias)) {}
  Result<Value> produce(std::string_view key, Produce producer,
                        const GetOrSetOptions& options) const;
  std::shared_ptr<sync::Alias> alias_;
};

/// The connections to one server: a light handle, from SyncEngine::pools().
class DJCACHE_API SyncPool {
 public:
  SyncPool(const SyncPool&) = default;
  SyncPool& operator=(const SyncPool&) = default;
  ~SyncPool() = default;

  /// As Pool::info().
  Result<PoolInfo> info() const;
  /// As Pool::disconnect(); returns with the report.
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

 private:
  friend class SyncEngine;
  SyncPool(std::shared_ptr<sync::Core> core, Pool pool)
      : core_(std::move(core)), pool_(std::move(pool)) {}
  std::shared_ptr<sync::Core> core_;
  Pool pool_;
};

/// Options of SyncEngine, for language bindings.
struct SyncOptions {
  /// Called repeatedly on the calling thread while its call waits: false ends the call with
  /// `cancelled`, and the operation may have been executed. It must not call this engine. Empty:
  /// calls wait until their limit.
  std::function<bool()> go_on{};
  std::chrono::milliseconds ask_every{50};  ///< the interval between two calls of go_on
  /// KEY_FUNCTION may run on the thread of any caller, one at a time, so that callers can drive.
  bool key_function_on_callers = false;
};

/// djcache for programs without a loop: one loop and its thread serve the blocking calls of any
/// number of threads.
///
/// @code
/// djcache::SyncEngine engine(settings);
/// if (auto started = engine.start(); !started.ok()) return complain(started.error());
/// djcache::SyncCache cache = engine.cache("default");
/// auto found = cache.get("greeting");          // Result<std::optional<Value>>
/// @endcode
///
/// start() starts the thread. The commands of all threads share the same connections: there is no
/// connection per thread. While only one call is waiting, its thread drives the loop itself. After
/// `fork()` a child needs an engine of its own.
class DJCACHE_API SyncEngine {
 public:
  /// Starts nothing. `on_warning`, `on_event` and KEY_FUNCTION of the settings will run on the loop
  /// thread, where a blocking call of this engine reports `would_deadlock`.
  explicit SyncEngine(Settings settings, SyncOptions options = {});
  /// As stop(). On the loop thread itself (inside on_event) it does not wait for the end. Has no
  /// effect in a child made by `fork()`.
  ~SyncEngine();
  SyncEngine(const SyncEngine&) = delete;
  SyncEngine& operator=(const SyncEngine&) = delete;

  /// Starts the loop thread, with all signals blocked. Only once. Errors: those of
  /// Settings::check(); `closed` if it was started before; `overloaded` if there is no thread or
  /// descriptor left.
  Result<void> start();
  /// Stops the engine permanently: pending calls fail with `closed`, connections close, and stop()
  /// returns when the loop thread has ended.
  ///
  /// To let operations finish, call disconnect() first. May be called any number of times, by any
  /// thread but the loop's (`would_deadlock`).
  Result<void> stop();

  /// A handle to an alias, also before start(). With an unknown alias, every call reports
  /// `unknown_alias`.
  SyncCache cache(std::string_view alias = "default") const;
  /// As Engine::pools().
  Result<std::vector<SyncPool>> pools() const;
  /// As Engine::statistics(), from any thread.
  Result<std::vector<CacheStatistics>> statistics() const;
  /// As Engine::reload_tls.
  Result<void> reload_tls() const;
  /// Closes every connection and leaves the engine usable; returns with the report.
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

  /// Posts a function to the loop, for operations that no thread waits for; from any thread.
  ///
  /// Returns true if it will run once, in the order of posting, beside the blocking calls; if the
  /// engine is stopped first, it is destroyed uncalled. Returns false if it has been destroyed
  /// uncalled, because the engine was stopped, was not started, or belongs to the parent of a
  /// forked process. It runs on the loop thread or on the thread of a driving caller, and so do the
  /// callbacks of operations that it begins. None of these may block, throw, or make blocking calls
  /// of this engine. The number of pending functions is not bounded.
  [[nodiscard]] bool post(UniqueFunction<void(Engine&)> fn) const;
  /// While a copy of the returned pointer exists, no caller drives: only the loop thread does,
  /// without a pause. Keep one while operations of post() are pending: between two blocking calls
  /// they may otherwise wait 10 ms longer for the loop.
  std::shared_ptr<const void> keep_thread_driving() const;

  /// The number of threads that are in a call now.
  std::size_t calls() const;
  /// The number of calls handed to the loop so far; they begin in this order.
  std::uint64_t calls_begun() const;

 private:
  std::shared_ptr<sync::Core> core_;
};

template <class T>
Result<std::optional<T>> SyncCache::get(std::string_view key, const ReadOptions& options) const {
  Result<std::optional<Value>> found = get(key, options);
  if (!found.ok()) return std::move(found).error();
  if (!found->has_value()) return std::optional<T>();
  std::optional<T> converted = (*found)->template as<T>();
  if (converted) return converted;
  return {Errc::decode_failed, "the entry is of type " + std::string(to_string((*found)->kind())) +
                                   ", which the asked C++ type cannot hold"};
}

}  // namespace djcache
