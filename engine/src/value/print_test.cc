// to_string(Value): Python's repr. The golden reprs of whole values are in the codec's golden test.
#include <bit>
#include <charconv>
#include <fstream>

#include <djcache/value.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace djcache {
namespace {

TEST(Print, FloatsAsPythonDoes) {
  std::ifstream file(DJCACHE_FIXTURES "/values/floats.json");
  ASSERT_TRUE(file) << DJCACHE_FIXTURES;
  const auto cases = nlohmann::json::parse(file)["cases"];
  ASSERT_GT(cases.size(), 1000u);
  for (const auto& one : cases) {
    const std::string bits_text = one["bits"];
    std::uint64_t bits = 0;
    std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits, 16);
    EXPECT_EQ(to_string(Value(std::bit_cast<double>(bits))), one["repr"].get<std::string>());
  }
  EXPECT_EQ(to_string(Value(std::bit_cast<double>(0x7ff8000000000001))), "nan");
  EXPECT_EQ(to_string(Value(std::bit_cast<double>(0xfff8000000000000))), "nan");
}

TEST(Print, ContainersAsPythonDoes) {
  EXPECT_EQ(to_string(Value::list()), "[]");
  EXPECT_EQ(to_string(Value::tuple()), "()");
  EXPECT_EQ(to_string(Value::tuple({1})), "(1,)");
  EXPECT_EQ(to_string(Value::tuple({1, 2})), "(1, 2)");
  EXPECT_EQ(to_string(Value::set()), "set()");
  EXPECT_EQ(to_string(Value::set({1})), "{1}");
  EXPECT_EQ(to_string(Value::frozenset()), "frozenset()");
  EXPECT_EQ(to_string(Value::frozenset({1})), "frozenset({1})");
  EXPECT_EQ(to_string(Value::dict()), "{}");
  EXPECT_EQ(to_string(Value::dict({{"a", Value::list({1, nullptr})}, {2, true}})),
            "{'a': [1, None], 2: True}");
}

TEST(Print, BytesThatAreNotUtf8AreVisible) {
  EXPECT_EQ(to_string(Value("a\xff\xc3")), "'a\\udcff\\udcc3'");
  EXPECT_EQ(to_string(Value::bytes("it's")), "b\"it's\"");
}

TEST(Print, IsCutAfterMaxSizeBytes) {
  EXPECT_EQ(to_string(Value::list({1, 2, 3}), 9), "[1, 2, 3]");
  EXPECT_EQ(to_string(Value::list({1, 2, 3}), 8), "[1, 2, 3...");
  EXPECT_EQ(to_string(Value::list({1, 2, 3}), 0), "...");
  EXPECT_EQ(to_string(Value(std::string(100'000'000, 'x')), 10), "'xxxxxxxxx...");
}

TEST(Print, IsNotCutInsideOfACharacter) {
  EXPECT_EQ(to_string(Value("\u6e05\u6e05"), 5), "'\u6e05...");
  EXPECT_EQ(to_string(Value("\u6e05\u6e05"), 4), "'\u6e05...");
  EXPECT_EQ(to_string(Value("\u6e05\u6e05"), 3), "'...");
}

TEST(Print, DeepNestingEndsInDots) {
  Value value = 1;
  for (int i = 0; i < 300; ++i) value = Value::list({value});
  EXPECT_EQ(to_string(value), std::string(201, '[') + "..." + std::string(201, ']'));
}

}  // namespace
}  // namespace djcache
