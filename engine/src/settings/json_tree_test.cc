#include "settings/json_tree.h"

#include <gmock/gmock.h>

#include <string>

namespace djcache::settings {
namespace {

using testing::ElementsAre;
using Kind = Json::Kind;

Json parsed(std::string_view text) {
  auto result = parse_json(text);
  EXPECT_TRUE(result) << text;
  return result ? *std::move(result) : Json{};
}

std::string problem(std::string_view text) {
  const auto result = parse_json(text);
  return result ? "(none)" : result.error().detail;
}

TEST(JsonTree, HoldsEveryKindOfValue) {
  const Json json = parsed(R"([null, true, -7, 18446744073709551615, 1e3, "a\u00e9", {}])");
  ASSERT_EQ(json.items.size(), 7u);
  EXPECT_TRUE(json.items[0].is(Kind::null));
  EXPECT_TRUE(json.items[1].boolean);
  EXPECT_EQ(json.items[2].integer, -7);
  EXPECT_TRUE(json.items[3].is(Kind::big_integer));
  EXPECT_EQ(json.items[4].number, 1000);
  EXPECT_EQ(json.items[5].string, "a\xc3\xa9");
  EXPECT_TRUE(json.items[6].is(Kind::object));
}

TEST(JsonTree, IntegersBeyond64BitsAreToldFromOtherNumbers) {
  EXPECT_EQ(parsed("9223372036854775807").integer, INT64_MAX);
  EXPECT_EQ(parsed("-9223372036854775808").integer, INT64_MIN);
  EXPECT_TRUE(parsed("9223372036854775808").is(Kind::big_integer));
  EXPECT_TRUE(parsed("-9223372036854775809").is(Kind::big_integer));
  EXPECT_TRUE(parsed("99999999999999999999999").is(Kind::big_integer));
  EXPECT_TRUE(parsed("1.0").is(Kind::number));
}

TEST(JsonTree, KeepsMembersInOrderAndFindsThem) {
  const Json json = parsed(R"({"b": 1, "a": {"c": [2, 3]}})");
  EXPECT_THAT(json.names, ElementsAre("b", "a"));
  ASSERT_TRUE(json.find("a"));
  EXPECT_EQ(json.find("a")->find("c")->items[1].integer, 3);
  EXPECT_EQ(json.find("z"), nullptr);
}

TEST(JsonTree, ErrorsGiveLineAndColumn) {
  EXPECT_EQ(problem(""), "CACHES: not valid JSON at line 1, column 1");
  EXPECT_EQ(problem("{\n  \"a\": x\n}"), "CACHES: not valid JSON at line 2, column 8");
  EXPECT_EQ(problem("{}\n{}"), "CACHES: not valid JSON at line 2, column 1");
  EXPECT_EQ(problem("[NaN]"), "CACHES: not valid JSON at line 1, column 2");
}

TEST(JsonTree, WhatPythonRefusesOrWritesOtherwiseIsRefused) {
  for (const char* text : {"{", "[1,]", "{'a': 1}", "\"\\ud800\"", "\"\xff\"", "1e999", "// c\n{}",
                           "\"a\nb\"", "Infinity", "True"}) {
    EXPECT_NE(problem(text), "(none)") << text;
  }
}

TEST(JsonTree, NameThatIsThereTwiceIsAnError) {
  EXPECT_EQ(problem(R"({"a": 1, "b": 2, "a": 3})"), "CACHES['a']: is there twice");
  EXPECT_EQ(problem(R"({"default": {"OPTIONS": {"db": 1, "db": 1}}})"),
            "CACHES['default']['OPTIONS']['db']: is there twice");
  EXPECT_EQ(problem(R"({"x": [{"y": 1, "y": 2}]})"), "CACHES['x']['y']: is there twice");
  EXPECT_EQ(problem(R"({"a": {"b": 1}, "b": {"a": 1}})"), "(none)");
}

TEST(JsonTree, DepthAndSizeAreBounded) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(problem(nested(json_max_depth)), "(none)");
  EXPECT_EQ(problem(nested(json_max_depth + 1)), "CACHES: nested deeper than 32 levels");
  EXPECT_EQ(problem(std::string(json_max_bytes + 1, '[')), "CACHES: more than 16 MiB of JSON");
  EXPECT_EQ(problem("{}" + std::string(json_max_bytes - 2, ' ')), "(none)");
}

}  // namespace
}  // namespace djcache::settings
