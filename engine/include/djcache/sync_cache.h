// SyncEngine and SyncCache: Django's cache API for programs without a loop. Every call blocks the
// calling thread until it has its result; any number of threads may call at once.
//
//   djcache::SyncEngine engine(settings);
//   if (auto started = engine.start(); !started.ok()) return complain(started.error());
//   djcache::SyncCache cache = engine.cache("default");
//   auto found = cache.get("greeting");          // Result<std::optional<Value>>
//
// One loop thread, which start() makes, owns the connections, and sends the commands of all threads
// down them together: there is no connection per thread. Verbs, options and results are those of
// Cache (cache.h). Errors besides those of each verb: `closed`, `would_deadlock`. engine/docs/sync.md
// says more.
#pragma once

#include <djcache/export.h>

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

// As Lock, for one thread at a time; destroyed while it is held it is released, without waiting.
class DJCACHE_API SyncLock {
 public:
  // One that was moved from answers `invalid_argument`.
  SyncLock(SyncLock&&) noexcept = default;
  SyncLock& operator=(SyncLock&&) noexcept = default;
  ~SyncLock() = default;

  // False: somebody else had it until the limit.
  Result<bool> acquire(const AcquireOptions& options = {});
  Result<bool> release();
  Result<bool> extend(std::chrono::milliseconds more);
  Result<bool> reacquire();
  Result<bool> owned();
  Result<bool> locked();

 private:
  friend class SyncCache;
  explicit SyncLock(std::shared_ptr<sync::HeldLock> lock) : lock_(std::move(lock)) {}
  std::shared_ptr<sync::HeldLock> lock_;
};

// A light handle onto an alias of a SyncEngine: copy it, share it between threads, keep it. Once
// the engine has been stopped every call answers `closed`.
class DJCACHE_API SyncCache {
 public:
  SyncCache(const SyncCache&) = default;  // moving copies
  SyncCache& operator=(const SyncCache&) = default;
  ~SyncCache() = default;

  // The default of get_or_set. Called on the calling thread, only on a miss, and may itself call
  // any cache. Only `limit` of what it computes from is its own business; `producer_limit` counts
  // from its beginning, and a result that comes later is not stored. An exception of it passes
  // through get_or_set, after the operation has ended.
  using Produce = std::function<Result<Value>()>;

  Result<std::optional<Value>> get(std::string_view key, const ReadOptions& options = {}) const;
  // Converted by Value::as<T>(). A value of another kind is decode_failed.
  template <class T>
  Result<std::optional<T>> get(std::string_view key, const ReadOptions& options = {}) const;
  Result<void> set(std::string_view key, const Value& value,
                   const WriteOptions& options = {}) const;
  Result<bool> add(std::string_view key, const Value& value,
                   const WriteOptions& options = {}) const;
  Result<bool> touch(std::string_view key, const WriteOptions& options = {}) const;
  Result<bool> delete_(std::string_view key, const ReadOptions& options = {}) const;
  Result<bool> has_key(std::string_view key, const ReadOptions& options = {}) const;
  Result<Found> get_many(KeyList keys, const ReadOptions& options = {}) const;
  Result<std::vector<std::string>> set_many(const Entries& entries,
                                            const WriteOptions& options = {}) const;
  Result<void> delete_many(KeyList keys, const ReadOptions& options = {}) const;
  Result<std::int64_t> incr(std::string_view key, const DeltaOptions& options = {}) const;
  Result<std::int64_t> decr(std::string_view key, const DeltaOptions& options = {}) const;
  Result<std::int64_t> incr_version(std::string_view key, const DeltaOptions& options = {}) const;
  Result<std::int64_t> decr_version(std::string_view key, const DeltaOptions& options = {}) const;
  Result<Value> get_or_set(std::string_view key, Value fallback,
                           const GetOrSetOptions& options = {}) const;
  template <class F>
  requires(std::is_invocable_v<F&> && !std::is_convertible_v<F, Value>) Result<Value> get_or_set(
      std::string_view key, F producer, const GetOrSetOptions& options = {})
  const {
    return produce(key, Produce([&producer]() { return Result<Value>(producer()); }), options);
  }
  Result<bool> clear(const ReadOptions& options = {}) const;

