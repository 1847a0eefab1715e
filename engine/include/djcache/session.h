/// @file
/// SessionStore: Django's cache-backed sessions over an alias, with callbacks.
///
/// Source: django/contrib/sessions/backends/cache.py of Django 4.2; where djcache differs on
/// purpose is listed in engine/docs/sessions.md.
#pragma once

#include <djcache/export.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <djcache/cache.h>
#include <djcache/session_data.h>

namespace djcache {

namespace detail {
class SessionCore;
}

/// What SessionStore::load() found. Only `found` is a session with data.
enum class SessionLoad : std::uint8_t {
  no_key,   ///< there is no key, or no acceptable one; no round trip was made
  missing,  ///< expired, logged out, or never stored

  /// An entry exists that the serializer cannot read, or that is no dict: treat the user as new,
  /// and compare the OPTIONS of both sides. SessionStore::unreadable() has the reason.
  unreadable,
  found,  ///< the session is loaded
};

/// One session and its entry in a cache.
///
/// @code
/// djcache::SessionStore store(engine.cache("default"), session_key);   // SESSION_CACHE_ALIAS
/// store.load([&](djcache::Result<djcache::SessionLoad> r) { ... store.session().user() ... });
/// @endcode
///
/// Not copyable; a moved-from store may only be destroyed or assigned to. Operations follow the
/// nine rules of engine/docs/lifetime.md. Those of one store run one after another, in the order of
/// the calls: each begins when the callback of the one before has returned. At most 64 may wait;
/// one more is `overloaded`. An empty callback is allowed.
///
/// Destroying the store cancels silently: its callbacks are destroyed uncalled, and so they are
/// when the engine is destroyed. A command that was issued is still carried out; the steps that
/// would have followed are not, so a cycle_key() that has stored its new entry leaves the old one.
///
/// Errors are those of Cache, and those named below. A connection that fails is an error and never
/// an empty session. Error details do not contain the session key.
class DJCACHE_API SessionStore {
 public:
  /// Without a key: a session that does not exist yet. A key that is not acceptable counts as none.
  /// Nothing is read here: see load().
  explicit SessionStore(Cache cache, std::string_view session_key = {},
                        SessionOptions options = {});
  ~SessionStore();
  SessionStore(SessionStore&&) noexcept;
  SessionStore& operator=(SessionStore&&) noexcept;

  /// The session in memory, valid as long as the store. Changes take effect on the server by
  /// save().
  Session& session();
  /// @overload
  const Session& session() const;

  /// Reads the session, in one round trip: GET. If there is none, the session is empty and its key
  /// is forgotten (cached_db: kept, since the database may know it). After an error the session is
  /// as it was. Loading again replaces what was not saved.
  void load(Callback<SessionLoad> done);
  /// Why the last load was `unreadable`: the error of get, which names the class that cannot be
  /// read, or that the entry is no dict. Else nullopt.
  const std::optional<Error>& unreadable() const;

  /// Stores the session under a new random key, with the expiry age as its ttl, and marks it
  /// modified. Errors: session_exists when 10,000 keys were all taken.
  void create(Callback<void> done);

  /// Stores the session with the expiry age as its ttl. Without a key: create(). Not loaded yet: it
  /// is loaded first. Errors: session_gone (UpdateError) when its entry is no longer there: it is
  /// not brought back. invalid_argument: changed before it was loaded.
  void save(Callback<void> done) { save(false, std::move(done)); }
  /// As save(); with `must_create` only if the key is free, otherwise `session_exists`
  /// (CreateError).
  void save(bool must_create, Callback<void> done);

  /// Asks whether a session key has an entry. One that is not acceptable has none.
  void exists(std::string_view session_key, Callback<bool> done);

  /// Deletes the stored entry; what this object holds stays.
  void delete_(Callback<void> done);
  /// Deletes the entry of another session key.
  void delete_(std::string_view session_key, Callback<void> done);

  /// Logout: empties the session, deletes its entry, forgets the key. After an error the session is
  /// empty and the key is still there: the entry may be, too.
  void flush(Callback<void> done);

  /// A new key for the same data, then deletes the old entry. After an error of the first step
  /// nothing has changed; of the second, the session has its new key and the old entry may live on.
  void cycle_key(Callback<void> done);

 private:
  std::shared_ptr<detail::SessionCore> core_;
};

}  // namespace djcache
