// Glob patterns as redis has them. That redis agrees is asserted in engine/additions_test.cc.
#include "memory/glob.h"

#include <gtest/gtest.h>

#include <string>

namespace djcache::memory {
namespace {

TEST(Glob, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("**", "abc"));
  EXPECT_TRUE(matches("a*c", "abbbc"));
  EXPECT_FALSE(matches("a*c", "abbbd"));
  EXPECT_TRUE(matches("*ab*ab*", "xabyabz"));
  EXPECT_FALSE(matches("*ab*ab*", "xabyaz"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_FALSE(matches("a?", "abc"));
}

TEST(Glob, ClassesAndRanges) {
  EXPECT_TRUE(matches("h[ae]llo", "hello"));
  EXPECT_FALSE(matches("h[ae]llo", "hillo"));
  EXPECT_TRUE(matches("h[^e]llo", "hallo"));
  EXPECT_FALSE(matches("h[^e]llo", "hello"));
  EXPECT_TRUE(matches("h[a-c]llo", "hbllo"));
  EXPECT_TRUE(matches("h[c-a]llo", "hbllo"));
  EXPECT_FALSE(matches("h[a-c]llo", "hdllo"));
  EXPECT_FALSE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("[a-]", "_"));
  EXPECT_TRUE(matches("[\\]]", "]"));
  EXPECT_TRUE(matches("[\xe0-\xff]", "\xf0"));
}

TEST(Glob, ABackslashTakesTheNextAsItIs) {
  EXPECT_TRUE(matches("\\*", "*"));
  EXPECT_FALSE(matches("\\*", "a"));
  EXPECT_TRUE(matches("\\[a]", "[a]"));
  EXPECT_TRUE(matches("a\\", "a\\"));
}

TEST(Glob, APatternOfManyStarsEndsSoon) {
  std::string pattern, text(5000, 'a');
  for (int i = 0; i < 100; ++i) pattern += "*a";
  EXPECT_TRUE(matches(pattern, text));
  EXPECT_FALSE(matches(pattern + "b", text));
}

}  // namespace
}  // namespace djcache::memory