  // --- What django-redis adds.
  Result<bool> replace(std::string_view key, const Value& value,
                       const WriteOptions& options = {}) const;
  Result<std::optional<std::chrono::seconds>> ttl(std::string_view key,
                                                  const ReadOptions& options = {}) const;
  Result<std::optional<std::chrono::milliseconds>> pttl(std::string_view key,
                                                        const ReadOptions& options = {}) const;
  Result<bool> expire(std::string_view key, std::chrono::seconds timeout,
                      const ReadOptions& options = {}) const;
  Result<bool> pexpire(std::string_view key, std::chrono::milliseconds timeout,
                       const ReadOptions& options = {}) const;
  Result<bool> expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                         const ReadOptions& options = {}) const;
  Result<bool> persist(std::string_view key, const ReadOptions& options = {}) const;
  // Those that walk through all keys have walk_limit as their limit for all pages together, besides
  // that of each page.
  static constexpr std::chrono::milliseconds walk_limit{300'000};
  Result<std::vector<std::string>> keys(std::string_view pattern,
                                        const PatternOptions& options = {}) const;
  // `each` runs on the loop thread, one page at a time, while the caller waits.
  Result<std::int64_t> iter_keys(std::string_view pattern, const PatternOptions& options,
                                 Cache::EachKeys each) const;
  Result<std::int64_t> delete_pattern(std::string_view pattern,
                                      const PatternOptions& options = {}) const;
  SyncLock lock(std::string_view name, const LockOptions& options = {}) const;

  // Any redis command over the shared connections, as Client::command, run and transaction.
  Result<Reply> command(Arguments arguments, const CommandOptions& options = {}) const;
  Result<std::vector<Reply>> run(const Pipeline& pipeline,
                                 const CommandOptions& options = {}) const;
  Result<std::vector<Reply>> transaction(const Pipeline& pipeline,
                                         const CommandOptions& options = {}) const;

  // As Cache::close: does nothing.
  void close() const {}
  // KEY_FUNCTION runs on the loop thread, as always: therefore a call like the others.
  Result<std::string> make_key(std::string_view key,
                               std::optional<std::int64_t> version = {}) const;

  // Disconnects the pools of this alias; returns with the report.
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

 private:
  friend class SyncEngine;
  explicit SyncCache(std::shared_ptr<sync::Alias> alias) : alias_(std::move(alias)) {}
  Result<Value> produce(std::string_view key, Produce producer,
                        const GetOrSetOptions& options) const;
  std::shared_ptr<sync::Alias> alias_;
};

// A handle onto one pool of a SyncEngine.
class DJCACHE_API SyncPool {
 public:
  SyncPool(const SyncPool&) = default;  // moving copies
  SyncPool& operator=(const SyncPool&) = default;
  ~SyncPool() = default;

  Result<PoolInfo> info() const;
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

 private:
  friend class SyncEngine;
  SyncPool(std::shared_ptr<sync::Core> core, Pool pool)
      : core_(std::move(core)), pool_(std::move(pool)) {}
  std::shared_ptr<sync::Core> core_;
  Pool pool_;
};

class DJCACHE_API SyncEngine {
 public:
  // Starts nothing. `on_warning`, `on_event` and KEY_FUNCTION of the settings will run on the loop
  // thread; a blocking call of this engine from there is `would_deadlock`.
  explicit SyncEngine(Settings settings);
  // As stop(). On the loop thread itself (within on_event) it does not wait for the end. In a child
  // made by fork() it touches nothing.
  ~SyncEngine();
  SyncEngine(const SyncEngine&) = delete;
  SyncEngine& operator=(const SyncEngine&) = delete;

  // Starts the loop thread, with all signals blocked. Once: errors are those of Settings::check(),
  // `closed` when it has been started before, `overloaded` when there is no thread or descriptor.
  Result<void> start();
  // Wakes every thread that waits in a call with `closed`, closes the connections, and returns when
  // the loop thread has ended; to let operations finish first, disconnect() before. Any thread but
  // the loop's (would_deadlock), any number of times.
  Result<void> stop();

  // Also before start(). An unknown alias gives a handle whose every call reports unknown_alias.
  SyncCache cache(std::string_view alias = "default") const;
  // As Engine::pools.
  Result<std::vector<SyncPool>> pools() const;
  // As Engine::statistics.
  Result<std::vector<CacheStatistics>> statistics() const;
  // As Engine::reload_tls.
  Result<void> reload_tls() const;
  // Disconnects everything and leaves the engine usable; returns with the report.
  Result<DisconnectReport> disconnect(const DisconnectOptions& options = {}) const;

  // Threads that are in a call now.
  std::size_t calls() const;
  // Calls that have been handed to the loop thread so far. They begin in this order.
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
