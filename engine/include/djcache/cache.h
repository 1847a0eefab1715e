// Cache: Django's cache API on an alias, with callbacks.
//
// Every verb takes its callback last and obeys the nine rules of engine/docs/lifetime.md: it runs
// exactly once, on the loop thread, never inside the call; arguments are copied before the call
// returns; results are the callback's own. An empty callback is allowed: nobody is told. Semantics:
// https://docs.djangoproject.com/en/4.2/topics/cache/#basic-usage and engine/docs/django-map.md.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <djcache/disconnect.h>
#include <djcache/foreign.h>
#include <djcache/found.h>
#include <djcache/result.h>
#include <djcache/statistics.h>
#include <djcache/ttl.h>
#include <djcache/unique_function.h>
#include <djcache/value.h>

namespace djcache {

class Calls;
namespace detail {
struct Alias;
}
namespace coro {
template <class Verb>
struct Operation;
}
class Client;
struct ClientOptions;
class Lock;
struct LockOptions;

// Names a pending operation for Engine::cancel and Cache::cancel. A plain value: keep it, copy it,
// drop it.
struct Ticket {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;  // 0: no operation
  friend bool operator==(Ticket, Ticket) = default;
};

template <class T>
using Callback = UniqueFunction<void(Result<T>)>;

// Options of an operation. `version` replaces the alias' VERSION, `limit` its command_limit.
struct ReadOptions {
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};
  // get, get_many and peek: replaces the alias' `foreign`, which says what becomes of objects of unknown classes.
  std::optional<Foreign> foreign{};
};
struct WriteOptions {
  Ttl ttl{};  // omitted: the alias' TIMEOUT
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};
};
struct DeltaOptions {
  std::int64_t delta = 1;
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};
};
struct GetOrSetOptions {
  Ttl ttl{};
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};  // of each of its commands
  std::chrono::milliseconds producer_limit{30'000};  // of an asynchronous producer
  // Above 0: an entry may be produced anew before it expires, the likelier the nearer that is and
  // the longer its production took the last time in this engine (XFetch; 1 is a good value, more is
  // earlier). The caller gets the old value at once; the producer works in the background. 0: never.
  double early_refresh_beta = 0;
  // Above 0: when the producer resolves to Errc::no_value, this engine remembers that for so long,
  // and answers no_value on further misses without calling a producer. Nothing is stored on the
  // server. Counts for the calls that set it, also as readers.
  std::chrono::milliseconds negative_ttl{0};
};

// Of keys, iter_keys and delete_pattern.
struct PatternOptions {
  std::optional<std::int64_t> version{};
  std::optional<std::chrono::milliseconds> limit{};  // of each page
  // About how many entries the server looks at for a page, others wait meanwhile. django-redis'
  // itersize.
  std::size_t page_size = 500;
  std::size_t keys_max = 1'000'000;  // keys: more than that are `overloaded`
};

// A borrowed list of keys: a vector, array, span or braced list of strings. Read before the call
// returns.
class KeyList {
 public:
  KeyList(std::initializer_list<std::string_view> keys)
      : data_(keys.begin()), size_(keys.size()), at_(&view_at) {}
  KeyList(std::span<const std::string_view> keys)
      : data_(keys.data()), size_(keys.size()), at_(&view_at) {}
  KeyList(std::span<const std::string> keys)
      : data_(keys.data()), size_(keys.size()), at_(&string_at) {}
  KeyList(const std::vector<std::string>& keys) : KeyList(std::span<const std::string>(keys)) {}
  KeyList(const std::vector<std::string_view>& keys)
      : KeyList(std::span<const std::string_view>(keys)) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::string_view operator[](std::size_t i) const { return at_(data_, i); }

 private:
  static std::string_view view_at(const void* data, std::size_t i) {
    return static_cast<const std::string_view*>(data)[i];
  }
  static std::string_view string_at(const void* data, std::size_t i) {
    return static_cast<const std::string*>(data)[i];
  }

  const void* data_;
  std::size_t size_;
  std::string_view (*at_)(const void*, std::size_t);
};

// set_many: the last of equal keys counts.
using Entries = std::vector<std::pair<std::string, Value>>;

// get_or_set: computes the default on a miss.
using Resolve = Callback<Value>;  // dropped uncalled: the operation ends with `cancelled`
using Producer = UniqueFunction<Value()>;
using AsyncProducer =
    UniqueFunction<void(Resolve)>;  // may resolve at once or later, on the loop thread

