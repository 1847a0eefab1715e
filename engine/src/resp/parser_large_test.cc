// The parser: strings that bypass the reader, and strings over the cap.
#include <gtest/gtest.h>

#include "resp/parser.h"
#include "resp/test_replies.h"

namespace djcache::resp::test {
namespace {

TEST(ParserLarge, AnyCutOfALargeStringGivesTheSame) {
  for (const std::size_t size :
       {Parser::large_from - 1, Parser::large_from, Parser::large_from + 1, std::size_t{20'000}}) {
    const std::string text = body(size);
    expect_in_every_cut(bulk(text), {"$" + text});
  }
}

TEST(ParserLarge, EveryByteValueSurvivesInALargeString) {
  const std::string text = patterned(100'000);
  for (const std::size_t step : {1, 1000, 65536, 1'000'000}) {
    EXPECT_EQ(parse_in_steps(bulk(text), step), Lines{"$" + text});
  }
}

TEST(ParserLarge, SeveralLargeStringsInARowAreKeptApart) {
  const std::string first = body(16'384, 'A'), second = body(17'000), third = body(16'390, 'A');
  expect_in_every_cut(bulk(first) + bulk(second) + bulk(third),
                      {"$" + first, "$" + second, "$" + third});
}

TEST(ParserLarge, SmallRepliesBeforeAndAfterInOneChunkAreKeptApart) {
  const std::string text = body(16'500);
  expect_in_every_cut("+a\r\n$1\r\nb\r\n" + bulk(text) + ":3\r\n*1\r\n+d\r\n",
                      {"+a", "$b", "$" + text, ":3", "[+d]"});
}

TEST(ParserLarge, LargeStringsInsideArraysAreRead) {
  const std::string text = body(16'500), other = body(40'000, 'A');
  expect_in_every_cut("*3\r\n:1\r\n" + bulk(text) + bulk(other) + bulk(text),
                      {"[:1, $" + text + ", $" + other + "]", "$" + text});
}

// Feeds `bytes` in two halves and returns the reply.
Reply reply_of_halves(Parser& parser, const std::string& bytes) {
  const std::string_view whole(bytes);
  Reply reply;
  parser.feed(whole.substr(0, whole.size() / 2));
  EXPECT_EQ(parser.next(reply), Parser::Status::need_more);
  parser.feed(whole.substr(whole.size() / 2));
  EXPECT_EQ(parser.next(reply), Parser::Status::reply);
  return reply;
}

TEST(ParserLarge, ALargeStringThatCameInPiecesCanBeMovedOut) {
  const std::string text = body(20'000), other = body(30'000, 'A');
  Parser parser(Caps{});
  const std::string first_bytes = bulk(text), second_bytes = bulk(other);
  const Reply first = reply_of_halves(parser, first_bytes);
  ASSERT_NE(first.body(), nullptr);
  EXPECT_EQ(first.text(), text);
  const std::string taken = std::move(*first.body());
  EXPECT_EQ(taken, text);
  Reply none;
  EXPECT_EQ(parser.next(none), Parser::Status::need_more);
  EXPECT_EQ(reply_of_halves(parser, second_bytes).text(), other);
}

TEST(ParserLarge, AfterAnArrayALargeStringStillBypassesTheReader) {
  Parser parser(Caps{});
  Lines lines;
  feed(parser, "*1\r\n:1\r\n", lines);
  const std::string bytes = bulk(body(20'000));
  EXPECT_NE(reply_of_halves(parser, bytes).body(), nullptr);
}

TEST(ParserLarge, AStringOverTheCapCostsItsOwnCallerOnly) {
  for (const std::size_t cap : {std::size_t{100}, std::size_t{16'000}, std::size_t{20'000}}) {
    Caps caps;
    caps.bulk_bytes = cap;
    for (const std::size_t size : {cap + 1, cap + 2, cap + 9'000}) {
      SCOPED_TRACE("cap " + std::to_string(cap) + ", size " + std::to_string(size));
      const std::string fits = body(cap), over = body(size, 'A');
      expect_in_every_cut("+a\r\n" + bulk(over) + bulk(fits) + bulk(over) + bulk(over) + ":2\r\n",
                          {"+a", "!" + std::to_string(size), "$" + fits, "!" + std::to_string(size),
                           "!" + std::to_string(size), ":2"},
                          caps);
    }
  }
}

TEST(ParserLarge, AMissingEndIsSeenInEveryCut) {
  for (const std::size_t size : {std::size_t{5}, std::size_t{16'384}, std::size_t{30'000}}) {
    for (const std::size_t cap : {std::size_t{1} << 20, std::size_t{3}}) {
      Caps caps;
      caps.bulk_bytes = cap;
      const std::string head = "$" + std::to_string(size) + "\r\n" + body(size);
      for (const std::string_view end : {"xx", "\rx", "x\n"}) {
        const std::string bytes = "+a\r\n" + head + std::string(end) + "+b\r\n";
        expect_in_every_cut(bytes,
                            {"+a", "error: a string of " + std::to_string(size) +
                                       " bytes does not end where its header says"},
                            caps);
      }
    }
  }
}

}  // namespace
}  // namespace djcache::resp::test
