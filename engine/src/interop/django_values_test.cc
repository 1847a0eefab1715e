// Django writes, djcache reads, changes and writes, Django reads; and the other way round. For each
// serializer that both sides have.
#include <cmath>
#include <cstdlib>
#include <set>

#include "codec/generator_fixture.h"
#include "interop/django_fixture.h"

namespace djcache::interop {
namespace {

constexpr int value_count = 2000;
constexpr std::uint32_t seed = 20261125;

Sides json() {
  return {"json", "json", R"({"SERIALIZER": "django_redis.serializers.json.JSONSerializer"})",
          R"({"SERIALIZER": "django_redis.serializers.json.JSONSerializer"})",
          "django_redis.cache.RedisCache"};
}
Sides compressed(const std::string& name, const std::string& type) {
  const std::string options =
      R"({"COMPRESSOR": "django_redis.compressors.)" + name + "." + type + R"("})";
  return {"django_redis_" + name, "any", options, options, "django_redis.cache.RedisCache"};
}
Sides signed_pickle() {
  return {"signed", "any",
          R"({"signing_keys": ["the key that signs now", "the key that signed before"]})",
          R"({"serializer": "django_turn.SignedSerializer"})"};
}

// Hashable numbers, such that values that are equal in Python (True, 1, 1.0) give equal results.
// nullopt for anything else.
std::optional<double> number_of(const Value& value) {
  if (const auto flag = value.as<bool>()) return *flag ? 1 : 0;
  if (value.kind() == Kind::integer) return static_cast<double>(*value.as<std::int64_t>());
  if (value.kind() == Kind::big_integer || value.kind() == Kind::decimal) {
    const std::string text(value.text());
    return text.find("NaN") == text.npos ? std::strtod(text.c_str(), nullptr) : std::nan("");
  }
  return value.as_double();
}

bool python_keeps(const Value& value);

// No two keys or members that are equal in Python, and none that it cannot hash.
bool keeps_all(const std::vector<const Value*>& hashed) {
  std::set<double> numbers;
  for (const Value* each : hashed) {
    const auto number = number_of(*each);
    if (!python_keeps(*each) ||
        (number && (std::isnan(*number) || !numbers.insert(*number).second))) {
      return false;
    }
  }
  return true;
}

bool python_keeps(const Value& value) {
  if (value.kind() == Kind::decimal && value.text().find("sNaN") != std::string_view::npos) {
    return false;  // not as a key, nor inside of one
  }
  std::vector<const Value*> hashed;
  if (const Value::Items* items = value.as_dict()) {
    for (const auto& [key, item] : *items) {
      hashed.push_back(&key);
      if (!python_keeps(item)) return false;
    }
  } else if (const Value::List* members = value.as_sequence()) {
    const bool is_set = value.kind() == Kind::set || value.kind() == Kind::frozenset;
    for (const Value& member : *members) {
      if (is_set) hashed.push_back(&member);
      if (!is_set && !python_keeps(member)) return false;
    }
  }
  return keeps_all(hashed);
}

// Python stores a datetime of a named zone with the offset that the zone has then.
Value without_offset_in_paris(Value value) {
  if (const DateTime* datetime = value.as_datetime()) {
    DateTime made = *datetime;
    if (made.time.zone.name == "Europe/Paris") made.time.zone.offset_us.reset();
    return made;
  }
  if (Value::List* items = value.mutable_sequence()) {
    for (Value& item : *items) item = without_offset_in_paris(std::move(item));
  } else if (Value::Items* pairs = value.mutable_dict()) {
    for (auto& [key, item] : *pairs) {
      key = without_offset_in_paris(std::move(key));
      item = without_offset_in_paris(std::move(item));
    }
  }
  return value;
}

class DjangoValuesTest : public DjangoTest {};

std::string numbered(const std::string& word, int i) { return word + ":" + std::to_string(i); }

TEST_P(DjangoValuesTest, WhatDjangoWroteComesBackChangedAndOtherwiseTheSame) {
  const std::string values =
      GetParam().kind + " " + std::to_string(seed) + " " + std::to_string(value_count);
  django("write-values " + values);
  for (int i = 0; i < value_count; ++i) {
    auto found = cache().get(numbered("django", i));
    ASSERT_TRUE(found.ok() && found->has_value()) << i << ": " << testing::PrintToString(found);
    const auto stored =
        cache().set(numbered("djcache", i), Value::list({"changed", std::move(**found)}));
    ASSERT_TRUE(stored.ok()) << i << ": " << to_string(stored.error());
  }
  EXPECT_EQ(django("check-changed " + values), std::to_string(value_count) + " values came back");
}

TEST_P(DjangoValuesTest, WhatDjcacheWroteComesBackWrappedAndOtherwiseTheSame) {
  if (GetParam().kind == "json") GTEST_SKIP() << "the generator says more than JSON can";
  codec::ValueGenerator generator(seed);
  std::vector<Value> values;
  while (values.size() < value_count) {
    Value value = codec::as_python_keeps_it(generator.any(3));
    if (python_keeps(value)) values.push_back(std::move(value));
  }
  for (int i = 0; i < value_count; ++i) {
    const auto stored = cache().set(numbered("djcache", i), values[i]);
    ASSERT_TRUE(stored.ok()) << i << ": " << to_string(stored.error());
  }
  EXPECT_EQ(django("wrap " + std::to_string(value_count)), std::to_string(value_count));
  for (int i = 0; i < value_count; ++i) {
    const auto found = cache().get(numbered("django", i));
    ASSERT_TRUE(found.ok() && found->has_value()) << i << ": " << testing::PrintToString(found);
    const Value expected = Value::dict({{"wrapped", values[i]}});
    ASSERT_EQ(without_offset_in_paris(**found), expected) << i << "\n"
                                                          << to_string(**found, 9000) << "\n"
                                                          << to_string(expected, 9000);
  }
}

TEST_P(DjangoValuesTest, KeysVersionsCountersAndLivesAreOne) {
  begin(GetParam(), R"(, "KEY_PREFIX": "site", "VERSION": 3, "TIMEOUT": 600)");
  django("write-keys");
  EXPECT_EQ(**cache().get("plain"), Value("v1"));
  EXPECT_EQ(**cache().get("plain", {.version = 7}), Value("v7"));
  EXPECT_EQ(*cache().incr("counter", {.delta = 2}), 43);
  EXPECT_EQ(inspector().pttl("site:3:for ever"), -1);
  EXPECT_EQ(**cache().get("moves", {.version = 4}), Value("with me"));
  EXPECT_EQ(*cache().incr_version("moves", {.version = 4}), 5);
  EXPECT_TRUE(cache().set("plain", "from djcache").ok());
  EXPECT_TRUE(cache().set("plain", "seven from djcache", {.version = 7}).ok());
  EXPECT_TRUE(*cache().add("added", "in time"));
  EXPECT_TRUE(cache().set("None", nullptr).ok());
  EXPECT_TRUE(cache().set("gone", 1, {.ttl = 0s}).ok());
  django("check-keys");
  const auto left = inspector().pttl("site:3:a while");
  EXPECT_TRUE(left && *left > 40'000 && *left <= 50'000) << left.value_or(-3);
}

TEST_P(DjangoValuesTest, AKeyFunctionOfBothSidesMakesTheSameKeys) {
  begin(GetParam(), R"(, "KEY_PREFIX": "fn", "VERSION": 3)",
        R"(, "KEY_FUNCTION": "django_turn.made_by_a_function")",
        [](std::string_view key, std::string_view prefix, std::int64_t version) {
          return std::string(prefix) + "|" + std::to_string(version) + "|" + std::string(key);
        });
  django("write-keys");
  EXPECT_EQ(**cache().get("plain"), Value("v1"));
  EXPECT_EQ(**cache().get("plain", {.version = 7}), Value("v7"));
  EXPECT_EQ(inspector().pttl("fn|3|for ever"), -1);
}

INSTANTIATE_TEST_SUITE_P(Django, DjangoValuesTest,
                         testing::Values(pickle(), msgpack(), json(), signed_pickle(),
                                         compressed("zlib", "ZlibCompressor"),
                                         compressed("lzma", "LzmaCompressor")),
                         [](const auto& sides) { return sides.param.name; });

}  // namespace
}  // namespace djcache::interop
