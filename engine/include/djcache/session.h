// SessionStore: Django's cache-backed sessions over an alias, with callbacks.
//
//   djcache::SessionStore store(engine.cache("default"), session_key);   // SESSION_CACHE_ALIAS
//   store.load([&](djcache::Result<djcache::SessionLoad> r) { ... store.session().user() ... });
//
// Semantics: django/contrib/sessions/backends/cache.py of Django 4.2; where djcache differs on
// purpose is listed in engine/docs/sessions.md.
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

// What load() found. Only `found` is a session with data.
enum class SessionLoad : std::uint8_t {
  no_key,      // there was none to look for, or it was not acceptable; no round trip was made
  missing,     // expired, logged out, or never there
  unreadable,  // an entry that this serializer does not read, or that is no dict: a new session for
  // the user, and for you a reason to compare the OPTIONS of both sides: SessionStore::unreadable()
  found,
};

// One session and its entry. Not copyable; a moved-from store may only be destroyed or assigned to.
//
// Operations obey the nine rules of engine/docs/lifetime.md. Those of one store run one after
// another, in the order of the calls: each begins when the callback of the one before has returned.
// At most 64 may wait; what comes then is `overloaded`. An empty callback is allowed.
//
// Destroying the store is silent cancellation: its callbacks are destroyed uncalled, and so they
// are when the engine goes. A command that was issued is still carried out; the steps that would
// have followed are not: of a cycle_key that created its new entry the old one stays.
//
// Errors are the cache's own, and those named below. A connection that fails is an error and never
// an empty session. Error details do not contain the session key.
class DJCACHE_API SessionStore {
 public:
  // Without a key: a session that does not exist yet. One that is not acceptable counts as none.
  explicit SessionStore(Cache cache, std::string_view session_key = {},
                        SessionOptions options = {});
  ~SessionStore();
  SessionStore(SessionStore&&) noexcept;
  SessionStore& operator=(SessionStore&&) noexcept;

  // Valid as long as the store. Changes in memory only; save() stores them.
  Session& session();
  const Session& session() const;

  // Reads the session, in one round trip: GET. If there is none, the session is empty and its key
  // is forgotten (cached_db: kept, since the database may know it). After an error the session is
  // as it was. Loading again replaces what was not saved.
  void load(Callback<SessionLoad> done);
  // Why the last load was `unreadable`: the error of get, which names the class that cannot be read,
  // or that the entry is no dict. Else nullopt.
  const std::optional<Error>& unreadable() const;

  // Stores the session under a new random key, with the expiry age as its ttl, and marks it
  // modified. Errors: session_exists when 10,000 keys were all taken.
  void create(Callback<void> done);

  // Stores the session with the expiry age as its ttl. Without a key: create(). Not loaded yet: it
  // is loaded first. Errors: session_gone (UpdateError) when its entry is no longer there: it is
  // not brought back. invalid_argument: changed before it was loaded.
  void save(Callback<void> done) { save(false, std::move(done)); }
  // must_create: only if the key is free; otherwise session_exists (CreateError).
  void save(bool must_create, Callback<void> done);

  // Whether there is an entry of this key. A key that is not acceptable has none.
  void exists(std::string_view session_key, Callback<bool> done);

  // Deletes the entry of its own session, or of another key. The session in memory stays.
  void delete_(Callback<void> done);
  void delete_(std::string_view session_key, Callback<void> done);

  // Logout: empties the session, deletes its entry, forgets the key. After an error the session is
  // empty and the key is still there: the entry may be, too.
  void flush(Callback<void> done);

  // A new key for the same data, then deletes the old entry. After an error of the first step
  // nothing has changed; of the second, the session has its new key and the old entry may live on.
  void cycle_key(Callback<void> done);

 private:
  std::shared_ptr<detail::SessionCore> core_;
};

}  // namespace djcache
