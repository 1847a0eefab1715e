// The words of commands, read back.
#include "resp/words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace djcache::resp {
namespace {

using namespace std::string_literals;

// Puts names of commands in brackets.
std::string read(std::string_view bytes) {
  std::string all;
  Words words(bytes);
  for (std::string_view word; words.next(word);) {
    all += words.is_name() ? "[" + std::string(word) + "]" : std::string(word) + ",";
  }
  return all;
}

TEST(Words, AreReadBackWhateverBytesTheyHave) {
  EXPECT_EQ(read("*3\r\n$3\r\nSET\r\n$4\r\n\r\n$1\r\n$0\r\n\r\n"), "[SET]\r\n$1,,");
  EXPECT_EQ(read("*1\r\n$5\r\nMULTI\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nEXEC\r\n"),
            "[MULTI][GET]a,[EXEC]");
}

TEST(Words, EndAtWhatIsNoCommand) {
  for (const std::string& bytes :
       {""s, "x"s, "*"s, "*x\r\n"s, "*0\r\n"s, "*1"s, "*1\r"s, "*1\r\n"s, "*9\r\n$1\r\na"s,
        "*1\r\n:1\r\n"s, "*1\r\n$9\r\nab\r\n"s, "*1\r\n$2\r\nab"s, "*1\r\n$x\r\nab\r\n"s}) {
    EXPECT_EQ(read(bytes), "") << bytes;
  }
  EXPECT_EQ(read("*2\r\n$3\r\nGET\r\n"), "[GET]");
}

TEST(Words, AreFoundByTheirPlace) {
  const std::string bytes = "*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
  EXPECT_EQ(word_at(bytes, 0), "GET");
  EXPECT_EQ(word_at(bytes, 1), "a");
  EXPECT_EQ(word_at(bytes, 2), "");
}

}  // namespace
}  // namespace djcache::resp
