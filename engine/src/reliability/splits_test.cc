// R01: however the bytes of replies are split, the same replies are read.
#include <gtest/gtest.h>

#include "reliability/scale.h"
#include "resp/test_replies.h"

namespace djcache::reliability {
namespace {

using resp::test::Lines;
using resp::test::parse;

// A reply of at most about `room` bytes.
std::string reply(Random& random, std::size_t room, int depth = 0) {
  const std::string line = "\r\n";
  switch (random.below(depth < 3 && room > 20 ? 7 : 5)) {
    case 0:
      return "+" + std::string(random.below(8), 's') + line;
    case 1:
      return "-ERR " + std::string(random.below(8), 'e') + line;
    case 2:
      return ":" + std::to_string(static_cast<std::int64_t>(random.next()) >> random.below(60)) +
             line;
    case 3: {
      std::string text;
      for (std::size_t left = random.below(std::min<std::size_t>(room, 24) + 1); left > 0; --left) {
        text += "\r\n$*:+-\0 0a\xff"[random.below(13)];
      }
      return "$" + std::to_string(text.size()) + line + text + line;
    }
    case 4:
      return random.below(2) == 0 ? "$-1\r\n" : "*-1\r\n";
    default: {
      const std::uint64_t size = random.below(4);
      std::string bytes = "*" + std::to_string(size) + line;
      for (std::uint64_t i = 0; i < size; ++i) bytes += reply(random, room / 3, depth + 1);
      return bytes;
    }
  }
}

// A few replies in a row, of no more than `most` bytes.
std::string sample(std::uint64_t seed, std::size_t most) {
  Random random(seed);
  std::string bytes;
  for (int tries = 0; tries < 50; ++tries) {
    const std::string next = reply(random, most);
    if (bytes.size() + next.size() <= most) bytes += next;
    if (bytes.size() > most / 2) break;
  }
  return bytes.empty() ? "+OK\r\n" : bytes;
}

TEST(R01Splits, EveryOneTwoAndThreeCutsOfEveryReplyGiveTheSame) {
  const std::uint64_t replies = times({3, 480, 1000});
  std::uint64_t parses = 0;
  for (std::uint64_t seed = 1; seed <= replies; ++seed) {
    // Three splits of 96 bytes are 147,000 parses; most replies are smaller.
    const std::string bytes = sample(seed, seed % 8 == 0 ? 96 : 24 + seed % 48);
    const Lines whole = parse(bytes);
    ASSERT_FALSE(whole.empty());
    const std::size_t size = bytes.size();
    std::vector<std::size_t> cuts(3);
    for (cuts[0] = 0; cuts[0] <= size; ++cuts[0]) {
      for (cuts[1] = cuts[0]; cuts[1] <= size; ++cuts[1]) {
        for (cuts[2] = cuts[1]; cuts[2] <= size; ++cuts[2]) {
          ++parses;
          ASSERT_EQ(parse(bytes, cuts), whole)
              << "seed " << seed << ", cuts " << cuts[0] << ", " << cuts[1] << ", " << cuts[2];
        }
      }
    }
  }
  figure("R01", "%llu replies, %llu parses in up to three cuts",
         static_cast<unsigned long long>(replies), static_cast<unsigned long long>(parses));
}

TEST(R01Splits, EveryTwoCutsOfRepliesUpToAKibibyteGiveTheSame) {
  const std::uint64_t replies = times({1, 150, 300});
  std::uint64_t parses = 0;
  for (std::uint64_t seed = 1; seed <= replies; ++seed) {
    const std::string bytes = sample(seed + 1'000'000, seed % 8 == 0 ? 1024 : 256);
    const Lines whole = parse(bytes);
    EXPECT_EQ(resp::test::parse_in_steps(bytes, 1), whole) << "seed " << seed;
    std::vector<std::size_t> cuts(2);
    for (cuts[0] = 0; cuts[0] <= bytes.size(); ++cuts[0]) {
      for (cuts[1] = cuts[0]; cuts[1] <= bytes.size(); ++cuts[1]) {
        ++parses;
        ASSERT_EQ(parse(bytes, cuts), whole) << "seed " << seed;
      }
    }
  }
  figure("R01", "%llu larger replies, %llu parses in up to two cuts",
         static_cast<unsigned long long>(replies), static_cast<unsigned long long>(parses));
}

}  // namespace
}  // namespace djcache::reliability
