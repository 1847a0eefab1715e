// Input from a peer that is broken, hostile, or not a redis: an error with a reason, before memory
// is reserved.
#include <gtest/gtest.h>
#include <malloc.h>

#include "resp/parser.h"
#include "resp/test_replies.h"

namespace djcache::resp::test {
namespace {

std::size_t memory_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Feeds until the parser reports an error; returns the reason, or "" if there is none.
std::string reason_of(std::string_view bytes, std::size_t step, const Caps& caps = {}) {
  const Lines lines = parse_in_steps(bytes, step, caps);
  return failed(lines) ? lines.back().substr(7) : "";
}

void expect_refused(std::string_view bytes, std::string_view part_of_reason,
                    const Caps& caps = {}) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{4096}, bytes.size()}) {
    const std::string reason = reason_of(bytes, step, caps);
    EXPECT_NE(reason.find(part_of_reason), std::string::npos)
        << "in steps of " << step << " '" << reason << "' lacks '" << part_of_reason << "'";
  }
}

TEST(ParserHostile, AHugeArrayIsRefusedBeforeMemoryIsReserved) {
  const std::size_t before = memory_in_use();
  Parser parser(Caps{});
  Lines lines;
  feed(parser, "*1000000000\r\n", lines);
  ASSERT_TRUE(failed(lines));
  EXPECT_LT(memory_in_use(), before + (1u << 20));
  expect_refused("*1000000000\r\n", "an array of 1000000000 elements, over the limit of ");
}

TEST(ParserHostile, SoManyElementsThatNoReplyHasThemAreRefusedHoweverTheyAreNested) {
  for (const std::string count : {"134217729", "1000000000", "2147483648", "4000000000",
                                  "4294967296", "9223372036854775807"}) {
    const std::string reason = "an array of " + count + " elements, over the limit of 134217728";
    expect_refused("*" + count + "\r\n", reason);
    expect_refused("+OK\r\n*2\r\n:1\r\n*" + count + "\r\n", reason);
    expect_refused("*1\r\n*1\r\n*1\r\n*" + count + "\r\n", reason);
    expect_refused("*2000000\r\n:1\r\n*" + count + "\r\n", reason);  // inside of a skipped reply
  }
  expect_refused("*100000000\r\n*100000000\r\n", "an array of 100000000 elements");
  std::string many;
  for (int i = 0; i < 135; ++i) many += "*1000000\r\n";
  expect_refused(many, "an array of 1000000 elements");
  expect_refused("*9223372036854775808\r\n", "Bad multi-bulk length");
  expect_refused("*99999999999999999999999\r\n", "Bad multi-bulk length");
}

TEST(ParserHostile, AnAnnouncedStringReservesLittle) {
  Caps caps;
  caps.bulk_bytes = std::size_t{1} << 40;
  const std::size_t before = memory_in_use();
  Parser parser(caps);
  Lines lines;
  feed(parser, "$1000000000000\r\nabc", lines);
  EXPECT_EQ(lines, Lines{});
  EXPECT_LT(memory_in_use(), before + (4u << 20));
}

TEST(ParserHostile, ASkippedStringIsNotStored) {
  Caps caps;
  caps.bulk_bytes = 1000;
  Parser parser(caps);
  Lines lines;
  feed(parser, "$50000000\r\n", lines);
  const std::size_t before = memory_in_use();
  const std::string chunk(1'000'000, 'x');
  for (int i = 0; i < 50; ++i) feed(parser, chunk, lines);
  EXPECT_LT(memory_in_use(), before + (1u << 20));
  EXPECT_EQ(lines, Lines{});
  feed(parser, "\r\n+OK\r\n", lines);
  EXPECT_EQ(lines, (Lines{"!50000000", "+OK"}));
}

