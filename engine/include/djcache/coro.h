// Coroutines: co_await on the verbs of a cache, on disconnect, and on anything that takes a callback.
//
//   djcache::coro::Cache cache(engine.cache());
//   auto found = co_await cache.get("greeting");           // Result<std::optional<Value>>
//   auto report = co_await djcache::coro::disconnect(engine);
//
// Optional, header only, and knows no task type: co_await works in any coroutine. What is awaited
// lives in the coroutine's frame, so nothing is allocated besides it. The coroutine goes on where
// the callback would run: on the loop thread, never inside the call. engine/docs/coroutines.md.
//
// Destroying a coroutine that waits gives its operation up, as Engine::cancel does: the operation's
// callback finds nobody to resume. If the engine is destroyed first, the coroutine goes on with
// `closed`, within the engine's destructor.
#pragma once

#include <djcache/export.h>

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include <djcache/engine.h>
#include <djcache/lock.h>

namespace djcache::coro {

// What a coroutine waits for: `begin(done)` is called when it is awaited and must see to it that
// `done` is called once with a T, later, on the loop thread, or destroyed. If `begin` has a member
// cancel(), it is given what `begin` returned when the coroutine is destroyed while it waits.
//
// Await it where it is made: arguments given as views must live until the co_await has ended.
template <class T, class Begin>
class [[nodiscard]] Awaitable {
 public:
  explicit Awaitable(Begin begin) : begin_(std::move(begin)) {}
  Awaitable(const Awaitable&) = delete;
  Awaitable& operator=(const Awaitable&) = delete;
  ~Awaitable() {
    if (done_ == nullptr) return;
    std::exchange(done_, nullptr)->waiter = nullptr;
    if constexpr (requires { begin_.cancel(ticket_); }) begin_.cancel(ticket_);
  }

  class Awaiter {
   public:
    explicit Awaiter(Awaitable& of) : of_(of) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> coroutine) { return of_.suspend(coroutine); }
    T await_resume() {
      return of_.arrived_ != nullptr ? std::move(*of_.arrived_) : *std::move(of_.result_);
    }

   private:
    Awaitable& of_;
  };
  // Once, and only of an rvalue: what was awaited has been used up.
  Awaiter operator co_await() && { return Awaiter(*this); }

  // Of the operation, once it is awaited: for Engine::cancel, which ends the co_await with
  // `cancelled`.
  auto ticket() const { return ticket_; }

 private:
  // The callback. It and the awaitable know each other, wherever either goes.
  struct Done {
    explicit Done(Awaitable& of) : waiter(&of) { of.done_ = this; }
    Done(Done&& other) noexcept : waiter(std::exchange(other.waiter, nullptr)) {
      if (waiter != nullptr) waiter->done_ = this;
    }
    Done& operator=(Done&&) = delete;
    ~Done() {
      if (waiter != nullptr) finish(gone());
    }
    void operator()(T&& result) {
      if (waiter != nullptr) finish(std::move(result));
    }
    void finish(T&& result) {
      Awaitable& of = *std::exchange(waiter, nullptr);
      of.done_ = nullptr;
      of.end(std::move(result));
    }
    Awaitable* waiter;
  };
  using Returned = std::invoke_result_t<Begin&, Done>;
  static constexpr bool has_ticket = !std::is_void_v<Returned>;
  struct Nothing {};

  // Destroyed uncalled: nobody is left who could answer.
  static T gone() {
    if constexpr (std::is_constructible_v<T, Error>) {
      return T(Error{Errc::closed, "the engine was destroyed while a coroutine waited"});
    } else {
      return T();
    }
  }

  // False: the engine is gone already, so the answer is here.
  bool suspend(std::coroutine_handle<> coroutine) {
    coroutine_ = {};
    if constexpr (has_ticket) {
      ticket_ = begin_(Done(*this));
    } else {
      begin_(Done(*this));
    }
    if (result_) return false;
    coroutine_ = coroutine;
    return true;
  }
  void end(T&& result) {
    if (!coroutine_) return (void)result_.emplace(std::move(result));
    arrived_ = &result;                      // await_resume() comes first of all
    std::exchange(coroutine_, {}).resume();  // may destroy *this
  }

