/// @file
/// Cache: Django's cache API on one alias, with callbacks.
///
/// Each verb takes its callback last and follows the nine rules of engine/docs/lifetime.md. Source
/// of the semantics: https://docs.djangoproject.com/en/4.2/topics/cache/#basic-usage; the redis
/// commands behind each verb and the deliberate differences are in engine/docs/django-map.md.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <djcache/cache_options.h>
#include <djcache/disconnect.h>
#include <djcache/found.h>
#include <djcache/result.h>
#include <djcache/statistics.h>
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

/// Django's cache API on one alias: a light handle, made by Engine::cache().
///
/// Copy it freely; a move is a copy. Handles do not keep the engine alive. After the engine is
/// destroyed, operations destroy their callbacks uncalled and return an empty Ticket.
///
/// **Callbacks.** Each runs exactly once, on the loop thread, never inside the call. Objects that a
/// lambda captures by reference must live until then. Keys, values and options are copied or
/// consumed before the call returns; a result belongs to the callback.
///
/// **Errors.** Any verb may report `invalid_settings`, `unknown_alias`, `overloaded`,
/// `connect_failed`, `auth_failed`, `timeout`, `cancelled`, `disconnected`, `connection_lost`,
/// `protocol_error`, `no_memory`, `unavailable`, `permission_denied`, `server_error`; a verb that
/// writes also `read_only`, `out_of_memory`. The comments below list only the further errors of
/// each verb. engine/docs/errors.md has the advice for each code. A miss is not an error.
///
/// **Threads.** Use a cache only on the thread that runs the loop; other threads hand over work
/// through a Poster.
class DJCACHE_API Cache {
 public:
  Cache(const Cache&) = default;
  Cache& operator=(const Cache&) = default;
  ~Cache() = default;

  /// @name Entries
  /// @{

