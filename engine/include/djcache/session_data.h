/// @file
/// Session: a Django session in memory, with its dict, two flags, its expiry and its user.
///
/// It does no I/O, and its clock is a function of the options; SessionStore loads and saves it.
/// Source: django/contrib/sessions/backends/base.py and contrib/auth/__init__.py of Django 4.2.
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

/// SESSION_ENGINE: the backends that keep sessions in a cache.
enum class SessionBackend : std::uint8_t {
  cache,  ///< django.contrib.sessions.backends.cache

  /// django.contrib.sessions.backends.cached_db: read only here, because the authoritative copy is
  /// in a database that djcache does not access.
  cached_db,
};

/// Django's settings that concern sessions.
struct SessionOptions {
  SessionBackend backend = SessionBackend::cache;  ///< SESSION_ENGINE
  std::chrono::seconds cookie_age{1'209'600};      ///< SESSION_COOKIE_AGE: two weeks
  bool expire_at_browser_close = false;            ///< SESSION_EXPIRE_AT_BROWSER_CLOSE

  /// Additional characters of session keys, for other backends' keys: "-_ABC". See
  /// is_session_key().
  std::string more_key_characters{};
  /// The offset of TIME_ZONE east of UTC, if the Django side has USE_TZ=False and writes naive
  /// local expiry dates. `nullopt`: USE_TZ=True, and a naive expiry date is an error, as in Django.
  std::optional<std::chrono::seconds> naive_offset{};
  /// The clock of expiry computations. Empty: std::chrono::system_clock.
  std::function<std::chrono::system_clock::time_point()> now{};
  /// The limit of each redis command. `nullopt`: the alias' command_limit.
  std::optional<std::chrono::milliseconds> limit{};
  /// The class attribute SessionStore.cache_key_prefix of a project's own SESSION_ENGINE. Empty:
  /// that of `backend`.
  std::string cache_key_prefix{};
};

/// The user of a session, as django.contrib.auth.login() wrote it.
struct SessionUser {
  std::string id;       ///< the primary key, as text
  std::string backend;  ///< dotted path: compare it with your AUTHENTICATION_BACKENDS
  std::string hash;  ///< HMAC over the password field; "" if there is none: verify_session_hash()
  bool hash_malformed = false;  ///< the stored hash is not text; `hash` is "" then
  friend bool operator==(const SessionUser&, const SessionUser&) = default;
};

/// Django's keyword arguments of get_expiry_age() and get_expiry_date().
struct ExpiryArguments {
  std::optional<std::chrono::system_clock::time_point> modification{};  ///< omitted: now

  /// Omitted: the session's own `_session_expiry`. A Value of Kind::nil: None was given.
  std::optional<Value> expiry{};
};

/// Django's `request.session` in memory. A plain value; SessionStore::session() returns that of a
/// store.
class DJCACHE_API Session {
 public:
  /// A key that is_session_key() does not accept counts as none.
  explicit Session(SessionOptions options = {}, std::string_view session_key = {});

  /// `nullopt`: the session has not been stored, or its entry was not found. A secret.
  const std::optional<std::string>& session_key() const { return key_; }
  /// The options passed to the constructor.
  const SessionOptions& options() const { return options_; }

  /// Whether the data has been loaded; true without a key, because there is nothing to load. Before
  /// loading the session reads as empty, and changes cannot be saved (`invalid_argument`), except
  /// after clear().
  bool loaded() const { return loaded_ || !key_; }
  /// Django's `session.accessed`: something was read or changed.
  bool accessed() const { return accessed_; }
  /// Django's `session.modified`. A change inside a stored value is not detected: call
  /// set_modified().
  bool modified() const { return modified_; }
  /// Django's `request.session.modified = True`.
  void set_modified(bool modified) { modified_ = modified; }
  /// True when there is neither a key nor an item.
  bool is_empty() const { return !key_ && items().empty(); }

  /// @name The dict: pointers and references are valid until the next change or load
  /// @{

  /// `session.get(name)`: null if there is none.
  const Value* get(std::string_view name) const;
  /// `session.get(name, fallback)`.
  Value get(std::string_view name, Value fallback) const;
  /// `name in session`.
  bool contains(std::string_view name) const { return get(name) != nullptr; }
  /// `session.items()`.
  const Value::Items& items() const;
  /// All of it, as a dict.
  const Value& data() const { return accessed_ = true, data_; }
  /// `session[name] = value`.
  void set(std::string_view name, Value value);
  /// `del session[name]`: false if there is none.
  bool erase(std::string_view name);
  /// `session.pop(name, None)`: `nullopt`, and not modified, if there is none.
  std::optional<Value> pop(std::string_view name);
  /// `session.setdefault(name, value)`: modified only if it was absent.
  const Value& setdefault(std::string_view name, Value value);
  /// `session.update(items)`.
  void update(Value::Items items);
  /// `session.clear()`: the session counts as loaded from now on.
  void clear();

