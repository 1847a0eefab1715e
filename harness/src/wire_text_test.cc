#include <gtest/gtest.h>

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

TEST(WireText, EscapesNameEveryByte) {
  const auto out = unescape("a\\r\\n\\t\\0\\s\\\\\\x7f\\xFFz");
  EXPECT_EQ(out.problem, "");
  EXPECT_EQ(out.bytes, std::string("a\r\n\t\0 \\\x7f\xffz", 10));
}

TEST(WireText, EscapedBytesComeBackUnchanged) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const std::string text = escape(all);
  for (const char c : text) EXPECT_TRUE(c >= ' ' && c < '\x7f');
  EXPECT_EQ(unescape(text).bytes, all);
}

TEST(WireText, AnUnknownEscapeIsAProblem) {
  for (const char* text : {"\\q", "\\", "\\x", "\\x1", "\\xg0", "\\x0g"}) {
    EXPECT_NE(unescape(text).problem, "") << text;
  }
}

TEST(WireText, ACommandIsAnArrayOfBulkStrings) {
  EXPECT_EQ(encode_command({"GET", ":1:a"}), "*2\r\n$3\r\nGET\r\n$4\r\n:1:a\r\n");
  EXPECT_EQ(encode_command({"ECHO", ""}), "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace djcache::harness