TEST(ParserHostile, AbsurdStringSizesAreRefused) {
  expect_refused("$9223372036854775807\r\nabc", "a string of 9223372036854775807 bytes");
  expect_refused("$4611686018427387905\r\nabc", "a string of 4611686018427387905 bytes");
  expect_refused("+OK\r\n$9223372036854775807\r\nabc", "a string of 9223372036854775807 bytes");
  expect_refused("$99999999999999999999999\r\nabc", "Bad bulk string length");
  expect_refused("$18446744073709551615\r\nabc", "Bad bulk string length");
  expect_refused("$-2\r\n", "Bulk string length out of range");
  expect_refused("$\r\n", "Bad bulk string length");
  expect_refused("$12a\r\n", "Bad bulk string length");
  expect_refused("$5\rXhello\r\n", "Bad bulk string length");
  expect_refused("$+5\r\nhello\r\n", "Bad bulk string length");
}

TEST(ParserHostile, AStringThatRedisNeverSendsIsNotWaitedFor) {
  for (const std::string size :
       {"536870913", "4000000000", "4000000000000000000", "9223372036854775807"}) {
    const std::string reason = "a string of " + size + " bytes, over the limit of 536870912";
    expect_refused("$" + size + "\r\n", reason);
    expect_refused("+OK\r\n$" + size + "\r\nx", reason);
    expect_refused("*2\r\n:1\r\n$" + size + "\r\n", reason);
    expect_refused("*2000000\r\n:1\r\n$" + size + "\r\n", reason);  // inside of a skipped reply
  }
  EXPECT_EQ(parse("$536870912\r\nx"), Lines{});
  EXPECT_EQ(parse("*1\r\n$536870912\r\nx"), Lines{});
}

TEST(ParserHostile, WhatIsNotSoundIsRefusedInAReplyThatIsSkippedToo) {
  for (const std::string bad : {"?", "$-2\r\n", ":1x\r\n", "*-2\r\n", "$1\r\nabc", "%1\r\n"}) {
    const std::string reason = reason_of(bad, 1);
    ASSERT_NE(reason, "");
    expect_refused("*2000000\r\n" + bad, reason);
  }
}

TEST(ParserHostile, Resp3ThatWasNotAskedForIsRefused) {
  for (const std::string bytes : {">2\r\n+invalidate\r\n*0\r\n", "%1\r\n+a\r\n:1\r\n", "_\r\n",
                                  ",1.5\r\n", "#t\r\n", "~1\r\n:1\r\n", "(1234567890123\r\n",
                                  "=7\r\ntxt:abc\r\n", "|1\r\n+a\r\n:1\r\n", "!5\r\nERR x\r\n"}) {
    SCOPED_TRACE(bytes);
    const std::string reason = std::string("got the RESP3 type '") + bytes[0] + "'";
    expect_refused(bytes, reason);
    expect_refused("+OK\r\n" + bytes, reason);
    expect_refused("*2\r\n:1\r\n" + bytes, reason);
  }
}

TEST(ParserHostile, ABareCarriageReturnOrNewlineInALineIsPartOfIt) {
  const std::string text("a\rb\nc\n\rd\r", 9);
  for (const std::string kind : {"+", "-"}) {
    const std::string bytes = kind + text + "\r\n" + "*1\r\n" + kind + text + "\r\n:1\r\n";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      EXPECT_EQ(parse_in_steps(bytes, step), (Lines{kind + text, "[" + kind + text + "]", ":1"}));
    }
  }
}

TEST(ParserHostile, DepthBombsAreRefusedAndTakeNoMemory) {
  std::string bomb;
  for (int i = 0; i < 2'000'000; ++i) bomb += "*1\r\n";
  const std::size_t before = memory_in_use();
  EXPECT_EQ(reason_of(bomb, 65536), "arrays nested 1025 deep, over the limit of 1024");
  EXPECT_LT(memory_in_use(), before + (1u << 20));
  const std::string_view deepest = std::string_view(bomb).substr(0, Assembly::max_depth * 4);
  EXPECT_EQ(parse(std::string(deepest) + ":1\r\n:2\r\n"), (Lines{"!129", ":2"}));
  EXPECT_EQ(reason_of(std::string(deepest) + "*0\r\n", 4096),
            "arrays nested 1025 deep, over the limit of 1024");
}