// A light handle onto an alias of an Engine; copy it freely: moving it copies it, too. Once its
// engine is gone, operations destroy their callbacks uncalled.
class DJCACHE_API Cache {
 public:
  Cache(const Cache&) = default;
  Cache& operator=(const Cache&) = default;
  ~Cache() = default;

  // nullopt: a miss. A cached None is Value{nil}. Reads go to a replica when LOCATION has more than
  // one server. Errors besides the connection's: decode_failed, wrong_type.
  Ticket get(std::string_view key, Callback<std::optional<Value>> done) const {
    return get(key, ReadOptions{}, std::move(done));
  }
  Ticket get(std::string_view key, const ReadOptions& options,
             Callback<std::optional<Value>> done) const;
  // As get, converted by Value::as<T>(). A value of another kind is decode_failed.
  template <class T, class F>
  Ticket get(std::string_view key, const ReadOptions& options, F done) const;
  template <class T, class F>
  Ticket get(std::string_view key, F done) const {
    return get<T>(key, ReadOptions{}, std::move(done));
  }

  // As get, but answered at once, without a callback, from the memory of this process: for hot
  // paths. Counts as a use of the entry, as get does. Errors: not_supported where a server has the
  // entries, decode_failed.
  Result<std::optional<Value>> peek(std::string_view key, const ReadOptions& options = {}) const;

  // ttl zero or less deletes the key, forever removes an old expiry. Errors, here and wherever there
  // is a ttl: invalid_argument when it is NaN or infinite.
  Ticket set(std::string_view key, const Value& value, Callback<void> done) const {
    return set(key, value, WriteOptions{}, std::move(done));
  }
  Ticket set(std::string_view key, const Value& value, const WriteOptions& options,
             Callback<void> done) const;

  // True if stored; never overwrites. ttl zero or less stores nothing and tells whether the key was
  // absent.
  Ticket add(std::string_view key, const Value& value, Callback<bool> done) const {
    return add(key, value, WriteOptions{}, std::move(done));
  }
  Ticket add(std::string_view key, const Value& value, const WriteOptions& options,
             Callback<bool> done) const;

  // A new ttl for an existing key: true if it exists. With forever, on redis: true if there was an
  // expiry to remove (redis' PERSIST, and Django's answer). Omitted: TIMEOUT. Zero or less deletes.
  Ticket touch(std::string_view key, Callback<bool> done) const {
    return touch(key, WriteOptions{}, std::move(done));
  }
  Ticket touch(std::string_view key, const WriteOptions& options, Callback<bool> done) const;

