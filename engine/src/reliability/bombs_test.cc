// R14: headers that announce enormous sizes are refused at once, and allocate nothing.
#include <gtest/gtest.h>
#include <malloc.h>

#include "reliability/scale.h"
#include "resp/test_replies.h"

namespace djcache::reliability {
namespace {

std::vector<std::string> bombs() {
  std::vector<std::string> all = {
      "*2147483647\r\n",
      "*4294967295\r\n",
      "*4294967296\r\n",
      "*9223372036854775807\r\n",
      "*99999999999999999999\r\n",
      "*-2\r\n",
      "*1x\r\n",
      "*\r\n",
      "$9223372036854775807\r\n",
      "$99999999999999999999999\r\n",
      "$-2\r\n",
      "$1x\r\n",
      "$\r\n",
      "$ 5\r\nhello\r\n",
      ":9223372036854775808\r\n",
      ":99999999999999999999\r\n",
      ":1x\r\n",
      ":\r\n",
      "%1\r\n+a\r\n+b\r\n",
      "~1\r\n+a\r\n",
      ">2\r\n+a\r\n+b\r\n",
      "|1\r\n+a\r\n+b\r\n",
      "=15\r\ntxt:Some string\r\n",
      "(3492890328409238509324850943850943825024385\r\n",
      ",3.25\r\n",
      "#t\r\n",
      "_\r\n",
      "!21\r\nSYNTAX invalid syntax\r\n",
      "HTTP/1.1 400 Bad Request\r\n\r\n",
      "\r\n",
      "\n",
      std::string(1, '\0'),
      "*2\r\n$3\r\nabcde\r\n",
      "$3\r\nabcdefg\r\n",
  };
  std::string deep, wide;
  for (int i = 0; i < 100'000; ++i) deep += "*1\r\n";
  for (int i = 0; i < 150; ++i) wide += "*1000000\r\n";
  all.push_back(deep);
  all.push_back(wide);
  all.push_back("+" + std::string(70'000, 'x'));
  all.push_back("$" + std::string(70'000, '1'));
  return all;
}

TEST(R14Bombs, EveryHostileHeaderIsRefusedAndReservesNothing) {
  const std::vector<std::string> all = bombs();
  std::size_t refused = 0;
  for (const std::string& bomb : all) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bomb.size()}) {
      const resp::test::Lines lines = resp::test::parse_in_steps(bomb, step);
      ASSERT_FALSE(lines.empty()) << "not refused: " << bomb.substr(0, 40);
      EXPECT_TRUE(resp::test::failed(lines)) << lines.back() << " for " << bomb.substr(0, 40);
    }
    ++refused;
  }
  EXPECT_GE(refused, 30u);
  figure("R14", "%zu hostile headers refused", refused);
}

// A reply of redis may be this large: it is skipped, and costs nothing meanwhile.
TEST(R14Bombs, WhatIsOnlyOverACapReservesNothing) {
  std::string wide;
  for (int i = 0; i < 50; ++i) wide += "*1000000\r\n";
  for (const std::string& header :
       {std::string("*1000001\r\n"), std::string("$536870912\r\n"), wide}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, header.size()}) {
      resp::Parser parser{resp::Caps{}};
      resp::test::Lines lines;
      const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
      for (std::size_t at = 0; at < header.size(); at += step) {
        resp::test::feed(parser, header.substr(at, step), lines);
      }
      EXPECT_EQ(lines, resp::test::Lines{});
      EXPECT_LT(mallinfo2().uordblks + mallinfo2().hblkhd, before + 65'536);
    }
  }
}

}  // namespace
}  // namespace djcache::reliability
