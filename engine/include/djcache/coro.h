/// @file
/// Coroutines: co_await on the verbs of a cache, on disconnect, and on anything that takes a
/// callback.
///
/// @code
/// djcache::coro::Cache cache(engine.cache());
/// auto found = co_await cache.get("greeting");           // Result<std::optional<Value>>
/// auto report = co_await djcache::coro::disconnect(engine);
/// @endcode
/// Optional and header only. It defines no task type: co_await works in any coroutine whose promise
/// does not restrict it. (`boost::asio::awaitable` accepts its own kind only;
/// engine/docs/other-loops.md has an adapter.) Operations live in the coroutine's frame, so nothing
/// else is allocated. The coroutine resumes where the callback would run: on the loop thread, never
/// inside the call.
///
/// Destroying a suspended coroutine cancels its operation, as Engine::cancel() does. When the
/// engine is destroyed first, the coroutine resumes with `closed`, inside the engine's destructor.
/// engine/docs/coroutines.md has the rules.
#pragma once

#include <djcache/export.h>

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

#include <djcache/engine.h>
#include <djcache/lock.h>

/// `co_await` on the verbs of a cache: djcache/coro.h.
namespace djcache::coro {

/// An operation that a coroutine can await; made by the verbs of Cache and by awaitable().
///
/// Await it where it is created, `co_await cache.get(key)`: views among its arguments must live
/// until the operation has begun. An operation kept in a variable is awaited by
/// `co_await std::move(operation)`.
///
/// `begin(done)` is called when the operation is awaited. It must ensure that `done` is called once
/// with a T, asynchronously and on the loop thread, or destroyed. If the coroutine is destroyed
/// while suspended and `begin` has a member cancel(), cancel() is called with the value that
/// `begin` returned.
template <class T, class Begin>
class [[nodiscard]] Awaitable {
 public:
  /// See awaitable().
  explicit Awaitable(Begin begin) : begin_(std::move(begin)) {}
  Awaitable(const Awaitable&) = delete;
  Awaitable& operator=(const Awaitable&) = delete;
  ~Awaitable() {
    if (done_ == nullptr) return;
    std::exchange(done_, nullptr)->waiter = nullptr;
    if constexpr (requires { begin_.cancel(ticket_); }) begin_.cancel(ticket_);
  }

  /// The awaiter, as the compiler requires it.
  class Awaiter {
   public:
    /// For one operation.
    explicit Awaiter(Awaitable& of) : of_(of) {}
    /// Always false: callbacks do not run inside the call.
    bool await_ready() const noexcept { return false; }
    /// Begins the operation.
    bool await_suspend(std::coroutine_handle<> coroutine) { return of_.suspend(coroutine); }
    /// The result.
    T await_resume() {
      return of_.arrived_ != nullptr ? std::move(*of_.arrived_) : *std::move(of_.result_);
    }

   private:
    Awaitable& of_;
  };
  /// Only on an rvalue, because an operation can be awaited only once.
  Awaiter operator co_await() && { return Awaiter(*this); }
  /// Rejects an operation in a variable, with a message that tells what to write.
  template <class Op = Awaitable>
  Awaiter operator co_await() & {
    static_assert(!std::is_same_v<Op, Awaitable>,
                  "an operation is awaited once: write co_await std::move(operation), or await it "
                  "where it is made");
    return Awaiter(*this);
  }

  /// The ticket of the operation, once it is awaited: Engine::cancel() ends the co_await with
  /// `cancelled`.
  auto ticket() const { return ticket_; }

 private:
  // The callback. It and the awaitable point to each other; moving the callback updates both.
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

  // The result if the callback is destroyed uncalled.
  static T gone() {
    if constexpr (std::is_constructible_v<T, Error>) {
      return T(Error{Errc::closed, "the engine was destroyed while a coroutine waited"});
    } else {
      return T();
    }
  }

  // False if the result is available already, because the engine has been destroyed.
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
    arrived_ = &result;                      // await_resume() takes it before anything else runs
    std::exchange(coroutine_, {}).resume();  // may destroy *this
  }

