// What django-redis adds, and the raw client's commands, for SyncCache.
#include <djcache/sync_cache.h>

#include <mutex>

#include "sync/alias.h"

namespace djcache {

using std::chrono::milliseconds;
using sync::call;

Result<bool> SyncCache::replace(std::string_view key, const Value& value,
                                const WriteOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(replace(key, value, options, DONE)));
}

Result<std::optional<std::chrono::seconds>> SyncCache::ttl(std::string_view key,
                                                           const ReadOptions& options) const {
  return call<std::optional<std::chrono::seconds>>(*alias_, options.limit,
                                                   ON_LOOP(ttl(key, options, DONE)));
}

Result<std::optional<milliseconds>> SyncCache::pttl(std::string_view key,
                                                    const ReadOptions& options) const {
  return call<std::optional<milliseconds>>(*alias_, options.limit,
                                           ON_LOOP(pttl(key, options, DONE)));
}

Result<bool> SyncCache::expire(std::string_view key, std::chrono::seconds timeout,
                               const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(expire(key, timeout, options, DONE)));
}

Result<bool> SyncCache::pexpire(std::string_view key, milliseconds timeout,
                                const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(pexpire(key, timeout, options, DONE)));
}

Result<bool> SyncCache::expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                                  const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(expire_at(key, when, options, DONE)));
}

Result<bool> SyncCache::persist(std::string_view key, const ReadOptions& options) const {
  return call<bool>(*alias_, options.limit, ON_LOOP(persist(key, options, DONE)));
}

// --- Walks.

Result<std::vector<std::string>> SyncCache::keys(std::string_view pattern,
                                                 const PatternOptions& options) const {
  return call<std::vector<std::string>>(*alias_, walk_limit, ON_LOOP(keys(pattern, options, DONE)));
}

Result<std::int64_t> SyncCache::iter_keys(std::string_view pattern, const PatternOptions& options,
                                          Cache::EachKeys each) const {
  // The walk may outlast the call and must not run `each` then, which may use the caller's stack.
  struct Shared {
    std::mutex mutex;
    Cache::EachKeys each;
  };
  const auto shared = std::make_shared<Shared>();
  shared->each = std::move(each);
  const sync::Core::OnLoopThread with_its_function(*alias_->core);
  Result<std::int64_t> result =
      call<std::int64_t>(*alias_, walk_limit, [&](Cache& cache, auto done) {
        cache.iter_keys(
            pattern, options,
            [shared](std::vector<std::string>& page) {
              const std::lock_guard lock(shared->mutex);
              return shared->each && shared->each(page);
            },
            std::move(done));
      });
  const std::lock_guard lock(shared->mutex);
  shared->each = nullptr;
  return result;
}

Result<std::int64_t> SyncCache::delete_pattern(std::string_view pattern,
                                               const PatternOptions& options) const {
  return call<std::int64_t>(*alias_, walk_limit, ON_LOOP(delete_pattern(pattern, options, DONE)));
}

// --- The raw client.

Result<Reply> SyncCache::command(Arguments arguments, const CommandOptions& options) const {
  return call<Reply>(*alias_, options.limit, ON_LOOP(client({}).command(arguments, options, DONE)));
}

Result<std::vector<Reply>> SyncCache::run(const Pipeline& pipeline,
                                          const CommandOptions& options) const {
  return call<std::vector<Reply>>(*alias_, options.limit,
                                  ON_LOOP(client({}).run(pipeline, options, DONE)));
}

Result<std::vector<Reply>> SyncCache::transaction(const Pipeline& pipeline,
                                                  const CommandOptions& options) const {
  return call<std::vector<Reply>>(*alias_, options.limit,
                                  ON_LOOP(client({}).transaction(pipeline, options, DONE)));
}

// --- Locks.

namespace sync {

// Destroys the lock on the loop, the only place where that is allowed.
class LetGo final : public Submission {
 public:
  explicit LetGo(Lock lock) : lock_(std::move(lock)) {}
  void refuse() override { lock_.reset(); }

 private:
  void issue(Engine&) override { lock_.reset(); }
  std::optional<Lock> lock_;
};

struct HeldLock {
  HeldLock(std::shared_ptr<Alias> of, std::string_view called, const LockOptions& with)
      : alias(std::move(of)), name(called), options(with) {}
  HeldLock(const HeldLock&) = delete;
  ~HeldLock() {
    if (!lock) return;
    Core& core = *alias->core;
    if (core.is_of_parent()) {
      new Lock(*std::move(lock));  // leaked: it belongs to the parent process
      return;
    }
    auto* end = new LetGo(*std::move(lock));
    if (core.post(*end)) {
      end->release();
    } else {
      core.keep(end);  // the engine is gone: kept until the loop's thread has ended
    }
  }
  // On the driving thread only.
  Lock& on_loop(Engine& engine) {
    if (!lock) lock.emplace(alias->cache(engine).lock(name, options));
    return *lock;
  }
  template <class Verb>
  Result<bool> call(milliseconds more, Verb verb) {
    const milliseconds limit = options.limit.value_or(alias->limit) + more;
    return alias->core->call<Result<bool>>(
        limit, [&](Engine& engine, auto settle) { verb(on_loop(engine), std::move(settle)); });
  }

  std::shared_ptr<Alias> alias;
  std::string name;
  LockOptions options;
  std::optional<Lock> lock;  // for the driving thread only
};

}  // namespace sync

SyncLock SyncCache::lock(std::string_view name, const LockOptions& options) const {
  return SyncLock(std::make_shared<sync::HeldLock>(alias_, name, options));
}

namespace {

template <class Verb>
Result<bool> call_held(const std::shared_ptr<sync::HeldLock>& lock, milliseconds more, Verb verb) {
  if (lock == nullptr) return {Errc::invalid_argument, "this lock was moved from"};
  return lock->call(more, std::move(verb));
}

}  // namespace

Result<bool> SyncLock::acquire(const AcquireOptions& options) {
  const milliseconds waits = options.blocking ? options.blocking_limit : milliseconds(0);
  return call_held(lock_, std::max(waits, milliseconds(0)), ON_LOOP(acquire(options, DONE)));
}

Result<bool> SyncLock::release() { return call_held(lock_, {}, ON_LOOP(release(DONE))); }

Result<bool> SyncLock::extend(milliseconds more) {
  return call_held(lock_, {}, ON_LOOP(extend(more, DONE)));
}

Result<bool> SyncLock::reacquire() { return call_held(lock_, {}, ON_LOOP(reacquire(DONE))); }

Result<bool> SyncLock::owned() { return call_held(lock_, {}, ON_LOOP(owned(DONE))); }

Result<bool> SyncLock::locked() { return call_held(lock_, {}, ON_LOOP(locked(DONE))); }

}  // namespace djcache
