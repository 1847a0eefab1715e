#include "resp_wire.h"

#include <gtest/gtest.h>

#include <djcache/harness/wire_text.h>

namespace djcache::harness {
namespace {

constexpr std::string_view nested = "*6\r\n+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*-1\r\n";

TEST(RespWire, EveryKindOfReplyIsRead) {
  const auto parsed = parse_reply(nested);
  ASSERT_EQ(parsed.state, Parsed::complete);
  EXPECT_EQ(parsed.used, nested.size());
  EXPECT_EQ(format(parsed.reply), "[OK, (error) ERR no, (integer) -7, \"a\\r\\n\", nil, nil]");
}

TEST(RespWire, EveryPrefixIsIncomplete) {
  for (std::size_t n = 0; n < nested.size(); ++n) {
    EXPECT_EQ(parse_reply(nested.substr(0, n)).state, Parsed::incomplete) << n;
  }
}

TEST(RespWire, OnlyTheFirstReplyIsUsed) {
  EXPECT_EQ(parse_reply("+A\r\n+B\r\n").used, 4U);
  EXPECT_EQ(parse_reply("*0\r\n+B\r\n").reply.type, Reply::Type::array);
}

TEST(RespWire, WhatIsNoReplyIsInvalid) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "*1\r\n";
  for (const std::string text : {"\r\n", "hello\r\n", ":x\r\n", ":\r\n", "$-2\r\n", "*-2\r\n",
                                 "$99999999999\r\n", "$1\r\nabc", "*1\r\n?\r\n", deep.c_str()}) {
    EXPECT_EQ(parse_reply(text).state, Parsed::invalid) << escape(text);
  }
}

TEST(RespWire, ACommandIsReadBackAsItsWords) {
  const std::vector<std::string> words{"SET", "k\r\n", ""};
  const std::string bytes = encode_command(words);
  EXPECT_EQ(parse_command(bytes + "rest").words, words);
  EXPECT_EQ(parse_command(bytes + "rest").used, bytes.size());
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_EQ(parse_command(bytes.substr(0, n)).state, Parsed::incomplete) << n;
  }
}

TEST(RespWire, WhatIsNoCommandIsInvalid) {
  for (const std::string text : {"PING\r\n", "*0\r\n", "*1\r\n+PING\r\n", "*1\r\n$-1\r\n"}) {
    EXPECT_EQ(parse_command(text).state, Parsed::invalid) << escape(text);
  }
}

}  // namespace
}  // namespace djcache::harness
