// The encoder: the bytes of commands, and command_bound() as their upper bound.
#include "resp/encoder.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace djcache::resp {
namespace {

std::string encoded(const std::vector<std::string>& arguments) {
  std::size_t payload = 0;
  for (const std::string& argument : arguments) payload += argument.size();
  std::string bytes(command_bound(arguments.size(), payload), '?');
  Encoder encoder(bytes.data());
  encoder.array(arguments.size());
  for (const std::string& argument : arguments) encoder.bulk(argument);
  EXPECT_LE(static_cast<std::size_t>(encoder.end() - bytes.data()), bytes.size());
  bytes.resize(static_cast<std::size_t>(encoder.end() - bytes.data()));
  return bytes;
}

TEST(Encoder, AnyByteFitsIntoAnArgument) {
  EXPECT_EQ(encoded({"GET", std::string("a\0\r\n$1", 6)}),
            std::string("*2\r\n$3\r\nGET\r\n$6\r\na\0\r\n$1\r\n", 25));
  EXPECT_EQ(encoded({""}), "*1\r\n$0\r\n\r\n");
}

TEST(Encoder, LengthsOfEveryNumberOfDigitsAreWritten) {
  for (const std::size_t size : {0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 123456}) {
    const std::string text(size, 'x');
    EXPECT_EQ(encoded({text}), "*1\r\n$" + std::to_string(size) + "\r\n" + text + "\r\n");
    EXPECT_EQ(encoded(std::vector<std::string>(size)).substr(0, std::to_string(size).size() + 3),
              "*" + std::to_string(size) + "\r\n");
  }
}

TEST(Encoder, OneArgumentMayComeInTwoPieces) {
  char room[64];
  Encoder encoder(room);
  encoder.bulk("head", "body").bulk("", "x").bulk("y", "");
  EXPECT_EQ(std::string_view(room, static_cast<std::size_t>(encoder.end() - room)),
            "$8\r\nheadbody\r\n$1\r\nx\r\n$1\r\ny\r\n");
}

TEST(Encoder, IntegersAreWrittenInFull) {
  const std::pair<std::int64_t, std::string_view> cases[] = {
      {0, "$1\r\n0\r\n"},
      {-1, "$2\r\n-1\r\n"},
      {99, "$2\r\n99\r\n"},
      {100, "$3\r\n100\r\n"},
      {305, "$3\r\n305\r\n"},
      {999, "$3\r\n999\r\n"},
      {1000, "$4\r\n1000\r\n"},
      {INT64_MAX, "$19\r\n9223372036854775807\r\n"},
      {INT64_MIN, "$20\r\n-9223372036854775808\r\n"}};
  for (const auto& [number, bytes] : cases) {
    char room[64];
    Encoder encoder(room);
    encoder.bulk_integer(number);
    EXPECT_EQ(std::string_view(room, static_cast<std::size_t>(encoder.end() - room)), bytes);
  }
}

}  // namespace
}  // namespace djcache::resp
