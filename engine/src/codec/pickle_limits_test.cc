// Pickles that share much, hold much or remember much: counted, bounded, and read if they fit.
#include <gtest/gtest.h>

#include "codec/pickle_calls_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

// The content of a shared container is copied with it, so it is counted again: at each limit the
// value is either read completely, or refused for this reason.
TEST(PickleLimits, CopiesOfWhatTakesMemoryArePaidFor) {
  const std::string digits(200, '7'), text(200, 'x');
  const std::string state = bytes_of("\\u0001\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::string items[] = {
      "X" + little(200) + text,
      "B" + little(200) + text,
      call("decimal\nDecimal", "V" + digits + "\n"),
      "L" + digits + "L\n",
      "\x8b" + little(200) + std::string(200, '\x11'),
      call("datetime\ntime", state),
      call("datetime\ntime", state + call("pytz\n_p", "VEurope/Paris\n")),
      call("datetime\ndatetime", bytes_of("\\u0007\\u00e4\\u0001\\u0001\\u0001\\u0001\\u0001\\u0000"
                                          "\\u0000\\u0000") +
                                     call("pytz\n_UTC", "")),
  };
  for (const std::string& item : items) {
    const std::string again = "g7\ng7\ng7\ng7\ng7\ng7\n";
    for (const std::string& pickle :
         {"(" + item + "p7\n" + again + "t.", "((" + item + "lp7\n" + again + "t."}) {
      const std::string whole = unpickled(pickle);
      std::size_t refused = 0, read = 0;
      for (std::size_t limit = pickle.size(); limit < pickle.size() + 4000; limit += 8) {
        const std::string said = unpickled(pickle, {.max_bytes = limit});
        if (said == whole) {
          ++read;
        } else {
          ++refused;
          ASSERT_NE(said.find("the copies of what it shares take more memory"), std::string::npos)
              << said;
        }
      }
      EXPECT_GT(read, 0u) << pickle;
      EXPECT_GT(refused, 0u) << pickle;
    }
  }
}

TEST(PickleLimits, WhatIsDoubledIsPaidFor) {
  const std::string pickle =
      "(X" + little(200) + std::string(200, 'x') + std::string(20, '2') + "t.";
  EXPECT_EQ(unpickled(pickle).substr(0, 5), "('xxx");
  EXPECT_NE(unpickled(pickle, {.max_bytes = pickle.size()}).find("the copies"), std::string::npos);
}

TEST(PickleLimits, BytesMadeOfASharedTextArePaidFor) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "é";
  std::string pickle = "\x80\2(X"s + little(40) + text + "q" + '\0' + "0c_codecs\nencode\nq" +
                       '\1' + "0X" + little(6) + "latin1q" + '\2' + "0";
  for (int i = 0; i < 100; ++i) pickle += "h\1h\0h\2\x86R0"s;
  pickle += "t.";
  EXPECT_EQ(unpickled(pickle), "()");
  EXPECT_NE(unpickled(pickle, {.max_bytes = pickle.size()}).find("bytes at byte "),
            std::string::npos);
}

TEST(PickleLimits, AContainerOfTooManyItemsIsRefused) {
  const std::string many(2400, 'N'), very_many(70'000, 'N');
  const std::string pickles[] = {"\x80\2(" + many + "t.",
                                 "\x80\2](" + many + "e.",
                                 "\x80\2}(" + many + "u.",
                                 "\x80\2(" + many.substr(0, 1100) + "t.",
                                 "\x80\2](" + many.substr(0, 1100) + "e.",
                                 "(" + many + "l.",
                                 "\x80\2(" + very_many + "t."};
  for (const std::string& pickle : pickles) {
    EXPECT_NE(unpickled(pickle).find("None"), std::string::npos);
    EXPECT_NE(unpickled(pickle, {.max_bytes = pickle.size()}).find("over the limit of"),
              std::string::npos)
        << pickle.size();
  }
}

TEST(PickleLimits, AHugeTextWithAnEscapeIsReadAndItsMemoryGivenBack) {
  const std::string text(3u << 20, 'x');
  // Twice, because the first time some memory from before is used.
  for (int i = 0; i < 2; ++i) {
    Value value;
    Error error;
    ASSERT_TRUE(PickleCodec(Limits{}).decode("V" + text + "\\u00e9\n.", value, error));
    EXPECT_TRUE(value.text() == text + "é");
    EXPECT_EQ(unpickled("N."), "None");
  }
  EXPECT_EQ(unpickled("V\\u00e9\n."), "'é'");
}

// For the quick reader: entries of the memo beyond the first few hundred, with their longer form.
TEST(PickleLimits, ALongMemoIsReadByItsLongNames) {
  std::string pickle = "\x80\2("s;
  for (std::uint32_t i = 0; i < 600; ++i) pickle += "X\1\0\0\0yr"s + little(i);
  pickle += "j" + little(599) + "j" + little(0) + "t.";
  const std::string said = unpickled(pickle);
  EXPECT_EQ(said.substr(0, 5), "('y',");
  std::string short_heads = "\x80\4("s;
  for (int i = 0; i < 600; ++i) short_heads += "\x8c\1y\x94"s;
  EXPECT_EQ(unpickled(short_heads + "h\0h\1t."s), said);
  EXPECT_EQ(unpickled("\x80\3(C\1xq\0h\0t."s), "(b'x', b'x')");
  EXPECT_NE(unpickled(pickle.substr(0, pickle.size() - 2) + "j" + little(600) + "t.").find("600"),
            std::string::npos);
}

}  // namespace
}  // namespace djcache::codec