  Begin begin_;
  Done* done_ = nullptr;
  std::coroutine_handle<> coroutine_;
  T* arrived_ = nullptr;     // set while the coroutine is being resumed
  std::optional<T> result_;  // set if the result came before the suspension
  [[no_unique_address]] std::conditional_t<has_ticket, Returned, Nothing> ticket_{};
};

/// Makes an awaitable of any function that calls back once with a T:
/// @code
/// auto report = co_await awaitable<DisconnectReport>(
///     [&](auto done) { pool.disconnect({}, std::move(done)); });
/// @endcode
template <class T, class Begin>
Awaitable<T, Begin> awaitable(Begin begin) {
  return Awaitable<T, Begin>(std::move(begin));
}

/// Disconnects an Engine, a djcache::Cache or a Pool, which must outlive the co_await. Result: the
/// DisconnectReport; an empty one if the engine is destroyed first.
template <class Who>
auto disconnect(Who& who, const DisconnectOptions& options = {}) {
  return awaitable<DisconnectReport>(
      [&who, options](auto done) { who.disconnect(options, std::move(done)); });
}

/// Begins a verb of djcache::Cache for an Awaitable. Internal.
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

/// djcache::Lock with awaitable verbs. It must outlive the operations awaited on it.
///
/// Each verb returns a `Result<bool>`, as the verb of the same name in djcache::Lock.
class Lock {
 public:
  /// Wraps a lock; see djcache::coro::Cache::lock().
  explicit Lock(djcache::Lock lock) : lock_(std::move(lock)) {}

  /// See djcache::Lock::acquire().
  auto acquire(const AcquireOptions& options = {}) {
    return awaitable<Result<bool>>([this, options](auto done) {  //
      return lock_.acquire(options, std::move(done));
    });
  }
  /// See djcache::Lock::release().
  auto release() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.release(std::move(done)); });
  }
  /// See djcache::Lock::extend().
  auto extend(std::chrono::milliseconds more) {
    return awaitable<Result<bool>>(
        [this, more](auto done) { return lock_.extend(more, std::move(done)); });
  }
  /// See djcache::Lock::reacquire().
  auto reacquire() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.reacquire(std::move(done)); });
  }
  /// See djcache::Lock::owned().
  auto owned() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.owned(std::move(done)); });
  }
  /// See djcache::Lock::locked().
  auto locked() {
    return awaitable<Result<bool>>([this](auto done) { return lock_.locked(std::move(done)); });
  }
  /// See djcache::Lock::held().
  bool held() const { return lock_.held(); }
  /// See djcache::Lock::key().
  const std::string& key() const { return lock_.key(); }
  /// The underlying lock, with callbacks.
  djcache::Lock& callbacks() { return lock_; }

 private:
  djcache::Lock lock_;
};

/// djcache::Cache with awaitable verbs: a light handle, too.
///
/// @code
/// Task greet(djcache::coro::Cache cache) {
///   auto found = co_await cache.get<std::string>("greeting");
///   if (found.ok() && !*found) (void)co_await cache.set("greeting", "bonjour", {.ttl = 300s});
/// }
/// @endcode
///
/// Each verb takes the arguments of the verb of the same name in djcache::Cache without the
/// callback, and `co_await` returns the Result that the callback would get. Errors are the same;
/// also `closed` if the engine has been destroyed, or is destroyed while the coroutine waits. If
/// there is no memory to begin the operation, co_await throws std::bad_alloc.
class Cache {
  template <class T, class Verb>
  Awaitable<Result<T>, Operation<Verb>> operation(Verb verb) const {
    return Awaitable<Result<T>, Operation<Verb>>({&cache_, std::move(verb)});
  }

 public:
  /// Wraps a handle from Engine::cache().
  explicit Cache(djcache::Cache cache) : cache_(std::move(cache)) {}

