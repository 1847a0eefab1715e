// KeyIndex and Texts: a key is found whatever others there are; copies stay where they are.
#include "text/key_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "text/texts.h"

namespace djcache::text {
namespace {

struct Keys {
  std::vector<std::string> texts;
  KeyIndex index;

  explicit Keys(std::size_t room) : index(room) {}
  std::size_t find(std::string_view key) const {
    return index.find(key, [this](std::size_t i) { return std::string_view(texts[i]); });
  }
  std::size_t add(const std::string& key) {
    const std::size_t number =
        index.find_or_add(key, [this](std::size_t i) { return std::string_view(texts[i]); });
    if (number == texts.size()) texts.push_back(key);
    return number;
  }
};

TEST(KeyIndex, NumbersKeysAsTheyComeAndFindsEach) {
  for (const std::size_t count : {0u, 1u, 8u, 9u, 16u, 17u, 1000u}) {
    Keys keys(count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(keys.index.has_room());
      ASSERT_EQ(keys.add("key" + std::to_string(i * 7919)), i);
    }
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(keys.find("key" + std::to_string(i * 7919)), i);
      ASSERT_EQ(keys.add("key" + std::to_string(i * 7919)), i) << "it was there";
    }
    EXPECT_EQ(keys.index.size(), count);
    for (const char* none : {"", "key", "key1", "key79190"}) {
      if (keys.find(none) < count) continue;
      EXPECT_EQ(keys.find(none), count) << none;
    }
  }
}

TEST(KeyIndex, TellsKeysApartThatDifferInOneByte) {
  Keys keys(512);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::string end(1, static_cast<char>(byte));
    ASSERT_EQ(keys.add(end), 2 * byte);
    ASSERT_EQ(keys.add("a long key of more than sixteen bytes" + end), 2 * byte + 1);
  }
  EXPECT_EQ(keys.find(std::string(1, '\0')), 0u);
  EXPECT_EQ(keys.find(""), 512u);
}

TEST(KeyIndex, HasRoomForAsManyAsItWasMadeFor) {
  Keys keys(9);
  for (int i = 0; i < 16; ++i) keys.add(std::to_string(i));
  EXPECT_FALSE(keys.index.has_room());
  KeyIndex few;
  EXPECT_TRUE(few.has_room());
  for (std::size_t i = 0; i < KeyIndex::few; ++i) {
    few.find_or_add(std::to_string(i), [](std::size_t) { return std::string_view("none"); });
  }
  EXPECT_FALSE(few.has_room());
}

TEST(Texts, CopiesStayWhereTheyAreAndGoWithTheBlocks) {
  Texts texts(10);
  std::vector<std::pair<std::string, std::string_view>> copies;
  for (std::size_t i = 0; i < 300; ++i) {
    const std::string head(i, 'h'), body(i % 7, 'b');
    copies.emplace_back(head + body, texts.add(head, body));
  }
  const std::string large(3'000'000, 'l');
  copies.emplace_back(large, texts.add(large));
  copies.emplace_back("last", texts.add("last"));
  EXPECT_EQ(texts.add({}), "");
  const Texts::Blocks blocks = std::move(texts).take();
  EXPECT_LT(blocks.size(), 20u);
  for (const auto& [original, copy] : copies) ASSERT_EQ(copy, original);
}

}  // namespace
}  // namespace djcache::text