  Begin begin_;
  Done* done_ = nullptr;
  std::coroutine_handle<> coroutine_;
  T* arrived_ = nullptr;     // while it is being resumed
  std::optional<T> result_;  // answered before it was suspended
  [[no_unique_address]] std::conditional_t<has_ticket, Returned, Nothing> ticket_{};
};

// co_await on anything whose callback comes last and takes a T:
//   co_await awaitable<DisconnectReport>([&](auto done) { pool.disconnect({}, std::move(done)); })
template <class T, class Begin>
Awaitable<T, Begin> awaitable(Begin begin) {
  return Awaitable<T, Begin>(std::move(begin));
}

// Of an Engine, a Cache or a Pool. If the engine is destroyed meanwhile: an empty report.
template <class Who>
auto disconnect(Who& who, const DisconnectOptions& options = {}) {
  return awaitable<DisconnectReport>(
      [&who, options](auto done) { who.disconnect(options, std::move(done)); });
}

// A verb on a cache. The handle is needed until the operation has begun; what is pending is cancelled where it
// is kept, which is there for as long as its callback is.
template <class Verb>
struct Operation {
  djcache::Cache* cache;
  Verb verb;
  Calls* calls = nullptr;
  template <class Done>
  Ticket operator()(Done done) {
    calls = cache->calls();
    return verb(*cache, std::move(done));
  }
  void cancel(Ticket ticket) { djcache::Cache::cancel_in(*calls, ticket); }
};

// djcache::Lock, with its verbs to be awaited. It must outlive what is awaited.
class Lock {
 public:
  explicit Lock(djcache::Lock lock) : lock_(std::move(lock)) {}

  auto acquire(const AcquireOptions& options = {}) {
    return awaitable<Result<bool>>([this, options](auto done) {  //
      return lock_.acquire(options, std::move(done));
    });
  }
  auto release() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.release(std::move(done)); });
  }
  auto extend(std::chrono::milliseconds more) {
    return awaitable<Result<bool>>(
        [this, more](auto done) { return lock_.extend(more, std::move(done)); });
  }
  auto reacquire() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.reacquire(std::move(done)); });
  }
  auto owned() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.owned(std::move(done)); });
  }
  auto locked() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.locked(std::move(done)); });
  }
  bool held() const { return lock_.held(); }
  const std::string& key() const { return lock_.key(); }
  djcache::Lock& callbacks() { return lock_; }

 private:
  djcache::Lock lock_;
};

// The verbs of djcache::Cache to be awaited; a light handle like it.
class Cache {
  template <class T, class Verb>
  Awaitable<Result<T>, Operation<Verb>> operation(Verb verb) const {
    return Awaitable<Result<T>, Operation<Verb>>({&cache_, std::move(verb)});
  }

 public:
  explicit Cache(djcache::Cache cache) : cache_(std::move(cache)) {}