  /// A `Result<std::optional<Value>>`: `nullopt` for a miss. See djcache::Cache::get().
  auto get(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<Value>>([key, options](djcache::Cache& cache, auto done) {
      return cache.get(key, options, std::move(done));
    });
  }
  /// A `Result<std::optional<T>>`; a value of another kind is `decode_failed`.
  template <class T>
  auto get(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<T>>([key, options](djcache::Cache& cache, auto done) {
      return cache.get<T>(key, options, std::move(done));
    });
  }
  /// A `Result<void>`. See djcache::Cache::set().
  auto set(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<void>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.set(key, value, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if stored, false if the key existed. See djcache::Cache::add().
  auto add(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<bool>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.add(key, value, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if the entry exists. See djcache::Cache::touch().
  auto touch(std::string_view key, const WriteOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.touch(key, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there was an entry. See djcache::Cache::delete_().
  auto delete_(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.delete_(key, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there is an entry. See djcache::Cache::has_key().
  auto has_key(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.has_key(key, options, std::move(done));
    });
  }
  /// A `Result<Found>`: the entries found. g++ 12 needs the list of keys in a variable. See
  /// djcache::Cache::get_many().
  auto get_many(KeyList keys, const ReadOptions& options = {}) const {
    return operation<Found>([keys, options](djcache::Cache& cache, auto done) {
      return cache.get_many(keys, options, std::move(done));
    });
  }
  /// A `Result<std::vector<std::string>>`: the keys that were not stored; always empty. See
  /// djcache::Cache::set_many().
  auto set_many(const Entries& entries, const WriteOptions& options = {}) const {
    return operation<std::vector<std::string>>(
        [&entries, options](djcache::Cache& cache, auto done) {
          return cache.set_many(entries, options, std::move(done));
        });
  }
  /// A `Result<void>`. See djcache::Cache::delete_many().
  auto delete_many(KeyList keys, const ReadOptions& options = {}) const {
    return operation<void>([keys, options](djcache::Cache& cache, auto done) {
      return cache.delete_many(keys, options, std::move(done));
    });
  }
  /// A `Result<std::int64_t>`: the new value. See djcache::Cache::incr().
  auto incr(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.incr(key, options, std::move(done));
    });
  }
  /// A `Result<std::int64_t>`: the new value. See djcache::Cache::decr().
  auto decr(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.decr(key, options, std::move(done));
    });
  }
  /// A `Result<std::int64_t>`: the new version. See djcache::Cache::incr_version().
  auto incr_version(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.incr_version(key, options, std::move(done));
    });
  }
  /// A `Result<std::int64_t>`: the new version. See djcache::Cache::decr_version().
  auto decr_version(std::string_view key, const DeltaOptions& options = {}) const {
    return operation<std::int64_t>([key, options](djcache::Cache& cache, auto done) {
      return cache.decr_version(key, options, std::move(done));
    });
  }
  /// A `Result<Value>`: the entry, or the default, which is stored on a miss. The default is a
  /// Value, a function that makes one, or an AsyncProducer. See djcache::Cache::get_or_set().
  template <class D>
  auto get_or_set(std::string_view key, D fallback_or_producer,
                  const GetOrSetOptions& options = {}) const {
    return operation<Value>([key, options, fallback = std::move(fallback_or_producer)](
                                djcache::Cache& cache, auto done) mutable {
      return cache.get_or_set(key, std::move(fallback), options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there was an entry to replace. See djcache::Cache::replace().
  auto replace(std::string_view key, const Value& value, const WriteOptions& options = {}) const {
    return operation<bool>([key, &value, options](djcache::Cache& cache, auto done) {
      return cache.replace(key, value, options, std::move(done));
    });
  }
  /// A `Result<std::optional<std::chrono::seconds>>`: 0 if there is no entry, `nullopt` if it does
  /// not expire. See djcache::Cache::ttl().
  auto ttl(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<std::chrono::seconds>>(
        [key, options](djcache::Cache& cache, auto done) {
          return cache.ttl(key, options, std::move(done));
        });
  }
  /// A `Result<std::optional<std::chrono::milliseconds>>`: as ttl(). See djcache::Cache::pttl().
  auto pttl(std::string_view key, const ReadOptions& options = {}) const {
    return operation<std::optional<std::chrono::milliseconds>>(
        [key, options](djcache::Cache& cache, auto done) {
          return cache.pttl(key, options, std::move(done));
        });
  }
  /// A `Result<bool>`: true if there is an entry. See djcache::Cache::expire().
  auto expire(std::string_view key, std::chrono::seconds timeout,
              const ReadOptions& options = {}) const {
    return operation<bool>([key, timeout, options](djcache::Cache& cache, auto done) {
      return cache.expire(key, timeout, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there is an entry. See djcache::Cache::pexpire().
  auto pexpire(std::string_view key, std::chrono::milliseconds timeout,
               const ReadOptions& options = {}) const {
    return operation<bool>([key, timeout, options](djcache::Cache& cache, auto done) {
      return cache.pexpire(key, timeout, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there is an entry. See djcache::Cache::expire_at().
  auto expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                 const ReadOptions& options = {}) const {
    return operation<bool>([key, when, options](djcache::Cache& cache, auto done) {
      return cache.expire_at(key, when, options, std::move(done));
    });
  }
  /// A `Result<bool>`: true if there was an expiry. See djcache::Cache::persist().
  auto persist(std::string_view key, const ReadOptions& options = {}) const {
    return operation<bool>([key, options](djcache::Cache& cache, auto done) {
      return cache.persist(key, options, std::move(done));
    });
  }
  /// A `Result<std::vector<std::string>>`: the keys that match. See djcache::Cache::keys().
  auto keys(std::string_view pattern, const PatternOptions& options = {}) const {
    return operation<std::vector<std::string>>(
        [pattern, options](djcache::Cache& cache, auto done) {
          return cache.keys(pattern, options, std::move(done));
        });
  }
  /// A `Result<std::int64_t>`: the number of keys passed to `each`. See
  /// djcache::Cache::iter_keys().
  auto iter_keys(std::string_view pattern, const PatternOptions& options,
                 djcache::Cache::EachKeys each) const {
    return operation<std::int64_t>(
        [pattern, options, each = std::move(each)](djcache::Cache& cache, auto done) mutable {
          return cache.iter_keys(pattern, options, std::move(each), std::move(done));
        });
  }
  /// A `Result<std::int64_t>`: the number of deleted entries. See djcache::Cache::delete_pattern().
  auto delete_pattern(std::string_view pattern, const PatternOptions& options = {}) const {
    return operation<std::int64_t>([pattern, options](djcache::Cache& cache, auto done) {
      return cache.delete_pattern(pattern, options, std::move(done));
    });
  }
  /// A lock with awaitable verbs. See djcache::Cache::lock().
  Lock lock(std::string_view name, const LockOptions& options = {}) const {
    return Lock(cache_.lock(name, options));
  }
  /// A `Result<bool>`: true. Empties the whole database. See djcache::Cache::clear().
  auto clear(const ReadOptions& options = {}) const {
    return operation<bool>([options](djcache::Cache& cache, auto done) {
      return cache.clear(options, std::move(done));
    });
  }
  /// Does nothing. See djcache::Cache::close().
  void close() const {}
  /// The stored key of `key`. See djcache::Cache::make_key().
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const {
    return cache_.make_key(key, version);
  }
  /// The DisconnectReport, an empty one if the engine is destroyed first. See
  /// djcache::Cache::disconnect().
  auto disconnect(const DisconnectOptions& options = {}) const {
    return awaitable<DisconnectReport>([cache = cache_, options](auto done) mutable {
      cache.disconnect(options, std::move(done));
    });
  }

  /// The handle with callbacks, for functions without a counterpart here: client(), peek(),
  /// cancel(), statistics().
  const djcache::Cache& callbacks() const { return cache_; }

 private:
  mutable djcache::Cache cache_;
};

}  // namespace djcache::coro
