/// @file
/// SessionStore: Django's cache-backed sessions over an alias, with callbacks.
///
/// Source: django/contrib/sessions/backends/cache.py of Django 4.2; engine/docs/sessions.md lists
/// the deliberate differences.
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
  no_key,   ///< there is no key, or no valid one; no round trip was made
  missing,  ///< expired, logged out, or never stored

  /// An entry exists that the serializer cannot read, or that is not a dict: treat the user as new,
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
/// nine rules of engine/docs/lifetime.md. Operations of one store run one after another, in the
/// order of the calls: each begins when the callback of the previous one has returned. At most 64
/// may be pending; one more is `overloaded`. An empty callback is allowed.
///
/// Destroying the store or the engine cancels silently: callbacks are destroyed uncalled. A command
/// that was issued is still executed, but the steps after it are not: a cycle_key() that has stored
/// its new entry leaves the old one.
///
/// Errors are those of Cache, and those named below. A failed connection is reported as an error,
/// never as an empty session. Error details do not contain the session key.
class DJCACHE_API SessionStore {
 public:
  /// Without a key: a session that does not exist yet. An invalid key counts as none. Nothing is
  /// read here: see load().
  explicit SessionStore(Cache cache, std::string_view session_key = {},
                        SessionOptions options = {});
  ~SessionStore();
  SessionStore(SessionStore&&) noexcept;
  SessionStore& operator=(SessionStore&&) noexcept;

  /// The session in memory, valid during the life of the store. save() stores changes on the
  /// server.
  Session& session();
  /// @overload
  const Session& session() const;

  /// Reads the session, in one round trip: GET. If there is none, the session is empty and its key
  /// is forgotten (cached_db: kept, because the database may know it). After an error the session
  /// is unchanged. Loading again discards unsaved changes.
  void load(Callback<SessionLoad> done);
  /// Why the last load was `unreadable`: the error of get, which names the class that cannot be
  /// read, or an error that the entry is not a dict. Otherwise nullopt.
  const std::optional<Error>& unreadable() const;

  /// Stores the session under a new random key, with the expiry age as its ttl, and marks it
  /// modified. Errors: session_exists if 10,000 keys were all taken.
  void create(Callback<void> done);

  /// Stores the session with the expiry age as its ttl. Without a key it acts as create(). A
  /// session that is not loaded yet is loaded first. Errors: session_gone (UpdateError) if its
  /// entry no longer exists: it is not created again. invalid_argument if it was changed before it
  /// was loaded.
  void save(Callback<void> done) { save(false, std::move(done)); }
  /// As save(); with `must_create` only if the key is free, otherwise `session_exists`
  /// (CreateError).
  void save(bool must_create, Callback<void> done);

  /// Checks whether a session key has an entry. An invalid key has none.
  void exists(std::string_view session_key, Callback<bool> done);

  /// Deletes the stored entry; the session in this object is unchanged.
  void delete_(Callback<void> done);
  /// Deletes the entry of another session key.
  void delete_(std::string_view session_key, Callback<void> done);

  /// Logout: empties the session, deletes its entry, forgets the key. After an error the session is
  /// empty but keeps its key, and the entry may still exist.
  void flush(Callback<void> done);

  /// Stores the data under a new key, then deletes the old entry. If the first step fails, nothing
  /// has changed; if the second fails, the session has its new key and the old entry may still
  /// exist.
  void cycle_key(Callback<void> done);

 private:
  std::shared_ptr<detail::SessionCore> core_;
};

}  // namespace djcache
