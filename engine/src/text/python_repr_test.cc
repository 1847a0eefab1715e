// Foreign texts in one line: Python's repr, escapes, bounds.
#include "text/python_repr.h"

#include <gtest/gtest.h>

namespace djcache::text {
namespace {

using namespace std::string_literals;

TEST(PythonRepr, WritesWhatCPythonWrites) {
  const struct {
    std::string text;
    std::string repr;
  } rows[] = {
      {"", "''"},
      {"plain", "'plain'"},
      {"it's", R"("it's")"},
      {R"(say "hi")", R"('say "hi"')"},
      {R"(it's "x")", R"('it\'s "x"')"},
      {R"(back\slash)", R"('back\\slash')"},
      {"\t\n\r", R"('\t\n\r')"},
      {"\0\x01\x0b\x1f\x7f"s, R"('\x00\x01\x0b\x1f\x7f')"},
      {"\xc2\x80\xc2\xa0\xc2\xad", R"('\x80\xa0\xad')"},
      {"é¡ÿ", "'é¡ÿ'"},
      {"清🙂", "'清🙂'"},
      {"\u200b\u2028\u3000\ufeff\ue000\uffff", R"('\u200b\u2028\u3000\ufeff\ue000\uffff')"},
      {"\U000e0001\U0010ffff", R"('\U000e0001\U0010ffff')"},
      {"\xed\xa0\x80", R"('\ud800')"},
      {"\xed\xbf\xbf", R"('\udfff')"},
  };
  for (const auto& [text, repr] : rows) EXPECT_EQ(python_repr(text), repr);
}

TEST(PythonRepr, WhatOnlyResemblesASurrogateIsShownByteByByte) {
  EXPECT_EQ(python_repr("\xff\xa0\x80"), R"('\xff\xa0\x80')");
  EXPECT_EQ(python_repr("\xed\x41\x80"), R"('\xedA\x80')");
  EXPECT_EQ(python_repr("\xed\xc0\x80"), R"('\xed\xc0\x80')");
  EXPECT_EQ(python_repr("\xed\xa0\x41"), R"('\xed\xa0A')");
}

TEST(PythonRepr, LooksNoFurtherThanItsText) {
  EXPECT_EQ(python_repr(std::string_view("\xed\xa0\x80", 2)), "'\\xed\\xa0'");
}

TEST(PythonRepr, BytesThatAreNotUtf8AreShownOneByOne) {
  EXPECT_EQ(python_repr("a\xff"
                        "b"),
            R"('a\xffb')");
  EXPECT_EQ(python_repr("\xc3"), R"('\xc3')");
  EXPECT_EQ(python_repr("\xe6\xb8"), R"('\xe6\xb8')");
  EXPECT_EQ(python_repr("\xed\xa0"), R"('\xed\xa0')");
  EXPECT_EQ(python_repr("\xc0\xaf"), R"('\xc0\xaf')");
}

TEST(Escaped, ControlCharactersAndForeignBytesAreWrittenOut) {
  std::string out = "there: ";
  append_escaped(out, "a\x1b[31m\r\n\0'\"\\\xff\xc2\x80 é"s, 100);
  EXPECT_EQ(out, R"(there: a\x1b[31m\r\n\x00'"\\\xff\x80 é)");
}

TEST(Escaped, StopsAtItsBoundAndSaysSo) {
  std::string out;
  append_escaped(out, "abcdef", 3);
  EXPECT_EQ(out, "abc...");
  out.clear();
  append_escaped(out, "abc", 3);
  EXPECT_EQ(out, "abc");
  out.clear();
  append_escaped(out, std::string(1u << 20, '\x1b'), 10);
  EXPECT_EQ(out, R"(\x1b\x1b\x1b...)");
}

TEST(NamedKey, IsTheReprOfAKeyWithinABound) {
  EXPECT_EQ(named_key(":1:a"), "Key ':1:a'");
  EXPECT_EQ(named_key("it's\n"), R"(Key "it's\n")");
  EXPECT_EQ(named_key(std::string(key_max, 'k')), "Key '" + std::string(key_max, 'k') + "'");
  EXPECT_EQ(named_key(std::string(70'000, 'k')), "Key '" + std::string(key_max, 'k') + "'...");
}

}  // namespace
}  // namespace djcache::text
