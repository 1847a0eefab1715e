// Session keys: Django's alphabet, evenly distributed, without repetitions.
#include "session/session_key.h"

#include <djcache/cookie.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace djcache::session {
namespace {

TEST(SessionKeys, AreThirtyTwoCharactersOfDjangosAlphabet) {
  const auto key = random_session_key();
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->size(), 32u);
  EXPECT_TRUE(is_session_key(*key)) << *key;
}

TEST(SessionKeys, AreNotRepeated) {
  std::set<std::string> keys;
  for (int i = 0; i < 1000; ++i) keys.insert(*random_session_key());
  EXPECT_EQ(keys.size(), 1000u);
}

// 320,000 characters: each of 36 is expected 8,889 times, give or take 93. A modulo without
// rejection would give the first four 10,000.
TEST(SessionKeys, HaveEachCharacterEquallyOften) {
  std::map<char, int> counts;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = *random_session_key();
    for (const char c : key) ++counts[c];
  }
  EXPECT_EQ(counts.size(), 36u);
  for (const auto& [c, count] : counts) {
    EXPECT_GT(count, 8'200) << c;
    EXPECT_LT(count, 9'600) << c;
  }
}

TEST(SessionKeys, OfDjangoAreAccepted) {
  EXPECT_TRUE(is_session_key("12345678"));
  EXPECT_TRUE(is_session_key(std::string(128, 'z')));
}

TEST(SessionKeys, OfWrongLengthAreNot) {
  EXPECT_FALSE(is_session_key(""));
  EXPECT_FALSE(is_session_key("1234567"));
  EXPECT_FALSE(is_session_key(std::string(129, 'z')));
}

TEST(SessionKeys, OfOtherCharactersAreNot) {
  for (const char c : std::string("ABZ:-_./* \n\x7f\"'\\;=\0\xc3", 20)) {
    EXPECT_FALSE(is_session_key(std::string("12345678") + c)) << static_cast<int>(c);
  }
}

TEST(SessionKeys, MoreCharactersCanBeAllowedButNoneThatMeansSomething) {
  EXPECT_TRUE(is_session_key("123e4567-E89B", "-EB"));
  EXPECT_FALSE(is_session_key("12345678:9", ":"));
  EXPECT_FALSE(is_session_key("12345678 9", " "));
  EXPECT_FALSE(is_session_key("12345678\xc3", "\xc3"));
}

}  // namespace
}  // namespace djcache::session
