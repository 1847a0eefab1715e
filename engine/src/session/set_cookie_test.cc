// Set-Cookie headers, byte for byte as Django 4.2's session middleware writes them.
#include <djcache/cookie.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace djcache {
namespace {

using TimePoint = std::chrono::system_clock::time_point;

constexpr const char* key = "0123456789abcdefghijklmnopqrstuv";
const TimePoint noon = TimePoint(std::chrono::seconds(1'795'608'000));

TEST(SetCookie, IsWhatDjangoWrites) {
  EXPECT_EQ(*set_session_cookie({}, key, 1'209'600, noon),
            "sessionid=0123456789abcdefghijklmnopqrstuv; expires=Wed, 09 Dec 2026 12:00:00 GMT; "
            "HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax");
}

TEST(SetCookie, UntilTheBrowserClosesHasNoDate) {
  EXPECT_EQ(*set_session_cookie({}, key, {}, noon),
            "sessionid=0123456789abcdefghijklmnopqrstuv; HttpOnly; Path=/; SameSite=Lax");
}

TEST(SetCookie, HasEveryAttributeInPythonsOrder) {
  const SessionCookie cookie{.name = "sid",
                             .domain = ".example.com",
                             .path = "/app",
                             .secure = true,
                             .http_only = true,
                             .same_site = "None"};
  EXPECT_EQ(*set_session_cookie(cookie, key, 60, noon),
            "sid=0123456789abcdefghijklmnopqrstuv; Domain=.example.com; expires=Wed, 25 Nov 2026 "
            "12:01:00 GMT; HttpOnly; Max-Age=60; Path=/app; SameSite=None; Secure");
  EXPECT_EQ(*delete_session_cookie(cookie),
            "sid=\"\"; Domain=.example.com; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; "
            "Path=/app; SameSite=None; Secure");
}

TEST(SetCookie, AfterALogoutTheBrowserForgets) {
  EXPECT_EQ(*delete_session_cookie({}),
            "sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; "
            "SameSite=Lax");
}

TEST(SetCookie, FarAgesStayWithinTheCalendar) {
  EXPECT_THAT(*set_session_cookie({}, key, INT64_MAX, noon),
              testing::HasSubstr("expires=Fri, 31 Dec 9999 23:59:59 GMT"));
  EXPECT_THAT(*set_session_cookie({}, key, INT64_MIN, noon),
              testing::HasSubstr("expires=Thu, 01 Jan 1970 00:00:00 GMT"));
}

bool is_refused(const SessionCookie& cookie, std::string_view value = key) {
  const auto made = set_session_cookie(cookie, value, {}, noon);
  return !made.ok() && made.error().code == Errc::invalid_argument;
}

TEST(SetCookie, WhatBrowsersIgnoreIsRefused) {
  EXPECT_FALSE(is_refused({.name = "__Host-sid", .secure = true}));
  EXPECT_TRUE(is_refused({.name = "__Host-sid"}));
  EXPECT_TRUE(is_refused({.name = "__Host-sid", .domain = "example.com", .secure = true}));
  EXPECT_TRUE(is_refused({.name = "__Host-sid", .path = "/app", .secure = true}));
  EXPECT_TRUE(is_refused({.name = "__Host-sid", .path = "", .secure = true}));
  EXPECT_TRUE(is_refused({.name = "__hOST-sid"}));
  EXPECT_FALSE(is_refused(
      {.name = "__Secure-sid", .domain = "example.com", .path = "/app", .secure = true}));
  EXPECT_TRUE(is_refused({.name = "__Secure-sid"}));
  EXPECT_TRUE(is_refused({.name = "__SECURE-sid"}));
  EXPECT_FALSE(is_refused({.secure = true, .same_site = "None"}));
  EXPECT_TRUE(is_refused({.same_site = "None"}));
  EXPECT_TRUE(is_refused({.same_site = "nONE"}));
  EXPECT_FALSE(is_refused({}, std::string(4'096 - 9, 'k')));
  EXPECT_TRUE(is_refused({}, std::string(4'097 - 9, 'k')));
}

TEST(SetCookie, ALogoutIsSecureWhereBrowsersInsist) {
  for (const char* name : {"__Host-sid", "__host-sid", "__Secure-sid"}) {
    const auto gone = delete_session_cookie({.name = name});
    ASSERT_TRUE(gone.ok());
    EXPECT_THAT(*gone, testing::EndsWith("; Secure"));
  }
  EXPECT_FALSE(delete_session_cookie({.name = "__Host-sid", .domain = "example.com"}).ok());
  EXPECT_FALSE(delete_session_cookie({.name = "__Host-sid", .path = "/app"}).ok());
}

TEST(SetCookie, NoPartCanEndTheHeader) {
  const auto code = [](const SessionCookie& cookie, const char* value = key) {
    const auto made = set_session_cookie(cookie, value, {}, noon);
    return made.ok() ? "(it worked)" : to_string(made.error().code);
  };
  EXPECT_EQ(code({}), "(it worked)");
  EXPECT_EQ(code({.name = "a b"}), "invalid_argument");
  EXPECT_EQ(code({.name = ""}), "invalid_argument");
  EXPECT_EQ(code({.domain = "x; Secure"}), "invalid_argument");
  EXPECT_EQ(code({.path = "/\r\nX: y"}), "invalid_argument");
  EXPECT_EQ(code({.same_site = "Sometimes"}), "invalid_argument");
  EXPECT_EQ(code({}, "key; Domain=x"), "invalid_argument");
  EXPECT_EQ(code({}, ""), "invalid_argument");
  EXPECT_FALSE(delete_session_cookie({.name = "a=b"}).ok());
}

}  // namespace
}  // namespace djcache
