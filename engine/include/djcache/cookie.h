// The session cookie: from a Cookie header to a session key, and back to a Set-Cookie header.
//
// Pure. Reads what comes from strangers: bounded, linear, and strict about what a session key is.
// Source: django/http/cookie.py, django/http/response.py and http.cookies of CPython.
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

// 8 to 128 characters of a-z and 0-9, and of those in `more_characters` that are letters, digits or
// one of "-_.~". Django itself takes any text of 8 characters; here nothing that a stranger sends
// can address a key other than a session's.
DJCACHE_API bool is_session_key(std::string_view text, std::string_view more_characters = {});

struct CookieOptions {
  std::string name = "sessionid";  // SESSION_COOKIE_NAME
  std::string more_key_characters{};
  std::size_t header_max_bytes = 16'384;  // a longer header has no session key
};

// The value of a cookie as Django's parse_cookie finds it: split at ';', the last of equal names
// counts, values in double quotes are unquoted. nullopt: there is no cookie of this name.
DJCACHE_API std::optional<std::string> find_cookie(std::string_view header, std::string_view name);

// The session key of a request's Cookie header, if there is one and it looks like one.
DJCACHE_API std::optional<std::string> session_key_from_cookie(std::string_view header,
                                                               const CookieOptions& options = {});

// SESSION_COOKIE_*, with Django's defaults.
struct SessionCookie {
  std::string name = "sessionid";
  std::string domain{};  // "": none
  std::string path = "/";
  bool secure = false;
  bool http_only = true;
  std::string same_site = "Lax";  // "Strict", "None", or "" for none
};

// The value of a Set-Cookie header, as Django's session middleware writes it after a save.
// `max_age` in seconds; nullopt: until the browser closes. `now` is what `expires` counts from.
// Errors: invalid_argument, when a part has characters that would end it, and when browsers would
// ignore the cookie: __Host- with a domain, another path than "/" or without secure, __Secure- or
// SameSite=None without secure, more than 4,096 bytes of name and value. Django writes those, too.
DJCACHE_API Result<std::string> set_session_cookie(
    const SessionCookie& cookie, std::string_view session_key, std::optional<std::int64_t> max_age,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());
// The same after a logout: the browser forgets the cookie.
DJCACHE_API Result<std::string> delete_session_cookie(const SessionCookie& cookie);

}  // namespace djcache