TEST(ParserHostile, ALineThatNeverEndsIsRefused) {
  for (const std::string begin :
       {"+", "-", ":", "*", "$", "*1\r\n$", "*2\r\n+a\r\n-", "+a\r\n$", "$-"}) {
    SCOPED_TRACE(begin);
    const std::string bytes = begin + std::string(200'000, '1');
    for (const std::size_t step : {std::size_t{1000}, std::size_t{65536}, bytes.size()}) {
      EXPECT_EQ(reason_of(bytes, step), "a line of more than 65536 bytes");
    }
  }
}

TEST(ParserHostile, TheLongestLineIsReadAndOneByteMoreIsNotInEveryCut) {
  for (const std::string kind : {"+", "-", "*1\r\n-"}) {
    const std::string longest(Parser::max_line, 'e');
    for (const std::size_t step : {std::size_t{1000}, std::size_t{65535}, std::size_t{65536},
                                   std::size_t{65537}, std::size_t{65538}, std::size_t{1} << 20}) {
      EXPECT_EQ(parse_in_steps(kind + longest + "\r\n", step).size(), 1u) << step;
      EXPECT_EQ(reason_of(kind + longest + "e\r\n", step), "a line of more than 65536 bytes");
    }
  }
}

TEST(ParserHostile, LongLinesThatEndAreRead) {
  const std::string text(60'000, 'e');
  EXPECT_EQ(parse_in_steps("-" + text + "\r\n+OK\r\n", 4096), (Lines{"-" + text, "+OK"}));
}

TEST(ParserHostile, WhatIsNotRespIsRefused) {
  expect_refused("HTTP/1.1 400 Bad Request\r\n\r\n", "Protocol error");
  expect_refused("\x16\x03\x01\x02", "Protocol error");
  expect_refused("\r\n", "Protocol error");
  expect_refused("+OK\r\nSSH-2.0-OpenSSH\r\n", "Protocol error");
  expect_refused("*2\r\n:1\r\nxyz\r\n", "Protocol error");
  expect_refused(":12a\r\n", "Bad integer value");
  expect_refused("*x\r\n", "Bad multi-bulk length");
  expect_refused("*-2\r\n", "Multi-bulk length out of range");
}

TEST(ParserHostile, NumbersWithLeadingZerosAreRefusedInEveryCut) {
  for (const std::string bytes :
       {"$02\r\nhi\r\n", ":01\r\n", ":-0\r\n", "$-01\r\n", "*02\r\n:1\r\n:2\r\n"}) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const Lines lines = parse(bytes, {cut});
      EXPECT_TRUE(failed(lines)) << bytes << " cut at " << cut;
    }
  }
  const std::string large = "$020000\r\n" + std::string(20000, 'x') + "\r\n";
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{5}, large.size()}) {
    EXPECT_TRUE(failed(parse(large, {cut}))) << "cut at " << cut;
  }
}

TEST(ParserHostile, AnErrorStaysUntilReset) {
  Parser parser(Caps{});
  Lines lines;
  feed(parser, "?\r\n", lines);
  ASSERT_TRUE(failed(lines));
  const std::string reason = parser.error();
  feed(parser, "+OK\r\n", lines);
  EXPECT_EQ(lines.back(), "error: " + reason);
  parser.reset();
  EXPECT_EQ(parser.error(), "");
  lines.clear();
  feed(parser, "+OK\r\n", lines);
  EXPECT_EQ(lines, Lines{"+OK"});
}

TEST(ParserHostile, ResetAlsoForgetsAReplyThatIsSkipped) {
  Caps caps;
  caps.elements = 2;
  Parser parser(caps);
  Lines lines;
  feed(parser, "*3\r\n$2\r\na", lines);
  EXPECT_TRUE(parser.mid_reply());
  parser.reset();
  EXPECT_FALSE(parser.mid_reply());
  feed(parser, "*2\r\n:1\r\n:2\r\n?", lines);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "[:1, :2]");
  EXPECT_NE(lines[1].find("Protocol error"), std::string::npos);
}

}  // namespace
}  // namespace djcache::resp::test
