// Session: what a request sees of a Django session: a dict, two flags, expiry, who is logged in.
//
// Pure: no I/O; the clock is a function of the options. SessionStore (session.h) loads and saves
// it. Source: django/contrib/sessions/backends/base.py and contrib/auth/__init__.py of Django 4.2.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <djcache/result.h>
#include <djcache/value.h>

namespace djcache {

// SESSION_ENGINE, as far as its entries lie in a cache.
enum class SessionBackend : std::uint8_t {
  cache,      // django.contrib.sessions.backends.cache
  cached_db,  // django.contrib.sessions.backends.cached_db: read only here, for its truth is in a
              // database that djcache does not reach
};

// Django's settings, as far as they concern sessions.
struct SessionOptions {
  SessionBackend backend = SessionBackend::cache;
  std::chrono::seconds cookie_age{1'209'600};  // SESSION_COOKIE_AGE: two weeks
  bool expire_at_browser_close = false;        // SESSION_EXPIRE_AT_BROWSER_CLOSE
  // What session keys may have besides a-z and 0-9, for other backends' keys: "-_ABC". See
  // is_session_key in cookie.h.
  std::string more_key_characters{};
  // How far TIME_ZONE is east of UTC, when the Django side has USE_TZ=False: its expiry dates are
  // then naive local time. nullopt: USE_TZ=True, and a naive expiry date is an error, as in Django.
  std::optional<std::chrono::seconds> naive_offset{};
  // The clock of expiry computations. Empty: std::chrono::system_clock.
  std::function<std::chrono::system_clock::time_point()> now{};
  // Of each command. nullopt: the alias' command_limit.
  std::optional<std::chrono::milliseconds> limit{};
  // The class attribute SessionStore.cache_key_prefix, where a SESSION_ENGINE of one's own sets it.
  // Empty: that of `backend`.
  std::string cache_key_prefix{};
};

// Who logged in, as django.contrib.auth.login() wrote it.
struct SessionUser {
  std::string id;       // the primary key, as text
  std::string backend;  // dotted path: compare it with your AUTHENTICATION_BACKENDS
  std::string hash;     // HMAC over the password field; "" if there is none: verify_session_hash
  bool hash_malformed = false;  // something is stored in its place that is no text; `hash` is ""
  friend bool operator==(const SessionUser&, const SessionUser&) = default;
};

// Django's keyword arguments of get_expiry_age and get_expiry_date. Omitted: the clock's time, and
// the session's own '_session_expiry'.
struct ExpiryArguments {
  std::optional<std::chrono::system_clock::time_point> modification{};
  std::optional<Value> expiry{};  // Value{nil}: None was given
};

class DJCACHE_API Session {
 public:
  // A key that is_session_key() does not accept is ignored, as no key.
  explicit Session(SessionOptions options = {}, std::string_view session_key = {});

  // nullopt: there is none yet, or the entry was not found. A secret: who has it is the user.
  const std::optional<std::string>& session_key() const { return key_; }
  const SessionOptions& options() const { return options_; }

  // Whether the data is here. Without a key there is nothing to load: true. Before, everything
  // reads as empty, and what is changed cannot be saved (SessionStore::save says so); clear() alone
  // needs no data.
  bool loaded() const { return loaded_ || !key_; }
  bool accessed() const { return accessed_; }
  bool modified() const { return modified_; }
  // `request.session.modified = True`.
  void set_modified(bool modified) { modified_ = modified; }
  // True when there is neither a key nor an item.
  bool is_empty() const { return !key_ && items().empty(); }

  // --- The dict. Pointers and references are valid until the next change or load.
  const Value* get(std::string_view name) const;  // null: it is not there
  Value get(std::string_view name, Value fallback) const;
  bool contains(std::string_view name) const { return get(name) != nullptr; }
  const Value::Items& items() const;
  const Value& data() const { return accessed_ = true, data_; }  // a dict
  void set(std::string_view name, Value value);                  // session[name] = value
  bool erase(std::string_view name);                // del session[name]; false: no such name
  std::optional<Value> pop(std::string_view name);  // modified only if it was there
  const Value& setdefault(std::string_view name, Value value);  // modified only if it was absent
  void update(Value::Items items);
  void clear();

  // --- The test cookie.
  void set_test_cookie() { set("testcookie", "worked"); }
  bool test_cookie_worked() const;
  bool delete_test_cookie() { return erase("testcookie"); }

  // --- Expiry. The age is in whole seconds and may be negative. Errors of the two getters:
  // decode_failed, when '_session_expiry' is nothing that Django writes or has no known offset.
  Result<std::int64_t> get_expiry_age(const ExpiryArguments& arguments = {}) const;
  Result<std::chrono::sys_time<std::chrono::microseconds>> get_expiry_date(
      const ExpiryArguments& arguments = {}) const;
  bool get_expire_at_browser_close() const;

  void set_expiry(std::int64_t seconds);  // of inactivity; 0: until the browser closes
  void set_expiry(std::chrono::seconds life) { set_expiry(std::int64_t{life.count()}); }
  void set_expiry(std::nullopt_t);  // None: as the settings say
  // Stored as ISO 8601 text, as Django 4.1 and later do. invalid_argument: its offset from UTC is
  // not known, and the session is unchanged.
  Result<void> set_expiry(const DateTime& at);
  Result<void> set_expiry(const TimeDelta& from_now);  // becomes a date

  // --- django.contrib.auth. Neither asks the database whether the user still exists, is active, or
  // has changed the password: see engine/docs/sessions.md.
  std::optional<std::string> user_id() const;            // _auth_user_id
  std::optional<std::string_view> user_backend() const;  // _auth_user_backend
  std::optional<std::string_view> user_hash() const;     // _auth_user_hash
  bool user_hash_malformed() const;                      // there is one, and it is no text
  // Both id and backend, as Django's get_user() needs them. nullopt: nobody is logged in.
  std::optional<SessionUser> user() const;

 private:
  friend class SessionAccess;  // of src/session: what only the store may do

  std::chrono::sys_time<std::chrono::microseconds> now() const;
  std::optional<std::string_view> text_of(std::string_view name) const;

  SessionOptions options_;
  std::optional<std::string> key_;
  Value data_ = Value::dict();
  bool loaded_ = false;
  mutable bool accessed_ = false;
  bool modified_ = false;
};

// What Django's get_user() makes of a session's hash.
enum class SessionHash : std::uint8_t {
  verified,
  verified_by_fallback,  // Django then moves the session to a new key with a new hash: cycle_key, and
                         // session_auth_hash with the new SECRET_KEY as "_auth_user_hash"
  absent,                // Django flushes the session, as for the two below
  malformed,             // no text
  different,             // the password was changed since, or the key is none of these
};
inline bool is_verified(SessionHash hash) { return hash <= SessionHash::verified_by_fallback; }

// Whether the session was begun with the password that the user has now. `user_password_hash` is the
// user's password field as it is in the database ("pbkdf2_sha256$..."), `secret_key` and `fallbacks`
// are SECRET_KEY and SECRET_KEY_FALLBACKS; an empty key verifies nothing. Compared in constant time;
// none of the arguments is kept. Source: django/contrib/auth/__init__.py, base_user.py.
DJCACHE_API SessionHash verify_session_hash(std::string_view user_password_hash,
                                            std::string_view secret_key,
                                            const std::vector<std::string>& fallbacks,
                                            const Session& session);
// The hash that login() stores: 64 hexadecimal digits.
DJCACHE_API std::string session_auth_hash(std::string_view user_password_hash,
                                          std::string_view secret_key);

}  // namespace djcache
