// Cookie headers: the results of Django's parse_cookie, and hostile headers.
#include <djcache/cookie.h>
#include <gtest/gtest.h>

#include <random>

namespace djcache {
namespace {

constexpr const char* key = "0123456789abcdefghijklmnopqrstuv";

std::optional<std::string> session_key(const std::string& header, CookieOptions options = {}) {
  return session_key_from_cookie(header, options);
}

TEST(Cookies, TheSessionKeyIsFoundAmongOthers) {
  EXPECT_EQ(session_key(std::string("csrftoken=x; sessionid=") + key + "; theme=dark"), key);
  EXPECT_EQ(session_key(std::string("sessionid=") + key), key);
  EXPECT_EQ(session_key(std::string("  sessionid \t=\t ") + key + "  ;"), key);
}

TEST(Cookies, WithoutOneThereIsNoKey) {
  EXPECT_EQ(session_key(""), std::nullopt);
  EXPECT_EQ(session_key(";;;=;"), std::nullopt);
  EXPECT_EQ(session_key("sessionid"), std::nullopt);
  EXPECT_EQ(session_key("sessionid="), std::nullopt);
  EXPECT_EQ(session_key(std::string("SESSIONID=") + key), std::nullopt);
  EXPECT_EQ(session_key(std::string("xsessionid=") + key), std::nullopt);
}

TEST(Cookies, TheNameIsASetting) {
  EXPECT_EQ(session_key(std::string("sid=") + key, {.name = "sid"}), key);
}

TEST(Cookies, TheLastOfEqualNamesCounts) {
  EXPECT_EQ(session_key(std::string("sessionid=aaaaaaaa; sessionid=") + key), key);
  EXPECT_EQ(session_key(std::string("sessionid=") + key + "; sessionid=short"), std::nullopt);
}

// Expected values are from Django 4.2's parse_cookie on Python 3.11.
TEST(Cookies, ValuesAreUnquotedAsDjangoDoes) {
  const std::pair<const char*, const char*> pairs[] = {
      {R"(a="hello world")", "hello world"},
      {R"(a="semi\073colon")", "semi;colon"},
      {R"(a="\141\142c")", "abc"},
      {R"(a="quote\"inside")", "quote\"inside"},
      {R"(a="back\\slash")", "back\\slash"},
      {R"(a="\400")", "400"},
      {R"(a="\x\y")", "xy"},
      {R"(a="trailing\")", "trailing\\"},
      {R"(a="\351")", "\xc3\xa9"},
      {R"(a=")", "\""},
      {R"(a="")", ""},
      {R"(a="open)", "\"open"},
      {R"(a=b=c)", "b=c"},
      {R"(a=un"quoted")", "un\"quoted\""},
  };
  for (const auto& [header, value] : pairs) EXPECT_EQ(find_cookie(header, "a"), value) << header;
}

TEST(Cookies, AChunkWithoutEqualsHasAnEmptyName) {
  EXPECT_EQ(find_cookie("loner; a=1", ""), "loner");
  EXPECT_EQ(find_cookie("a=1; ", ""), std::nullopt);
}

TEST(Cookies, AQuotedSessionKeyIsFound) {
  EXPECT_EQ(session_key(std::string("sessionid=\"") + key + "\""), key);
  EXPECT_EQ(session_key(R"(sessionid="\0601234567")"), "01234567");
}

TEST(Cookies, NoValueAddressesAnotherEntry) {
  for (const char* hostile : {"../../etc/passwd", "x:1:secretkey", "12345678*",
                              "12345678\\r\\nDEL x", "\"1234567\\0128\"", "\"12345678\\000\"",
                              "12345678%3A", "12345678\x7f", "ABCDEFGHIJ", "12345678 9"}) {
    EXPECT_EQ(session_key(std::string("sessionid=") + hostile), std::nullopt) << hostile;
  }
  EXPECT_EQ(session_key(std::string("sessionid=12345678\0x", 20)), std::nullopt);
}

TEST(Cookies, AHeaderThatIsTooLongHasNoKey) {
  const std::string cookie = std::string("sessionid=") + key;
  const std::string long_header = std::string(16'384 - cookie.size() - 1, ' ') + ";" + cookie;
  EXPECT_EQ(session_key(long_header), key);
  EXPECT_EQ(session_key(" " + long_header), std::nullopt);
}

TEST(Cookies, AnyBytesGiveAKeyOrNone) {
  std::mt19937 random(20261125);
  const std::string pieces[] = {
      "sessionid",          "=",   ";", "\"", "\\", "0", "377", "\n", " ", "abcdefgh",
      std::string(1, '\0'), "\xff"};
  for (int i = 0; i < 20'000; ++i) {
    std::string header;
    for (unsigned n = random() % 12; n > 0; --n) header += pieces[random() % std::size(pieces)];
    const auto found = session_key(header);
    if (found) {
      EXPECT_TRUE(is_session_key(*found)) << header;
    }
  }
}

}  // namespace
}  // namespace djcache
