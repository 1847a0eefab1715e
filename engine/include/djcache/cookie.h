/// @file
/// The session cookie: from a Cookie header to a session key, and back to a Set-Cookie header.
///
/// These functions do no I/O. They process untrusted input in linear time, with bounds, and are
/// strict about session keys. Source: django/http/cookie.py, django/http/response.py and
/// http.cookies of CPython.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/result.h>

namespace djcache {

/// Whether a text can be a session key: 8 to 128 characters of a-z and 0-9, and of those in
/// `more_characters` that are letters, digits or one of "-_.~".
///
/// Stricter than Django, which accepts any text of at least 8 characters, so that no input can name
/// the key of anything but a session.
DJCACHE_API bool is_session_key(std::string_view text, std::string_view more_characters = {});

/// Options of session_key_from_cookie().
struct CookieOptions {
  std::string name = "sessionid";         ///< SESSION_COOKIE_NAME
  std::string more_key_characters{};      ///< as `more_characters` of is_session_key()
  std::size_t header_max_bytes = 16'384;  ///< a longer header counts as one without a session key
};

/// The value of a cookie as Django's parse_cookie finds it; `nullopt` without a cookie of this
/// name.
///
/// The header is split at ';', the last of equal names counts, values in double quotes are
/// unquoted.
DJCACHE_API std::optional<std::string> find_cookie(std::string_view header, std::string_view name);

/// The session key of a request's Cookie header; `nullopt` if there is none that is_session_key()
/// accepts.
DJCACHE_API std::optional<std::string> session_key_from_cookie(std::string_view header,
                                                               const CookieOptions& options = {});

/// SESSION_COOKIE_NAME, _DOMAIN, _PATH, _SECURE, _HTTPONLY and _SAMESITE, with Django's defaults.
struct SessionCookie {
  std::string name = "sessionid";  ///< SESSION_COOKIE_NAME
  std::string domain{};            ///< "": none
  std::string path = "/";          ///< SESSION_COOKIE_PATH
  bool secure = false;             ///< SESSION_COOKIE_SECURE
  bool http_only = true;           ///< SESSION_COOKIE_HTTPONLY
  std::string same_site = "Lax";   ///< "Strict", "None", or "" for none
};

/// The value of a Set-Cookie header, as Django's session middleware writes it after a save.
///
/// `max_age` is in seconds; `nullopt`: until the browser closes. `expires` is computed from `now`.
/// Errors: `invalid_argument` if a part contains characters that would end it, and if browsers
/// would ignore the cookie: `__Host-` with a domain, with a path other than "/", or without secure;
/// `__Secure-` or SameSite=None without secure; more than 4,096 bytes of name and value. (Django
/// writes such cookies.)
DJCACHE_API Result<std::string> set_session_cookie(
    const SessionCookie& cookie, std::string_view session_key, std::optional<std::int64_t> max_age,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());
/// The value of a Set-Cookie header for a logout: it makes the browser delete the cookie. Errors as
/// set_session_cookie().
DJCACHE_API Result<std::string> delete_session_cookie(const SessionCookie& cookie);

}  // namespace djcache