  // Django's delete (a C++ keyword): true if the key existed.
  Ticket delete_(std::string_view key, Callback<bool> done) const {
    return delete_(key, ReadOptions{}, std::move(done));
  }
  Ticket delete_(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  // True if the key exists, also when it holds None.
  Ticket has_key(std::string_view key, Callback<bool> done) const {
    return has_key(key, ReadOptions{}, std::move(done));
  }
  Ticket has_key(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  // The found ones, by the caller's keys and in their order. No keys: no round trip. An entry of
  // another redis type counts as missing. One that cannot be read costs the others nothing: its error
  // is in Found::errors().
  Ticket get_many(KeyList keys, Callback<Found> done) const {
    return get_many(keys, ReadOptions{}, std::move(done));
  }
  Ticket get_many(KeyList keys, const ReadOptions& options, Callback<Found> done) const;

  // All or nothing, in one round trip (with connections_max > 1: for the keys of each connection).
  // The result lists the keys that could not be stored: none, with djcache's backends.
  Ticket set_many(const Entries& entries, Callback<std::vector<std::string>> done) const {
    return set_many(entries, WriteOptions{}, std::move(done));
  }
  Ticket set_many(const Entries& entries, const WriteOptions& options,
                  Callback<std::vector<std::string>> done) const;

  Ticket delete_many(KeyList keys, Callback<void> done) const {
    return delete_many(keys, ReadOptions{}, std::move(done));
  }
  Ticket delete_many(KeyList keys, const ReadOptions& options, Callback<void> done) const;

  // The new value. Atomic; keeps the expiry. Errors: key_not_found, not_an_integer,
  // integer_overflow.
  Ticket incr(std::string_view key, Callback<std::int64_t> done) const {
    return incr(key, DeltaOptions{}, std::move(done));
  }
  Ticket incr(std::string_view key, const DeltaOptions& options, Callback<std::int64_t> done) const;
  Ticket decr(std::string_view key, Callback<std::int64_t> done) const {
    return decr(key, DeltaOptions{}, std::move(done));
  }
  Ticket decr(std::string_view key, const DeltaOptions& options, Callback<std::int64_t> done) const;

  // Moves the entry to version + delta, with TIMEOUT as its new ttl: the new version. Atomic. delta
  // 0 deletes the entry, as Django does. Errors: key_not_found; integer_overflow when the version
  // would be beyond 64 bits, and the entry stays.
  Ticket incr_version(std::string_view key, Callback<std::int64_t> done) const {
    return incr_version(key, DeltaOptions{}, std::move(done));
  }
  Ticket incr_version(std::string_view key, const DeltaOptions& options,
                      Callback<std::int64_t> done) const;
  Ticket decr_version(std::string_view key, Callback<std::int64_t> done) const {
    return decr_version(key, DeltaOptions{}, std::move(done));
  }
  Ticket decr_version(std::string_view key, const DeltaOptions& options,
                      Callback<std::int64_t> done) const;

  // The entry, or the default, added. If another writer was faster, its value. The producer is
  // called only on a miss, on the loop, never inside this call. Calls with a producer that miss the
  // same key of the same alias at the same time share one producer's result, or its error: those who
  // come later do not call theirs, and the first one's ttl counts. Each can be cancelled and has its
  // own producer_limit. When the limit of the producer at work passes, the last who came calls his.
  Ticket get_or_set(std::string_view key, Value fallback, const GetOrSetOptions& options,
                    Callback<Value> done) const;
  Ticket get_or_set(std::string_view key, AsyncProducer producer, const GetOrSetOptions& options,
                    Callback<Value> done) const;
  // A producer may also return a Result<Value>: an error of it ends the operation, and nothing is stored.
  template <class F>
  requires(std::is_invocable_r_v<Value, F&> || std::is_invocable_r_v<Result<Value>, F&>) Ticket
      get_or_set(std::string_view key, F producer, const GetOrSetOptions& options,
                 Callback<Value> done)
  const {
    return get_or_set(key, AsyncProducer([producer = std::move(producer)](Resolve resolve) mutable {
                        resolve(Result<Value>(producer()));
                      }),
                      options, std::move(done));
  }
  template <class D>
  Ticket get_or_set(std::string_view key, D fallback_or_producer, Callback<Value> done) const {
    return get_or_set(key, std::move(fallback_or_producer), GetOrSetOptions{}, std::move(done));
  }

  // --- What django-redis adds to Django's API, under its names. On redis and memory.

  // As set, but only over an entry that is there (django-redis' xx=True): true if it was. ttl zero or
  // less deletes it.
  Ticket replace(std::string_view key, const Value& value, Callback<bool> done) const {
    return replace(key, value, WriteOptions{}, std::move(done));
  }
  Ticket replace(std::string_view key, const Value& value, const WriteOptions& options,
                 Callback<bool> done) const;

  // How long the entry will live: 0 if there is none, nullopt if it does not expire. ttl in seconds,
  // rounded as redis' TTL rounds; pttl in milliseconds.
  Ticket ttl(std::string_view key, Callback<std::optional<std::chrono::seconds>> done) const {
    return ttl(key, ReadOptions{}, std::move(done));
  }
  Ticket ttl(std::string_view key, const ReadOptions& options,
             Callback<std::optional<std::chrono::seconds>> done) const;
  Ticket pttl(std::string_view key, Callback<std::optional<std::chrono::milliseconds>> done) const {
    return pttl(key, ReadOptions{}, std::move(done));
  }
  Ticket pttl(std::string_view key, const ReadOptions& options,
              Callback<std::optional<std::chrono::milliseconds>> done) const;

  // A new life for an existing entry: true if there is one. Zero or less deletes it. expire counts in
  // seconds, pexpire in milliseconds, expire_at names the moment by the server's clock.
  Ticket expire(std::string_view key, std::chrono::seconds timeout, Callback<bool> done) const {
    return expire(key, timeout, ReadOptions{}, std::move(done));
  }
  Ticket expire(std::string_view key, std::chrono::seconds timeout, const ReadOptions& options,
                Callback<bool> done) const;
  Ticket pexpire(std::string_view key, std::chrono::milliseconds timeout,
                 Callback<bool> done) const {
    return pexpire(key, timeout, ReadOptions{}, std::move(done));
  }
  Ticket pexpire(std::string_view key, std::chrono::milliseconds timeout,
                 const ReadOptions& options, Callback<bool> done) const;
  Ticket expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                   Callback<bool> done) const {
    return expire_at(key, when, ReadOptions{}, std::move(done));
  }
  Ticket expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                   const ReadOptions& options, Callback<bool> done) const;
  // True if there was an expiry, which is gone now.
  Ticket persist(std::string_view key, Callback<bool> done) const {
    return persist(key, ReadOptions{}, std::move(done));
  }
  Ticket persist(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  // The keys of this alias' prefix and one version that match a glob pattern of redis (* ? [a-z] \),
  // in no order. Found by SCAN, page by page, so that the server is not held up as by KEYS: keys that
  // come or go meanwhile may be in it or not. Errors: not_supported when a KEY_FUNCTION does not end
  // in the caller's key.
  Ticket keys(std::string_view pattern, Callback<std::vector<std::string>> done) const {
    return keys(pattern, PatternOptions{}, std::move(done));
  }
  Ticket keys(std::string_view pattern, const PatternOptions& options,
              Callback<std::vector<std::string>> done) const;
  // The same page by page. `each` runs on the loop and may be given a key twice; false ends it.
  // `done` tells how many keys were given.
  using EachKeys = UniqueFunction<bool(std::vector<std::string>&)>;
  Ticket iter_keys(std::string_view pattern, const PatternOptions& options, EachKeys each,
                   Callback<std::int64_t> done) const;
  // Deletes what matches; how many entries that were.
  Ticket delete_pattern(std::string_view pattern, Callback<std::int64_t> done) const {
    return delete_pattern(pattern, PatternOptions{}, std::move(done));
  }
  Ticket delete_pattern(std::string_view pattern, const PatternOptions& options,
                        Callback<std::int64_t> done) const;

  // A lock for all who use this server and this name, redis-py's locks among them: lock.h.
  Lock lock(std::string_view name, const LockOptions& options) const;

  // The raw client: any redis command, over the connections of this alias: client.h.
  Client client(const ClientOptions& options) const;

  // Empties the whole database (FLUSHDB) or memory store, whatever the prefix, as Django does. True.
  Ticket clear(Callback<bool> done) const { return clear(ReadOptions{}, std::move(done)); }
  Ticket clear(const ReadOptions& options, Callback<bool> done) const;

  // What this alias has done in this engine, through all handles. Empty before its first use.
  CacheStatistics statistics() const;

  // Django's close(), which it calls after each request: does nothing; connections live in the
  // pool.
  void close() const {}

  // The stored key of `key`: KEY_FUNCTION, or "{prefix}:{version}:{key}".
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const;

  // Disconnects the pools of this alias (which other aliases of the same identity share).
  void disconnect(const DisconnectOptions& options, DisconnectDone done) const;
  // As Engine::cancel.
  bool cancel(Ticket ticket) const;

 private:
  friend class Engine;
  friend struct detail::Alias;
  template <class Verb>
  friend struct coro::Operation;
  // What a pending operation is kept in, which lives as long as its callback.
  Calls* calls() const noexcept;
  static void cancel_in(Calls& calls, Ticket ticket);
  Ticket move_version(std::string_view key, const DeltaOptions& options, bool up,
                      Callback<std::int64_t> done) const;
  explicit Cache(std::shared_ptr<detail::Alias> alias) : alias_(std::move(alias)) {}
  std::shared_ptr<detail::Alias> alias_;
};

template <class T, class F>
Ticket Cache::get(std::string_view key, const ReadOptions& options, F done) const {
  using Plain = Callback<std::optional<Value>>;
  using Typed = Result<std::optional<T>>;
  if (detail::is_empty_callable(done)) return get(key, options, Plain());
  if constexpr (!std::is_null_pointer_v<F>) {
    return get(
        key, options, Plain([done = std::move(done)](Result<std::optional<Value>> r) mutable {
          if (!r.ok()) return (void)done(Typed(std::move(r).error()));
          if (!r->has_value()) return (void)done(Typed(std::nullopt));
          std::optional<T> converted = (*r)->template as<T>();
          if (converted) return (void)done(Typed(std::move(converted)));
          (void)done(Typed(Errc::decode_failed, "the entry is of type " +
                                                    std::string(to_string((*r)->kind())) +
                                                    ", which the asked C++ type cannot hold"));
        }));
  }
  return {};
}

}  // namespace djcache
