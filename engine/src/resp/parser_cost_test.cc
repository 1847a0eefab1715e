// The cost of parsing: every byte is copied a bounded number of times, whatever the sizes of
// replies and reads, and however many replies are in flight.
#include <gtest/gtest.h>

#include <algorithm>

#include "resp/parser.h"
#include "resp/test_replies.h"

namespace djcache::resp::test {
namespace {

struct Cost {
  std::size_t replies = 0;
  std::uint64_t copied = 0;
};

// Parses `bytes` in reads of `read` bytes.
Cost cost_of(std::string_view bytes, std::size_t read) {
  Parser parser(Caps{});
  Cost cost;
  Reply reply;
  for (std::size_t at = 0; at < bytes.size(); at += read) {
    parser.feed(bytes.substr(at, read));
    while (parser.next(reply) == Parser::Status::reply) ++cost.replies;
  }
  EXPECT_EQ(parser.error(), "");
  EXPECT_FALSE(parser.mid_reply());
  cost.copied = parser.bytes_copied();
  return cost;
}

std::string times(std::size_t count, const std::string& bytes) {
  std::string all;
  all.reserve(count * bytes.size());
  for (std::size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

std::string array_of(std::size_t count, const std::string& element) {
  return "*" + std::to_string(count) + "\r\n" + times(count, element);
}

// Each reply `in_flight` times behind a first one, which shifts the reads against the replies.
void expect_linear(const std::string& reply) {
  constexpr std::size_t most_bytes = 4u << 20, most_reads = 40'000;
  for (const std::size_t in_flight : {1, 2, 32, 512, 10'000}) {
    if (in_flight > 2 && in_flight * reply.size() > most_bytes) continue;
    const std::string bytes = "+first\r\n" + times(in_flight, reply);
    for (const std::size_t read : {1, 3, 100, 1000, 1460, 4096, 16'384, 65'536, 262'144}) {
      if (bytes.size() / read > most_reads) continue;
      SCOPED_TRACE(std::to_string(reply.size()) + " bytes, " + std::to_string(in_flight) +
                   " in flight, reads of " + std::to_string(read));
      const Cost cost = cost_of(bytes, read);
      ASSERT_EQ(cost.replies, in_flight + 1);
      ASSERT_LE(cost.copied, 2 * bytes.size());
    }
  }
}

TEST(ParserCost, StringsOfEverySizeAreReadInLinearTime) {
  for (const std::size_t size : {1, 32, 100, 1000, 1024, 4000, 16'383, 16'384, 65'536, 1'000'000}) {
    expect_linear(bulk(std::string(size, 'x')));
  }
}

TEST(ParserCost, LinesAndNumbersAreReadInLinearTime) {
  for (const std::string reply : {"+OK\r\n", ":1\r\n", ":1234567890123\r\n", "$-1\r\n", "*0\r\n"}) {
    expect_linear(reply);
  }
  expect_linear("-ERR " + std::string(1000, 'e') + "\r\n");
  expect_linear("-ERR " + std::string(60'000, 'e') + "\r\n");
}

TEST(ParserCost, ArraysAreReadInLinearTime) {
  for (const std::size_t size : {0, 1, 32, 1000, 1024, 10'000, 40'000}) {
    expect_linear(array_of(10, bulk(std::string(size, 'x'))));
  }
  expect_linear(array_of(2, array_of(3, ":1\r\n")));
  expect_linear("*2\r\n$2\r\n17\r\n" + array_of(500, bulk("prefix:1:some key")));  // SCAN
  expect_linear(array_of(100, array_of(10, array_of(1, "+QUEUED\r\n"))));
}

TEST(ParserCost, AnArrayOfAMillionElementsIsReadInLinearTime) {
  const std::string bytes = array_of(1'000'000, "$1\r\na\r\n");
  for (const std::size_t read : {100, 65'536}) {
    const Cost cost = cost_of(bytes, read);
    ASSERT_EQ(cost.replies, 1u);
    ASSERT_LE(cost.copied, 2 * bytes.size());
  }
}

TEST(ParserCost, ALargeStringInsideAnArrayIsReadInLinearTime) {
  const std::string bytes = array_of(3, bulk(std::string(5'000'000, 'x')));
  for (const std::size_t read : {1000, 65'536, 262'144}) {
    ASSERT_LE(cost_of(bytes, read).copied, 2 * bytes.size());
  }
}

}  // namespace
}  // namespace djcache::resp::test
