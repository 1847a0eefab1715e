/// @file
/// Lock: django-redis' `cache.lock()`, one owner at a time among all programs that use a server.
///
/// Source: redis-py's redis/lock.py; https://redis.io/docs/latest/commands/set/ (locking).
#pragma once

#include <djcache/cache.h>

namespace djcache {

/// Options of Cache::lock().
struct LockOptions {
  /// The lock expires after this, even while held. `forever`, and an omitted ttl: never. At least a
  /// millisecond; fractions of a second count.
  Ttl ttl = forever;
  std::optional<std::int64_t> version{};             ///< as ReadOptions::version
  std::optional<std::chrono::milliseconds> limit{};  ///< of each redis command
};

/// Options of Lock::acquire().
struct AcquireOptions {
  bool blocking = true;                              ///< false: try once
  std::chrono::milliseconds blocking_limit{10'000};  ///< how long to keep trying
  std::chrono::milliseconds retry{100};              ///< the pause between two attempts
};

namespace detail {
struct LockState;
}

/// A lock on a name, shared with redis-py's locks. Made by Cache::lock().
///
/// @code
/// djcache::Lock lock = cache.lock("report", {.ttl = 30s});
/// lock.acquire({.blocking_limit = 10s}, [&](Result<bool> taken) { ... lock.release({}); });
/// @endcode
///
/// An entry under the cache's key for the name holds a random token in redis-py's format, so C++
/// and Python exclude each other. release(), extend() and reacquire() compare the token on the
/// server. A lock with a ttl may pass to another owner while the first is still working: it avoids
/// duplicate work, but does not guarantee correctness.
///
/// Not copyable. Destroying or assigning to a held lock releases it without waiting for the reply;
/// during acquire() it ends that operation with `cancelled`. A moved-from lock destroys callbacks
/// uncalled. Callbacks and common errors are those of Cache; the dummy backend refuses locks, and
/// the memory backend locks within its engine. release(), extend() and reacquire() report
/// `invalid_argument` if the lock is not held.
class DJCACHE_API Lock {
 public:
  Lock(Lock&&) noexcept = default;
  Lock& operator=(Lock&&) noexcept;
  ~Lock();

  /// Takes the lock, retrying until AcquireOptions::blocking_limit.
  ///
  /// Result: true if it is held now; false if another owner held it the whole time. Each acquire
  /// makes a new token. Errors: `invalid_argument` if this object holds the lock already or is
  /// acquiring it, or if the ttl is less than a millisecond. If acquire() is cancelled or times out
  /// during an attempt, the lock is released again.
  Ticket acquire(const AcquireOptions& options, Callback<bool> done);
  /// @overload
  Ticket acquire(Callback<bool> done) { return acquire(AcquireOptions{}, std::move(done)); }
  /// Releases the lock. Result: true if it was still held; false if it had expired.
  Ticket release(Callback<bool> done);
  /// Adds `more` (at least a millisecond) to the remaining ttl of the lock.
  ///
  /// Result: true if it is still held. False if not, and for a lock without a ttl, as in redis-py.
  /// Errors: `invalid_argument` for less than a millisecond.
  Ticket extend(std::chrono::milliseconds more, Callback<bool> done);
  /// Resets the lock to its full ttl. Result: true if it is still held. Errors: `invalid_argument`
  /// for a lock without a ttl.
  Ticket reacquire(Callback<bool> done);
  /// Asks the server whether this object still holds the lock; false at once if held() is false.
  Ticket owned(Callback<bool> done);
  /// Asks the server whether anyone holds the lock.
  Ticket locked(Callback<bool> done);

  /// Whether a token is held here: acquired, and not released since. The server is not asked.
  bool held() const;
  /// The stored key of the lock's entry.
  const std::string& key() const;

 private:
  friend class Cache;
  explicit Lock(std::shared_ptr<detail::LockState> state) : state_(std::move(state)) {}
  void let_go() noexcept;
  std::shared_ptr<detail::LockState> state_;
};

}  // namespace djcache
