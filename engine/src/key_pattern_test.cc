// Glob patterns. engine/additions_test.cc asserts that redis agrees.
#include "key_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace djcache {
namespace {

TEST(Glob, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_FALSE(matches_pattern("", "a"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_TRUE(matches_pattern("**", "abc"));
  EXPECT_TRUE(matches_pattern("a*c", "abbbc"));
  EXPECT_FALSE(matches_pattern("a*c", "abbbd"));
  EXPECT_TRUE(matches_pattern("*ab*ab*", "xabyabz"));
  EXPECT_FALSE(matches_pattern("*ab*ab*", "xabyaz"));
  EXPECT_TRUE(matches_pattern("a?c", "abc"));
  EXPECT_FALSE(matches_pattern("a?c", "ac"));
  EXPECT_FALSE(matches_pattern("a?", "abc"));
}

TEST(Glob, ClassesAndRanges) {
  EXPECT_TRUE(matches_pattern("h[ae]llo", "hello"));
  EXPECT_FALSE(matches_pattern("h[ae]llo", "hillo"));
  EXPECT_TRUE(matches_pattern("h[^e]llo", "hallo"));
  EXPECT_FALSE(matches_pattern("h[^e]llo", "hello"));
  EXPECT_TRUE(matches_pattern("h[a-c]llo", "hbllo"));
  EXPECT_TRUE(matches_pattern("h[c-a]llo", "hbllo"));
  EXPECT_FALSE(matches_pattern("h[a-c]llo", "hdllo"));
  EXPECT_FALSE(matches_pattern("[a-]", "-"));
  EXPECT_TRUE(matches_pattern("[a-]", "_"));
  EXPECT_TRUE(matches_pattern("[\\]]", "]"));
  EXPECT_TRUE(matches_pattern("[\xe0-\xff]", "\xf0"));
}

TEST(Glob, ABackslashTakesTheNextAsItIs) {
  EXPECT_TRUE(matches_pattern("\\*", "*"));
  EXPECT_FALSE(matches_pattern("\\*", "a"));
  EXPECT_TRUE(matches_pattern("\\[a]", "[a]"));
  EXPECT_TRUE(matches_pattern("a\\", "a\\"));
}

TEST(Glob, APatternOfManyStarsEndsSoon) {
  std::string pattern, text(5000, 'a');
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_TRUE(matches_pattern(pattern, text));
  EXPECT_FALSE(matches_pattern(pattern + "b", text));
}

}  // namespace
}  // namespace djcache
