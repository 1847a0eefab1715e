// The result of get_many: a map in the caller's order, and the errors.
#include <djcache/found.h>
#include <gtest/gtest.h>

#include <memory>

namespace djcache {
namespace {

std::string keys_of(const Found& found) {
  std::string keys;
  for (const auto& [key, value] : found) keys.append(key) += ' ';
  return keys;
}

TEST(FoundMap, KeepsTheOrderAndFindsEveryKey) {
  std::vector<std::string> names;
  std::vector<Found::value_type> entries;
  std::string expected;
  for (int i = 0; i < 500; ++i) names.push_back(std::to_string(i * 7919 % 500));
  for (const std::string& key : names) {
    entries.emplace_back(key, std::stoi(key));
    expected += key + " ";
  }
  Found found(entries);
  for (std::string& name : names) name.assign(name.size(), '?');  // its keys are copies
  EXPECT_EQ(keys_of(found), expected);
  EXPECT_EQ(found.size(), 500u);
  for (int i = 0; i < 500; ++i) {
    const std::string key = std::to_string(i);
    ASSERT_TRUE(found.contains(key));
    EXPECT_EQ(found.find(key)->second, Value(i));
    EXPECT_EQ(found.at(key), Value(i));
    EXPECT_EQ(found.count(key), 1u);
  }
  for (const char* none : {"", "500", "x", "00"}) {
    EXPECT_EQ(found.find(none), found.end()) << none;
    EXPECT_EQ(found.count(none), 0u);
  }
  EXPECT_EQ(Found().find("a"), Found().end());
  EXPECT_DEATH(found.at("500"), "Found::at");
}

TEST(FoundMap, ComparesAsADictAndWithItsErrors) {
  const Found found{{"b", 2}, {"a", 1}};
  EXPECT_EQ(found, (Found{{"a", 1}, {"b", 2}}));
  EXPECT_NE(found, (Found{{"a", 1}, {"b", 3}}));
  EXPECT_NE(found, (Found{{"a", 1}}));
  EXPECT_NE(found, (Found{{"a", 1}, {"c", 2}}));
  EXPECT_NE(Found(), Found({}, {{"c", {Errc::decode_failed, ""}}}));
}

TEST(FoundMap, EmplaceAppendsWhatIsNew) {
  Found found{{"b", 2}};
  EXPECT_TRUE(found.emplace("a", 1).second);
  EXPECT_TRUE(found.emplace("c", 3).second);
  EXPECT_FALSE(found.emplace("b", 9).second);
  EXPECT_EQ(keys_of(found), "b a c ");
  EXPECT_EQ(found.at("b"), Value(2));
  EXPECT_EQ(found.at("c"), Value(3));
}

TEST(FoundMap, EmplaceFindsAllOfAnyNumber) {
  Found found;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    std::string key = "key" + std::to_string(i);
    ASSERT_TRUE(found.emplace(key, i).second);
    ASSERT_FALSE(found.emplace(key, -1).second);
    expected += key + " ";
    for (int k = 0; k <= i; ++k) ASSERT_EQ(found.at("key" + std::to_string(k)), Value(k));
    ASSERT_FALSE(found.contains("key" + std::to_string(i + 1)));
  }
  EXPECT_EQ(keys_of(found), expected);
}

TEST(FoundMap, CopiesAreTheirOwn) {
  for (const int count : {1, 8, 9, 100}) {
    auto found = std::make_unique<Found>();
    for (int i = 0; i < count; ++i) found->emplace("key" + std::to_string(i), i);
    const Found copy(*found);
    Found assigned{{"other", 1}};
    assigned = *found;
    const Found same = *found;
    found->at("key0") = "changed";
    EXPECT_NE(copy, *found);
    const Found moved(std::move(*found));
    found = nullptr;
    EXPECT_EQ(copy, assigned);
    EXPECT_EQ(copy, same);
    EXPECT_EQ(keys_of(copy), keys_of(moved));
    EXPECT_EQ(moved.at("key0"), Value("changed"));
    EXPECT_EQ(copy.at("key" + std::to_string(count - 1)), Value(count - 1));
  }
}

TEST(FoundMap, CopiesAndMovesAreWhole) {
  Found found({{"b", 2}, {"a", "text"}}, {{"c", {Errc::decode_failed, "why"}}});
  Found copy = found;
  found.at("a") = 5;
  EXPECT_EQ(copy.at("a"), Value("text"));
  const Found moved = std::move(copy);
  EXPECT_EQ(keys_of(moved), "b a ");
  EXPECT_EQ(moved.at("b"), Value(2));
  EXPECT_EQ(moved.errors()[0].second.detail, "why");
}

}  // namespace
}  // namespace djcache