  /// @}
  /// @name The test cookie
  /// @{

  void set_test_cookie() { set("testcookie", "worked"); }    ///< Django's set_test_cookie()
  bool test_cookie_worked() const;                           ///< Django's test_cookie_worked()
  bool delete_test_cookie() { return erase("testcookie"); }  ///< Django's delete_test_cookie()

  /// @}
  /// @name Expiry
  /// @{

  /// The age in whole seconds; may be negative. Errors: `decode_failed` if `_session_expiry` is
  /// nothing that Django writes, or a date whose offset from UTC is not known.
  Result<std::int64_t> get_expiry_age(const ExpiryArguments& arguments = {}) const;
  /// The time of expiry. Errors as get_expiry_age().
  Result<std::chrono::sys_time<std::chrono::microseconds>> get_expiry_date(
      const ExpiryArguments& arguments = {}) const;
  /// Whether the cookie should expire when the browser closes.
  bool get_expire_at_browser_close() const;

  /// Expires after this many seconds of inactivity; 0: when the browser closes.
  void set_expiry(std::int64_t seconds);
  /// @overload
  void set_expiry(std::chrono::seconds life) { set_expiry(std::int64_t{life.count()}); }
  /// None: uses the expiry of the settings.
  void set_expiry(std::nullopt_t);
  /// Expires at a point in time, stored as ISO 8601 text, as Django 4.1 and later do. Errors:
  /// `invalid_argument` if its offset from UTC is not known; the session is unchanged.
  Result<void> set_expiry(const DateTime& at);
  /// Expires after a time from now, stored as a date.
  Result<void> set_expiry(const TimeDelta& from_now);

  /// @}
  /// @name django.contrib.auth
  ///
  /// What login() stored. The database is not asked whether the user still exists, is active, or
  /// has changed the password: engine/docs/sessions.md says what to do about that.
  /// @{

  std::optional<std::string> user_id() const;            ///< `_auth_user_id`
  std::optional<std::string_view> user_backend() const;  ///< `_auth_user_backend`
  std::optional<std::string_view> user_hash() const;     ///< `_auth_user_hash`
  bool user_hash_malformed() const;                      ///< a hash is stored, but it is not text

  /// The user, when both id and backend are stored, as Django's get_user() needs them. `nullopt`:
  /// not logged in.
  std::optional<SessionUser> user() const;

  /// @}

 private:
  friend class SessionAccess;  // in src/session: access for SessionStore only

  std::chrono::sys_time<std::chrono::microseconds> now() const;
  std::optional<std::string_view> text_of(std::string_view name) const;

  SessionOptions options_;
  std::optional<std::string> key_;
  Value data_ = Value::dict();
  bool loaded_ = false;
  mutable bool accessed_ = false;
  bool modified_ = false;
};

/// The result of verify_session_hash(), equivalent to Django's get_user().
enum class SessionHash : std::uint8_t {
  verified,  ///< with SECRET_KEY

  /// with one of SECRET_KEY_FALLBACKS. Django then gives the session a new key
  /// (SessionStore::cycle_key) and stores the session_auth_hash() of the new SECRET_KEY as
  /// `_auth_user_hash`
  verified_by_fallback,
  absent,     ///< none is stored; Django flushes the session, as for the two below
  malformed,  ///< the stored hash is not text
  different,  ///< the password has been changed since, or SECRET_KEY differs
};
/// Whether the session is valid.
inline bool is_verified(SessionHash hash) { return hash <= SessionHash::verified_by_fallback; }

/// Checks that a session was begun with the user's current password, as Django's get_user() does.
///
/// `user_password_hash` is the user's password field in the database ("pbkdf2_sha256$..."),
/// `secret_key` and `fallbacks` are SECRET_KEY and SECRET_KEY_FALLBACKS; an empty key verifies
/// nothing. The comparison takes constant time, and no argument is kept. Source:
/// django/contrib/auth/__init__.py, base_user.py.
DJCACHE_API SessionHash verify_session_hash(std::string_view user_password_hash,
                                            std::string_view secret_key,
                                            const std::vector<std::string>& fallbacks,
                                            const Session& session);
/// The hash that Django's login() stores: 64 hexadecimal digits.
DJCACHE_API std::string session_auth_hash(std::string_view user_password_hash,
                                          std::string_view secret_key);

}  // namespace djcache
