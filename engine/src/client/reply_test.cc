// Replies of the raw client as readable text.
#include <djcache/reply.h>

#include <gtest/gtest.h>

namespace djcache {
namespace {

Reply of(Reply::Type type, std::string text) { return {.type = type, .text = std::move(text)}; }

TEST(ReplyText, EveryTypeIsPrinted) {
  const Reply array{.type = Reply::Type::array,
                    .elements = {Reply(),
                                 of(Reply::Type::status, "OK"),
                                 of(Reply::Type::error, "ERR x"),
                                 {.type = Reply::Type::integer, .integer = -7},
                                 of(Reply::Type::string, "text")}};
  EXPECT_EQ(to_string(array), "[nil, OK, (error) ERR x, -7, \"text\"]");
}

TEST(ReplyText, BytesThatAreNoTextAreEscaped) {
  EXPECT_EQ(to_string(of(Reply::Type::string, "a\"b\\c\n\x7f")), "\"a\\\"b\\\\c\\x0a\\x7f\"");
}

TEST(ReplyText, ALongOneIsCut) {
  EXPECT_LT(to_string(of(Reply::Type::string, std::string(100'000, 'x')), 50).size(), 100u);
  const Reply many{.type = Reply::Type::array, .elements = std::vector<Reply>(1000)};
  EXPECT_LT(to_string(many, 50).size(), 100u);
}

}  // namespace
}  // namespace djcache
