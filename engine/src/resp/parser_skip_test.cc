// A reply over a cap is skipped: its operation fails, the replies behind it are read, and none of
// its memory is kept.
#include <gtest/gtest.h>

#include "resp/parser.h"
#include "resp/test_replies.h"

namespace djcache::resp::test {
namespace {

// A reply over a cap between two that are not; `amount` as in describe().
void expect_skipped(const std::string& reply, const std::string& amount, const Caps& caps,
                    const std::string& reason) {
  SCOPED_TRACE(reply.substr(0, 60));
  expect_in_every_cut("+a\r\n" + reply + "*1\r\n:2\r\n" + reply + reply + "$1\r\nb\r\n",
                      {"+a", amount, "[:2]", amount, amount, "$b"}, caps);
  Parser parser(caps);
  Reply read;
  parser.feed(reply);
  ASSERT_EQ(parser.next(read), Parser::Status::reply);
  EXPECT_EQ(read.type(), Type::oversized);
  EXPECT_EQ(read.text(), reason);
  EXPECT_EQ(read.size(), 0u);
  EXPECT_EQ(read.body(), nullptr);
}

std::string nested(std::size_t depth, const std::string& innermost) {
  std::string bytes;
  for (std::size_t i = 0; i < depth; ++i) bytes += "*1\r\n";
  return bytes + innermost;
}

TEST(ParserSkip, AReplyOfTooManyElementsIsSkipped) {
  Caps caps;
  caps.elements = 4;
  const std::string reason = "the reply has 5 elements, more than reply_max_elements (4) allows";
  for (const std::string element :
       {":1\r\n", ":12345678901234\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n", "+a\r\n", "-E x\r\n",
        "$0\r\n\r\n", "$12\r\nhello\r\nworld\r\n"}) {
    std::string reply = "*5\r\n";
    for (int i = 0; i < 5; ++i) reply += element;
    expect_skipped(reply, "!5", caps, reason);
  }
  const std::string four = "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n";
  expect_in_every_cut(four + four, {"[:1, :2, :3, :4]", "[:1, :2, :3, :4]"}, caps);
}

TEST(ParserSkip, TheElementsOfNestedArraysAreCountedTogether) {
  Caps caps;
  caps.elements = 6;
  EXPECT_EQ(parse("*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n", {}, caps),
            Lines{"[[:1, :2], [:3, :4]]"});
  expect_skipped("*2\r\n*2\r\n:1\r\n*1\r\n:2\r\n*2\r\n:3\r\n*3\r\n:1\r\n:2\r\n*0\r\n", "!7", caps,
                 "the reply has 7 elements, more than reply_max_elements (6) allows");
}

TEST(ParserSkip, AReplyThatIsNestedTooDeepIsSkipped) {
  Caps caps;
  caps.depth = 3;
  EXPECT_EQ(parse(nested(3, ":1\r\n"), {}, caps), Lines{"[[[:1]]]"});
  for (const std::string tail : {":1\r\n", "*0\r\n", "*2\r\n*1\r\n$1\r\nx\r\n:1\r\n"}) {
    expect_skipped("*3\r\n:1\r\n" + nested(3, tail) + "+tail\r\n", "!4", caps,
                   "the arrays of the reply are nested more than 3 deep, which is the most that is "
                   "read");
  }
  // Arrays side by side are not deep.
  EXPECT_EQ(parse("*3\r\n*1\r\n*1\r\n:1\r\n*1\r\n*1\r\n:2\r\n*1\r\n*0\r\n", {}, caps),
            Lines{"[[[:1]], [[:2]], [[]]]"});
}

TEST(ParserSkip, HiredisLimitOfSevenLevelsIsNotOurs) {
  EXPECT_EQ(parse(nested(12, ":1\r\n") + "+b\r\n"),
            (Lines{std::string(12, '[') + ":1" + std::string(12, ']'), "+b"}));
  const std::size_t most = Caps{}.depth;
  EXPECT_EQ(parse(nested(most, ":1\r\n")).at(0).size(), 2 * most + 2);
  EXPECT_EQ(parse(nested(most + 1, ":1\r\n") + "+b\r\n"),
            (Lines{"!" + std::to_string(most + 1), "+b"}));
}

TEST(ParserSkip, AStringOverTheCapInsideAnArraySkipsTheReply) {
  Caps caps;
  for (const std::size_t cap : {std::size_t{10}, std::size_t{17'000}}) {
    caps.bulk_bytes = cap;
    const std::string size = std::to_string(cap + 1), over = bulk(body(cap + 1));
    const std::string reason = "a value in the reply has " + size +
                               " bytes, more than value_max_bytes (" + std::to_string(cap) +
                               ") allows";
    expect_skipped("*1\r\n" + over, "!" + size, caps, reason);
    expect_skipped("*3\r\n:1\r\n" + over + bulk(body(cap)), "!" + size, caps, reason);
    expect_skipped("*2\r\n*2\r\n$-1\r\n*1\r\n" + over + over, "!" + size, caps, reason);
  }
}

TEST(ParserSkip, StringsUnderTheCapMayNotAddUpToTooMuch) {
  Caps caps;
  caps.reply_bytes = 2500;
  const std::string item = bulk(body(1000));
  EXPECT_EQ(parse("*2\r\n" + item + item, {}, caps).size(), 1u);
  expect_skipped(
      "*4\r\n" + item + item + item + "+x\r\n", "!3000", caps,
      "the texts of the reply have more than 2500 bytes together, which is the most that "
      "one reply may have");
  caps.reply_bytes = 30'000;
  const std::string large = bulk(body(20'000));
  expect_in_every_cut("*2\r\n" + large + large + large, {"!40000", "$" + body(20'000)}, caps);
}

TEST(ParserSkip, AStringAloneIsNamedAsTheValue) {
  Caps caps;
  caps.bulk_bytes = 10;
  expect_skipped(bulk(body(11)), "!11", caps,
                 "the value has 11 bytes, more than value_max_bytes (10) allows");
}

TEST(ParserSkip, ALongReplyIsSkippedWithoutKeepingIt) {
  Caps caps;
  caps.bulk_bytes = 1000;
  caps.elements = 1000;
  Parser parser(caps);
  std::string bytes = "*1000000\r\n";
  for (int i = 0; i < 1'000'000; ++i) bytes += "$4\r\nabcd\r\n";
  Lines lines;
  for (std::size_t at = 0; at < bytes.size(); at += 65'536) {
    parser.feed(std::string_view(bytes).substr(at, 65'536));
    Reply reply;
    while (parser.next(reply) == Parser::Status::reply) lines.push_back(describe(reply));
  }
  EXPECT_EQ(lines, Lines{"!1000000"});
  EXPECT_LE(parser.bytes_copied(), 20 * (bytes.size() / 65'536 + 1));  // parts that came in pieces
}

}  // namespace
}  // namespace djcache::resp::test
