// Lock: django-redis' cache.lock(): one owner at a time among all processes that use a server.
//
//   djcache::Lock lock = cache.lock("report", {.ttl = 30s});
//   lock.acquire({.blocking_limit = 10s}, [&](Result<bool> taken) { ... lock.release({}); });
//
// An entry under the cache's key for `name` holds the owner's random token, as redis-py's Lock has it:
// both keep each other out. What is checked against the token (release, extend) is checked on the
// server. A lock with a ttl may pass to somebody else while its owner still works: a lock helps
// against doing work twice, not against doing it wrong.
// Source: https://redis.io/docs/latest/commands/set/ (locking), redis-py's redis/lock.py.
#pragma once

#include <djcache/cache.h>

namespace djcache {

struct LockOptions {
  Ttl ttl = forever;  // after which it is free again, whatever its owner does
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};  // of each command
};
struct AcquireOptions {
  bool blocking = true;  // try again until it is free, or the limit has passed
  std::chrono::milliseconds blocking_limit{10'000};
  std::chrono::milliseconds retry{100};  // between two tries
};

namespace detail {
struct LockState;
}

// Not copied: it owns the lock. Destroyed or assigned to while it holds one, it releases it without
// waiting for the answer; while it is being acquired, that ends with `cancelled`. Callbacks follow the
// rules of Cache's; those of a lock that was moved from are destroyed uncalled.
class DJCACHE_API Lock {
 public:
  Lock(Lock&&) noexcept = default;
  Lock& operator=(Lock&&) noexcept;
  ~Lock();

  // True: it is ours. False: somebody else has it (and had it until the limit). Each acquire makes a
  // new token. Errors: invalid_argument when it is held already or being acquired. Cancelled or timed
  // out while a try was under way, it is released again.
  Ticket acquire(const AcquireOptions& options, Callback<bool> done);
  Ticket acquire(Callback<bool> done) { return acquire(AcquireOptions{}, std::move(done)); }
  // True: it was ours and is free. False: it was not, any more: its ttl had passed.
  Ticket release(Callback<bool> done);
  // True: it is still ours and lives `more` longer than it would have. False: it is not ours. A lock
  // without a ttl has none to extend: false, as in redis-py.
  Ticket extend(std::chrono::milliseconds more, Callback<bool> done);
  // True: it is still ours and has its full ttl again.
  Ticket reacquire(Callback<bool> done);
  // Whether it is ours, and whether it is anybody's, by the server's word.
  Ticket owned(Callback<bool> done);
  Ticket locked(Callback<bool> done);

  // Whether a token is held here: acquired, and not released since.
  bool held() const;
  // The key as stored.
  const std::string& key() const;

 private:
  friend class Cache;
  explicit Lock(std::shared_ptr<detail::LockState> state) : state_(std::move(state)) {}
  void let_go() noexcept;
  std::shared_ptr<detail::LockState> state_;
};

}  // namespace djcache