  auto get(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<Value>>([key, options](djcache::Cache& cache, auto done) {
      return cache.get(key, options, std::move(done));
    });
  }
  template <class T>
  auto get(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<T>>([key, options](djcache::Cache& cache, auto done) {
      return cache.get<T>(key, options, std::move(done));
    });
  }
  auto set(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<void>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.set(key, value, options, std::move(done));
    });
  }
  auto add(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<bool>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.add(key, value, options, std::move(done));
    });
  }
  auto touch(std::string_view key, const WriteOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.touch(key, options, std::move(done));
    });
  }
  auto delete_(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.delete_(key, options, std::move(done));
    });
  }
  auto has_key(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.has_key(key, options, std::move(done));
    });
  }
  auto get_many(KeyList keys, const ReadOptions& options = {}) const {
    return operation<Found>([keys, options](djcache::Cache& cache, auto done) {
      return cache.get_many(keys, options, std::move(done));
    });
  }
  auto set_many(const Entries& entries, const WriteOptions& options = {}) const {
    return operation<std::vector<std::string>>(
        [&entries, options](djcache::Cache& cache, auto done) {
          return cache.set_many(entries, options, std::move(done));
        });
  }
  auto delete_many(KeyList keys, const ReadOptions& options = {}) const {
    return operation<void>([keys, options](djcache::Cache& cache, auto done) {
      return cache.delete_many(keys, options, std::move(done));
    });
  }
  auto incr(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.incr(key, options, std::move(done));
    });
  }
  auto decr(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.decr(key, options, std::move(done));
    });
  }
  auto incr_version(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.incr_version(key, options, std::move(done));
    });
  }
  auto decr_version(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.decr_version(key, options, std::move(done));
    });
  }
  // The default as of Cache::get_or_set: a Value, a function that makes one, or an AsyncProducer.
  template <class D>
  auto get_or_set(std::string_view key, D fallback_or_producer,
                  const GetOrSetOptions& options = {}) const {
    return operation<Value>([key, options, fallback = std::move(fallback_or_producer)](
                                djcache::Cache& cache, auto done) mutable {
      return cache.get_or_set(key, std::move(fallback), options, std::move(done));
    });
  }
  auto replace(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<bool>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.replace(key, value, options, std::move(done));
    });
  }
  auto ttl(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<std::chrono::seconds>>(
        [key, options](djcache::Cache& cache, auto done) {
          return cache.ttl(key, options, std::move(done));
        });
  }
  auto pttl(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<std::chrono::milliseconds>>(
        [key, options](djcache::Cache& cache, auto done) {
          return cache.pttl(key, options, std::move(done));
        });
  }
  auto expire(std::string_view key, std::chrono::seconds timeout,
              const ReadOptions& options = {}) const {
    return operation<bool>([key, timeout, options](djcache::Cache& cache, auto done) {
      return cache.expire(key, timeout, options, std::move(done));
    });
  }
  auto pexpire(std::string_view key, std::chrono::milliseconds timeout,
               const ReadOptions& options = {}) const {
    return operation<bool>([key, timeout, options](djcache::Cache& cache, auto done) {
      return cache.pexpire(key, timeout, options, std::move(done));
    });
  }
  auto expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                 const ReadOptions& options = {}) const {
    return operation<bool>([key, when, options](djcache::Cache& cache, auto done) {
      return cache.expire_at(key, when, options, std::move(done));
    });
  }
  auto persist(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.persist(key, options, std::move(done));
    });
  }
  auto keys(std::string_view pattern, const PatternOptions& options = {}) const {
    return operation<std::vector<std::string>>(
        [pattern, options](djcache::Cache& cache, auto done) {
          return cache.keys(pattern, options, std::move(done));
        });
  }
  auto iter_keys(std::string_view pattern, const PatternOptions& options,
                 djcache::Cache::EachKeys each) const {
    return operation<std::int64_t>(
        [pattern, options, each = std::move(each)](djcache::Cache& cache, auto done) mutable {
          return cache.iter_keys(pattern, options, std::move(each), std::move(done));
        });
  }
  auto delete_pattern(std::string_view pattern, const PatternOptions& options = {}) const {
    return operation<std::int64_t>([pattern, options](djcache::Cache& cache, auto done) {
      return cache.delete_pattern(pattern, options, std::move(done));
    });
  }
  Lock lock(std::string_view name, const LockOptions& options = {}) const {
    return Lock(cache_.lock(name, options));
  }
  auto clear(const ReadOptions& options = {}) const {
    return operation<bool>([options](djcache::Cache& cache, auto done) {
      return cache.clear(options, std::move(done));
    });
  }
  void close() const {}
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const {
    return cache_.make_key(key, version);
  }
  auto disconnect(const DisconnectOptions& options = {}) const {
    return awaitable<DisconnectReport>([cache = cache_, options](auto done) mutable {
      cache.disconnect(options, std::move(done));
    });
  }

  const djcache::Cache& callbacks() const { return cache_; }

 private:
  mutable djcache::Cache cache_;
};

}  // namespace djcache::coro
