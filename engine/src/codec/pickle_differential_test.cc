// Randomly changed pickles: djcache reads what CPython reads as the same value, or refuses it for a
// reason that engine/docs/pickle.md names; it refuses what CPython refuses. pickle_mutations.py is
// CPython's side.
//
// DJCACHE_PICKLE_MUTATIONS is the number of mutations (default 1,000), DJCACHE_PICKLE_SEED the
// seed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

// Reasons for which djcache refuses what CPython reads.
constexpr std::string_view refused_here[] = {
    " bytes left over at byte ",
    " objects instead of one",
    " is out of range",
    " is no decimal text",
    " starts with a zero, which Python takes for octal or refuses",
    " is no number in text",
    " without a number",
    " is called with arguments that its pickles do not have",
    " gets a state without its 128 bits",
    " (NEXT_BUFFER, READONLY_BUFFER) takes data from outside of the pickle",
    " has NaN twice: that is two keys to Python, and one here",
    " adds items to what is no ",
    " is a class or function, and no value",
    " is no value by itself",
    " sets the state of an object without one",
    " adds items to an argument that was already used",
    " contains itself",  // until a later item of the same key takes its place
};
// Things CPython refuses and djcache reads: checking needs a time zone database; a bytearray is
// bytes here.
constexpr std::string_view refused_by_python[] = {"ZoneInfoNotFoundError", "bytearray"};

template <class Reasons>
bool is_one_of(const Reasons& reasons, const std::string& said) {
  return std::any_of(std::begin(reasons), std::end(reasons),
                     [&](std::string_view reason) { return said.find(reason) != said.npos; });
}

bool is_number(const Value& value) {
  return value.is(Kind::boolean) || value.is(Kind::integer) || value.is(Kind::real) ||
         value.is(Kind::decimal);
}

// To Python 1, 1.0 and True are the same key.
bool has_numbers_of_two_kinds(const Value& value) {
  Value::List keys, inner;
  if (const Value::Items* const items = value.as_dict()) {
    for (const auto& [key, item] : *items) {
      keys.push_back(key);
      inner.push_back(item);
    }
  } else if (const Value::List* const list = value.as_sequence()) {
    inner = *list;
    if (value.is(Kind::set) || value.is(Kind::frozenset)) keys = *list;
  }
  std::array<bool, 32> kinds{};
  for (const Value& key : keys) {
    if (is_number(key)) kinds[static_cast<std::size_t>(key.kind())] = true;
  }
  return std::count(kinds.begin(), kinds.end(), true) > 1 ||
         std::any_of(inner.begin(), inner.end(), has_numbers_of_two_kinds) ||
         std::any_of(keys.begin(), keys.end(), has_numbers_of_two_kinds);
}

std::string setting(const char* name, const char* otherwise) {
  const char* const set = std::getenv(name);
  return set ? set : otherwise;
}

// Empty, or the difference between the two results.
std::string difference(const TypedJson& python, const std::string& bytes) {
  Value value;
  Error error;
  const bool is_read = PickleCodec({}).decode(bytes, value, error);
  if (!python.contains("value")) {
    const bool known = python.contains("refused") &&
                       is_one_of(refused_by_python, python["refused"].get<std::string>());
    return !is_read || known ? "" : "reads " + to_string(value);
  }
  if (!is_read) return is_one_of(refused_here, error.detail) ? "" : error.detail;
  const Value expected = value_of(python["value"]);
  // The text of a Decimal is kept unchanged: 1.E+3 stays that.
  const bool differs = value != expected && !has_numbers_of_two_kinds(value) &&
                       to_string(value, SIZE_MAX).find("Decimal") == std::string::npos;
  return differs ? "reads " + to_string(value) : "";
}

TEST(PickleDifferential, ChangedPicklesAreReadAsCPythonReadsThem) {
  const std::string command = "PYTHONHASHSEED=0 " DJCACHE_PYTHON_MUTATIONS " " +
                              setting("DJCACHE_PICKLE_SEED", "20261129") + " " +
                              setting("DJCACHE_PICKLE_MUTATIONS", "1000") + " 2>/dev/null";
  FILE* const lines = popen(command.c_str(), "r");
  ASSERT_TRUE(lines);
  char* line = nullptr;
  std::size_t room = 0, read = 0, refused = 0;
  while (getline(&line, &room, lines) > 0) {
    const TypedJson python = TypedJson::parse(line);
    ++(python.contains("value") ? read : refused);
    EXPECT_EQ(difference(python, from_hex(python["bytes"].get<std::string>())), "") << line;
  }
  std::free(line);
  EXPECT_EQ(pclose(lines), 0);
  EXPECT_GT(read, 100u);
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace djcache::codec
