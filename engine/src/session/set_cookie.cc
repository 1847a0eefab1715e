// Writing the Set-Cookie header, attributes in the order of CPython's http.cookies. See cookie.h.
#include <djcache/cookie.h>

#include <cstdio>

namespace djcache {

namespace {

constexpr std::string_view epoch = "Thu, 01 Jan 1970 00:00:00 GMT";
constexpr std::size_t pair_max_bytes = 4'096;  // RFC 6265bis, 5.6: browsers ignore longer ones

// The characters of an HTTP token, which a cookie's name must be.
bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  if (text.empty()) return false;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!plain && marks.find(c) == std::string_view::npos) return false;
  }
  return true;
}

bool is_attribute(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c > '~' || c == ';') return false;
  }
  return true;
}

std::string lower(std::string_view text) {
  std::string made;
  for (const char c : text) made += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return made;
}

bool is_same_site(std::string_view text) {
  const std::string site = lower(text);
  return site.empty() || site == "lax" || site == "strict" || site == "none";
}

// Rules that browsers enforce. They compare the prefixes ignoring case (RFC 6265bis, 4.1.3).
bool is_host_only(const SessionCookie& cookie) { return lower(cookie.name).starts_with("__host-"); }
bool needs_secure(const SessionCookie& cookie) {
  return is_host_only(cookie) || lower(cookie.name).starts_with("__secure-") ||
         lower(cookie.same_site) == "none";
}

// django.utils.http.http_date, for years that browsers accept.
std::string http_date(std::int64_t seconds) {
  using namespace std::chrono;
  constexpr const char* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  seconds = seconds < 0 ? 0 : seconds > end_of_9999 ? end_of_9999 : seconds;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  char text[64];
  const int size = std::snprintf(
      text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", weekdays[weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return std::string(text, static_cast<std::size_t>(size));
}

Error wrong(std::string_view what) {
  return {Errc::invalid_argument, "session cookie: " + std::string(what)};
}

Result<void> check(const SessionCookie& cookie) {
  if (!is_token(cookie.name)) return wrong("the name has characters that no cookie's name has");
  if (!is_attribute(cookie.domain)) return wrong("the domain has a ';' or is not printable ASCII");
  if (!is_attribute(cookie.path)) return wrong("the path has a ';' or is not printable ASCII");
  if (!is_same_site(cookie.same_site)) return wrong("same_site is none of Lax, Strict, None");
  if (is_host_only(cookie) && !(cookie.domain.empty() && cookie.path == "/")) {
    return wrong("browsers take a __Host- cookie only without a domain, and with the path '/'");
  }
  return {};
}

struct Lifetime {
  std::string expires{};  // "": until the browser closes
  std::int64_t max_age = 0;
};

std::string write(const SessionCookie& cookie, std::string_view value, const Lifetime& life) {
  std::string header = cookie.name + "=" + std::string(value);
  if (!cookie.domain.empty()) header += "; Domain=" + cookie.domain;
  if (!life.expires.empty()) header += "; expires=" + life.expires;
  if (cookie.http_only) header += "; HttpOnly";
  if (!life.expires.empty()) header += "; Max-Age=" + std::to_string(life.max_age);
  if (!cookie.path.empty()) header += "; Path=" + cookie.path;
  if (!cookie.same_site.empty()) header += "; SameSite=" + cookie.same_site;
  if (cookie.secure) header += "; Secure";
  return header;
}

}  // namespace

Result<std::string> set_session_cookie(const SessionCookie& cookie, std::string_view session_key,
                                       std::optional<std::int64_t> max_age,
                                       std::chrono::system_clock::time_point now) {
  if (auto checked = check(cookie); !checked.ok()) return checked.error();
  if (needs_secure(cookie) && !cookie.secure) {
    return wrong("browsers take __Host-, __Secure- and SameSite=None only with secure");
  }
  if (!is_token(session_key)) {
    return wrong(
        "the session key has characters that need quotes; keys of djcache and Django never do");
  }
  if (cookie.name.size() + session_key.size() > pair_max_bytes) {
    return wrong("browsers take at most 4,096 bytes of name and value");
  }
  Lifetime life;
  if (max_age) {
    const auto from = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    std::int64_t end;
    if (__builtin_add_overflow(std::int64_t{from}, *max_age, &end)) end = *max_age;
    life = {http_date(end), *max_age};
  }
  return write(cookie, session_key, life);
}

// Like HttpResponse.delete_cookie: without HttpOnly, and Secure only where browsers require it.
Result<std::string> delete_session_cookie(const SessionCookie& cookie) {
  if (auto checked = check(cookie); !checked.ok()) return checked.error();
  SessionCookie gone = cookie;
  gone.http_only = false;
  gone.secure = needs_secure(cookie);
  return write(gone, "\"\"", {std::string(epoch), 0});
}

}  // namespace djcache
