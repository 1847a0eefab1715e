// The parser: every reply type, split at every position.
#include "resp/parser.h"

#include <gtest/gtest.h>

#include "resp/test_replies.h"

namespace djcache::resp::test {
namespace {

struct Sample {
  std::string bytes;
  Lines lines;
};

const std::vector<Sample>& corpus() {
  static const std::vector<Sample> samples = {
      {"+OK\r\n", {"+OK"}},
      {"+\r\n", {"+"}},
      {"+a\rb\r\n", {"+a\rb"}},
      {"-ERR unknown command\r\n", {"-ERR unknown command"}},
      {":0\r\n:-1\r\n:9223372036854775807\r\n:-9223372036854775808\r\n",
       {":0", ":-1", ":9223372036854775807", ":-9223372036854775808"}},
      {"$0\r\n\r\n", {"$"}},
      {"$5\r\nhello\r\n", {"$hello"}},
      {"$4\r\n\r\n\r\n\r\n", {"$\r\n\r\n"}},
      {std::string("$3\r\n\0$\xff\r\n", 9), {std::string("$\0$\xff", 4)}},
      {"$-1\r\n", {"_"}},
      {"*-1\r\n", {"_"}},
      {"*0\r\n", {"[]"}},
      {"*3\r\n$1\r\na\r\n$-1\r\n:7\r\n", {"[$a, _, :7]"}},
      {"*2\r\n*2\r\n+a\r\n*0\r\n*1\r\n-E\r\n", {"[[+a, []], [-E]]"}},
      {"*3\r\n*1\r\n*1\r\n:1\r\n:2\r\n$2\r\nxy\r\n", {"[[[:1]], :2, $xy]"}},
      {"+A\r\n$2\r\nhi\r\n:3\r\n*1\r\n$1\r\nz\r\n-X y\r\n", {"+A", "$hi", ":3", "[$z]", "-X y"}},
  };
  return samples;
}

TEST(Parser, EveryReplyTypeIsRead) {
  for (const Sample& sample : corpus()) EXPECT_EQ(parse(sample.bytes), sample.lines);
}

TEST(Parser, NothingComesOfNothing) { EXPECT_EQ(parse(""), Lines{}); }

TEST(Parser, OneCutAnywhereChangesNothing) {
  for (const Sample& sample : corpus()) {
    for (std::size_t cut = 0; cut <= sample.bytes.size(); ++cut) {
      EXPECT_EQ(parse(sample.bytes, {cut}), sample.lines) << "cut at " << cut;
    }
  }
}

TEST(Parser, TwoCutsAnywhereChangeNothing) {
  for (const Sample& sample : corpus()) {
    for (std::size_t first = 0; first <= sample.bytes.size(); ++first) {
      for (std::size_t second = first; second <= sample.bytes.size(); ++second) {
        ASSERT_EQ(parse(sample.bytes, {first, second}), sample.lines) << first << ", " << second;
      }
    }
  }
}

TEST(Parser, ByteByByteIsTheSame) {
  for (const Sample& sample : corpus()) EXPECT_EQ(parse_in_steps(sample.bytes, 1), sample.lines);
}

TEST(Parser, AReplyIsGivenAsSoonAsItsLastByteIsThere) {
  for (const Sample& sample : corpus()) {
    Parser parser(Caps{});
    Lines lines;
    feed(parser, std::string_view(sample.bytes).substr(0, sample.bytes.size() - 1), lines);
    EXPECT_EQ(lines.size() + 1, sample.lines.size());
    EXPECT_TRUE(parser.mid_reply());
    feed(parser, std::string_view(sample.bytes).substr(sample.bytes.size() - 1), lines);
    EXPECT_EQ(lines, sample.lines);
    EXPECT_FALSE(parser.mid_reply());
  }
}

TEST(Parser, BytesNotYetLookedAtCountAsAReplyThatHasBegun) {
  for (const std::string bytes : {"+a\r\n+b\r\n", "*1\r\n+a\r\n*1\r\n+b\r\n"}) {
    Parser parser(Caps{});
    parser.feed(bytes);
    Reply reply;
    for (const bool more : {true, false}) {
      ASSERT_EQ(parser.next(reply), Parser::Status::reply);
      EXPECT_EQ(parser.mid_reply(), more);
    }
    EXPECT_EQ(parser.next(reply), Parser::Status::need_more);
    EXPECT_FALSE(parser.mid_reply());
  }
}

TEST(Parser, ThousandsOfRepliesPassThroughOneParser) {
  std::string bytes;
  Lines lines;
  for (int i = 0; i < 5000; ++i) {
    bytes += bulk(std::to_string(i)) + "*2\r\n:1\r\n+x\r\n";
    lines.push_back("$" + std::to_string(i));
    lines.push_back("[:1, +x]");
  }
  for (const std::size_t step : {7, 1000, 1024, 4096, 65536}) {
    EXPECT_EQ(parse_in_steps(bytes, step), lines) << "in steps of " << step;
  }
}

TEST(Parser, ASmallStringCannotBeMovedOut) {
  Parser parser(Caps{});
  parser.feed("$2\r\nhi\r\n");
  Reply reply;
  ASSERT_EQ(parser.next(reply), Parser::Status::reply);
  EXPECT_EQ(reply.body(), nullptr);
  EXPECT_EQ(reply.text(), "hi");
}

TEST(Parser, OnlyAnArrayHasElements) {
  Parser parser(Caps{});
  parser.feed("$2\r\nhi\r\n*2\r\n:1\r\n:2\r\n");
  Reply reply;
  ASSERT_EQ(parser.next(reply), Parser::Status::reply);
  EXPECT_EQ(reply.size(), 0u);
  ASSERT_EQ(parser.next(reply), Parser::Status::reply);
  EXPECT_EQ(reply.size(), 2u);
}

TEST(Parser, GiantRepliesDoNotHinderTheNextOnes) {
  std::string many = "*70000\r\n";
  for (int i = 0; i < 70000; ++i) many += ":1\r\n";
  std::string wide = "*200\r\n";
  for (int i = 0; i < 200; ++i) wide += bulk(std::string(10'000, 'w'));
  const Lines lines = parse_in_steps(many + "+a\r\n" + wide + "+b\r\n", 65536);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].size(), 70000u * 2 + 69999u * 2 + 2);
  EXPECT_EQ(lines[1], "+a");
  EXPECT_EQ(lines[2].size(), 200u * 10'001 + 199u * 2 + 2);
  EXPECT_EQ(lines[3], "+b");
}

TEST(Parser, ResetForgetsWhatHadBegun) {
  for (const std::string begun : {"$5\r\nhel", "*2\r\n:1\r\n", "+O", "$20000\r\nabc"}) {
    Parser parser(Caps{});
    Lines lines;
    feed(parser, begun, lines);
    EXPECT_TRUE(parser.mid_reply());
    parser.reset();
    EXPECT_FALSE(parser.mid_reply());
    feed(parser, "+OK\r\n", lines);
    EXPECT_EQ(lines, Lines{"+OK"});
  }
}

}  // namespace
}  // namespace djcache::resp::test