  /// Reads an entry.
  ///
  /// Result: the value, or `nullopt` for a miss; a cached None is a Value of Kind::nil. Reads go to
  /// a replica when LOCATION has more than one server. Errors: `decode_failed` when the stored
  /// bytes are not what the serializer writes, `value_too_large`, `wrong_type`.
  Ticket get(std::string_view key, Callback<std::optional<Value>> done) const {
    return get(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket get(std::string_view key, const ReadOptions& options,
             Callback<std::optional<Value>> done) const;
  /// Reads an entry as a C++ type: `cache.get<std::string>("name", done)`.
  ///
  /// `done` takes a `Result<std::optional<T>>`. Value::as() lists the types. A value of another
  /// kind, or out of the range of T, is `decode_failed`; other errors as for get() of a Value.
  template <class T, class F>
  Ticket get(std::string_view key, const ReadOptions& options, F done) const;
  /// @overload
  template <class T, class F>
  Ticket get(std::string_view key, F done) const {
    return get<T>(key, ReadOptions{}, std::move(done));
  }

  /// Reads an entry at once, without a callback: for hot paths on the memory backend.
  ///
  /// The effects of all earlier calls are visible. Counts as a use of the entry, as get() does.
  /// Errors: `not_supported` if a server holds the entries or the engine has been destroyed;
  /// `decode_failed`. Specific to djcache: Django has no such call.
  Result<std::optional<Value>> peek(std::string_view key, const ReadOptions& options = {}) const;

  /// Stores a value and replaces any existing entry.
  ///
  /// A ttl of zero or less deletes the entry; `forever` removes an old expiry. Errors:
  /// `encode_failed`, `value_too_large`, `invalid_argument` for a ttl that is NaN or infinite.
  Ticket set(std::string_view key, const Value& value, Callback<void> done) const {
    return set(key, value, WriteOptions{}, std::move(done));
  }
  /// @overload
  Ticket set(std::string_view key, const Value& value, const WriteOptions& options,
             Callback<void> done) const;

  /// Stores a value if the key is absent.
  ///
  /// Result: true if it was stored; an existing entry and its expiry stay unchanged. With a ttl of
  /// zero or less nothing is stored, and the result is whether the key was absent. Errors as for
  /// set().
  Ticket add(std::string_view key, const Value& value, Callback<bool> done) const {
    return add(key, value, WriteOptions{}, std::move(done));
  }
  /// @overload
  Ticket add(std::string_view key, const Value& value, const WriteOptions& options,
             Callback<bool> done) const;

  /// Gives an existing entry a new ttl (omitted: the alias' TIMEOUT). Zero or less deletes it.
  ///
  /// Result: true if the entry exists. With `forever`, on redis: true if there was an expiry to
  /// remove (that is redis' PERSIST, and Django's answer). Errors: `invalid_argument` as for set().
  Ticket touch(std::string_view key, Callback<bool> done) const {
    return touch(key, WriteOptions{}, std::move(done));
  }
  /// @overload
  Ticket touch(std::string_view key, const WriteOptions& options, Callback<bool> done) const;

  /// Deletes an entry. Django's `delete`, which is a keyword of C++.
  ///
  /// Result: true if there was one.
  Ticket delete_(std::string_view key, Callback<bool> done) const {
    return delete_(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket delete_(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  /// Checks whether an entry exists, including one that holds None. Django's `key in cache`.
  ///
  /// Result: true if it does. Reads from a replica, as get().
  Ticket has_key(std::string_view key, Callback<bool> done) const {
    return has_key(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket has_key(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  /// Empties the whole database (FLUSHDB) or memory store regardless of the prefix, as Django does.
  ///
  /// Result: true. Of the options only `limit` has an effect.
  Ticket clear(Callback<bool> done) const { return clear(ReadOptions{}, std::move(done)); }
  /// @overload
  Ticket clear(const ReadOptions& options, Callback<bool> done) const;

  /// @}
  /// @name Many entries at once
  /// @{

  /// Reads several entries in one round trip (MGET).
  ///
  /// Result: the entries found, by the caller's keys and in their order. An empty list makes no
  /// round trip. An entry of another redis type counts as missing. An entry that cannot be read
  /// does not affect the others: its error is in Found::errors().
  Ticket get_many(KeyList keys, Callback<Found> done) const {
    return get_many(keys, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket get_many(KeyList keys, const ReadOptions& options, Callback<Found> done) const;

  /// Stores several entries in one round trip, all of them or none. With Options::connections_max
  /// above 1 that holds for the keys of each connection.
  ///
  /// Result: the keys that could not be stored; always empty with djcache's backends. Errors as for
  /// set(): if one value cannot be encoded, nothing is sent.
  Ticket set_many(const Entries& entries, Callback<std::vector<std::string>> done) const {
    return set_many(entries, WriteOptions{}, std::move(done));
  }
  /// @overload
  Ticket set_many(const Entries& entries, const WriteOptions& options,
                  Callback<std::vector<std::string>> done) const;

  /// Deletes several entries in one round trip. An empty list makes no round trip.
  Ticket delete_many(KeyList keys, Callback<void> done) const {
    return delete_many(keys, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket delete_many(KeyList keys, const ReadOptions& options, Callback<void> done) const;

  /// @}
  /// @name Counters and versions
  /// @{

  /// Adds DeltaOptions::delta to a stored integer. Atomic; keeps the expiry.
  ///
  /// Result: the new value. Errors: `key_not_found` (nothing is created), `not_an_integer`,
  /// `integer_overflow`; they leave the value unchanged.
  Ticket incr(std::string_view key, Callback<std::int64_t> done) const {
    return incr(key, DeltaOptions{}, std::move(done));
  }
  /// @overload
  Ticket incr(std::string_view key, const DeltaOptions& options, Callback<std::int64_t> done) const;
  /// Subtracts DeltaOptions::delta from a stored integer; otherwise as incr().
  Ticket decr(std::string_view key, Callback<std::int64_t> done) const {
    return decr(key, DeltaOptions{}, std::move(done));
  }
  /// @overload
  Ticket decr(std::string_view key, const DeltaOptions& options, Callback<std::int64_t> done) const;

  /// Moves an entry to the version that is DeltaOptions::delta higher. Atomic.
  ///
  /// The entry's new ttl is the alias' TIMEOUT, as in Django; with a BACKEND of django-redis or
  /// django-cachex it keeps the one it has. A delta of 0 deletes the entry, as in Django.
  /// Result: the new version. Errors: `key_not_found`; `integer_overflow` when the version would
  /// exceed 64 bits (the entry stays); `invalid_argument` when the alias' VERSION is a text and the
  /// options name none.
  Ticket incr_version(std::string_view key, Callback<std::int64_t> done) const {
    return incr_version(key, DeltaOptions{}, std::move(done));
  }
  /// @overload
  Ticket incr_version(std::string_view key, const DeltaOptions& options,
                      Callback<std::int64_t> done) const;
  /// Moves an entry to a lower version; otherwise as incr_version().
  Ticket decr_version(std::string_view key, Callback<std::int64_t> done) const {
    return decr_version(key, DeltaOptions{}, std::move(done));
  }
  /// @overload
  Ticket decr_version(std::string_view key, const DeltaOptions& options,
                      Callback<std::int64_t> done) const;

  /// @}
  /// @name Compute on a miss
  /// @{

  /// Reads an entry; on a miss stores a default and returns it.
  ///
  /// The default is a Value, a function that returns one (or a `Result<Value>`), or an
  /// AsyncProducer. Result: the entry or the default; if another writer was faster, that writer's
  /// value. An error of the producer ends the operation, and nothing is stored.
  ///
  /// A function runs only on a miss, on the loop thread, never inside this call. Calls of one
  /// engine that miss the same key of an alias at the same time share one producer: the producer
  /// and the ttl of the first call are used, and all calls get its result or its error. Each call
  /// can be cancelled and has its own producer_limit. When the limit of the running producer
  /// expires while others wait, the most recent waiter's producer runs next. Errors: `timeout`
  /// after producer_limit, `cancelled` if the producer drops its Resolve, `no_value` if it resolves
  /// to that; also those of get() and add().
  Ticket get_or_set(std::string_view key, Value fallback, const GetOrSetOptions& options,
                    Callback<Value> done) const;
  /// @overload
  Ticket get_or_set(std::string_view key, AsyncProducer producer, const GetOrSetOptions& options,
                    Callback<Value> done) const;
  /// @overload
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
  /// @overload
  template <class D>
  Ticket get_or_set(std::string_view key, D fallback_or_producer, Callback<Value> done) const {
    return get_or_set(key, std::move(fallback_or_producer), GetOrSetOptions{}, std::move(done));
  }

  /// @}
  /// @name Additions of django-redis, under its names: on redis and memory
  /// @{

  /// Stores a value if the key exists (django-redis' `xx=True`). A ttl of zero or less deletes it.
  ///
  /// Result: true if there was an entry. Errors as for set().
  Ticket replace(std::string_view key, const Value& value, Callback<bool> done) const {
    return replace(key, value, WriteOptions{}, std::move(done));
  }
  /// @overload
  Ticket replace(std::string_view key, const Value& value, const WriteOptions& options,
                 Callback<bool> done) const;

  /// Returns the remaining ttl of an entry, in seconds, rounded as redis' TTL rounds.
  ///
  /// Result: 0 if there is no entry, `nullopt` if it does not expire.
  Ticket ttl(std::string_view key, Callback<std::optional<std::chrono::seconds>> done) const {
    return ttl(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket ttl(std::string_view key, const ReadOptions& options,
             Callback<std::optional<std::chrono::seconds>> done) const;
  /// Returns the remaining ttl of an entry, in milliseconds; otherwise as ttl().
  Ticket pttl(std::string_view key, Callback<std::optional<std::chrono::milliseconds>> done) const {
    return pttl(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket pttl(std::string_view key, const ReadOptions& options,
              Callback<std::optional<std::chrono::milliseconds>> done) const;

  /// Sets an existing entry to expire after `timeout`. Zero or less deletes it.
  ///
  /// Result: true if there is an entry.
  Ticket expire(std::string_view key, std::chrono::seconds timeout, Callback<bool> done) const {
    return expire(key, timeout, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket expire(std::string_view key, std::chrono::seconds timeout, const ReadOptions& options,
                Callback<bool> done) const;
  /// As expire(), in milliseconds.
  Ticket pexpire(std::string_view key, std::chrono::milliseconds timeout,
                 Callback<bool> done) const {
    return pexpire(key, timeout, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket pexpire(std::string_view key, std::chrono::milliseconds timeout,
                 const ReadOptions& options, Callback<bool> done) const;
  /// As expire(), at a point in time by the server's clock. A time in the past deletes the entry.
  Ticket expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                   Callback<bool> done) const {
    return expire_at(key, when, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket expire_at(std::string_view key, std::chrono::system_clock::time_point when,
                   const ReadOptions& options, Callback<bool> done) const;
  /// Removes the expiry of an entry, which then stays until it is deleted.
  ///
  /// Result: true if there was an expiry.
  Ticket persist(std::string_view key, Callback<bool> done) const {
    return persist(key, ReadOptions{}, std::move(done));
  }
  /// @overload
  Ticket persist(std::string_view key, const ReadOptions& options, Callback<bool> done) const;

  /// Lists the keys of this alias and one version that match a glob pattern (`*`, `?`, `[a-z]`,
  /// `\\`).
  ///
  /// Result: the caller's keys, without prefix and version, in no particular order. Uses SCAN, page
  /// by page, so that other clients are not blocked as they are by KEYS; keys added or removed
  /// meanwhile may or may not be included. Errors: `overloaded` above PatternOptions::keys_max;
  /// `not_supported` if KEY_FUNCTION makes keys that do not end in the caller's key.
  Ticket keys(std::string_view pattern, Callback<std::vector<std::string>> done) const {
    return keys(pattern, PatternOptions{}, std::move(done));
  }
  /// @overload
  Ticket keys(std::string_view pattern, const PatternOptions& options,
              Callback<std::vector<std::string>> done) const;
  /// Receives one page of keys, which it may modify; returns false to end the scan.
  using EachKeys = UniqueFunction<bool(std::vector<std::string>&)>;
  /// As keys(), page by page, with bounded memory.
  ///
  /// `each` runs on the loop thread for every page and may receive a key twice. Result: the number
  /// of keys passed to it.
  Ticket iter_keys(std::string_view pattern, const PatternOptions& options, EachKeys each,
                   Callback<std::int64_t> done) const;
  /// Deletes the entries whose keys match a pattern of keys().
  ///
  /// Result: the number of deleted entries. Not atomic: it deletes page by page.
  Ticket delete_pattern(std::string_view pattern, Callback<std::int64_t> done) const {
    return delete_pattern(pattern, PatternOptions{}, std::move(done));
  }
  /// @overload
  Ticket delete_pattern(std::string_view pattern, const PatternOptions& options,
                        Callback<std::int64_t> done) const;

  /// A lock on `name` among all programs that use this server, redis-py's locks included; see Lock.
  /// Needs `#include <djcache/lock.h>`.
  Lock lock(std::string_view name, const LockOptions& options) const;

  /// A client for any redis command, over the connections of this alias; see Client. Needs
  /// `#include <djcache/client.h>`.
  Client client(const ClientOptions& options) const;

  /// @}
  /// @name The alias itself
  /// @{

  /// The counters of this alias in this engine, over all handles. All zero before its first use.
  CacheStatistics statistics() const;

  /// Does nothing. Django calls close() after each request; connections stay in the pool.
  void close() const {}

  /// The stored key of `key`: the result of KEY_FUNCTION, or "{prefix}:{version}:{key}". Works
  /// without the engine.
  std::string make_key(std::string_view key, std::optional<std::int64_t> version = {}) const;

  /// Closes the connections of this alias, which other aliases with the same server and options
  /// share; otherwise as Engine::disconnect().
  void disconnect(const DisconnectOptions& options, DisconnectDone done) const;
  /// As Engine::cancel().
  bool cancel(Ticket ticket) const;

  /// @}

 private:
  friend class Engine;
  friend struct detail::Alias;
  template <class Verb>
  friend struct coro::Operation;
  // Where pending operations are kept; lives as long as their callbacks.
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
