// The values that Python wrote (fixtures/values/msgpack.json): what its serializer stored, djcache
// reads as the same value, prints as Python prints it, and would have stored in the same bytes.
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

using Json = nlohmann::ordered_json;

Value value_of(const Json& json);

Value::List list_of(const Json& json) {
  Value::List list;
  for (const Json& item : json) list.push_back(value_of(item));
  return list;
}

Value dict_of(const Json& json) {
  Value::Items items;
  for (const Json& item : json) items.emplace_back(value_of(item[0]), value_of(item[1]));
  return Value::dict(std::move(items));
}

Value real_of(const std::string& hex) {
  std::uint64_t bits = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  return std::bit_cast<double>(bits);
}

Value uuid_of(const std::string& hex) {
  Uuid uuid;
  std::memcpy(uuid.bytes, from_hex(hex).data(), sizeof uuid.bytes);
  return uuid;
}

Date date_of(const Json& json) { return {json[0], json[1], json[2]}; }

// `whole` carries the zone beside the numbers.
Time time_of(const Json& json, const Json& whole) {
  Time time{json[0], json[1], json[2], json[4], json[3], {}};
  if (!whole.contains("zone")) return time;
  if (!whole["zone"][0].is_null()) time.zone.offset_us = whole["zone"][0];
  time.zone.name = whole["zone"][1];
  return time;
}

// The notation of golden_values.py.
Value value_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_string()) return json.get<std::string>();
  if (json.contains("datetime")) {
    const Json& both = json["datetime"];
    return DateTime{date_of(both[0]), time_of(both[1], json)};
  }
  if (json.contains("time")) return time_of(json["time"], json);
  const std::string type = json.begin().key();
  const Json& inner = json.begin().value();
  if (type == "int") return *Value::integer(inner.get<std::string>());
  if (type == "float") return real_of(inner);
  if (type == "bytes") return Value::bytes(from_hex(inner.get<std::string>()));
  if (type == "list") return Value::list(list_of(inner));
  if (type == "tuple") return Value::tuple(list_of(inner));
  if (type == "set") return Value::set(list_of(inner));
  if (type == "frozenset") return Value::frozenset(list_of(inner));
  if (type == "dict") return dict_of(inner);
  if (type == "date") return date_of(inner);
  if (type == "timedelta") return TimeDelta{inner[0], inner[1], inner[2]};
  if (type == "decimal") return *Value::decimal(inner.get<std::string>());
  if (type == "uuid") return uuid_of(inner);
  throw std::invalid_argument("no such type in a golden value: " + type);
}

class Golden : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(DJCACHE_FIXTURES "/values/msgpack.json");
    ASSERT_TRUE(file) << DJCACHE_FIXTURES;
    cases_ = Json::parse(file)["cases"];
    ASSERT_GT(cases_.size(), 150u);
  }
  Json cases_;
};

TEST_F(Golden, BytesThatPythonStoredAreReadAsTheSameValue) {
  const auto codec = make_codec(Serializer::msgpack, {});
  for (const Json& one : cases_) {
    Value value;
    Error error;
    ASSERT_TRUE(codec->decode(from_hex(one["bytes"].get<std::string>()), value, error))
        << one["name"] << ": " << error.detail;
    EXPECT_EQ(value, value_of(one["value"])) << one["name"];
  }
}

TEST_F(Golden, ValuesAreStoredInTheBytesThatPythonStored) {
  for (const Json& one : cases_) {
    EXPECT_EQ(to_hex(stored(value_of(one["value"]))), one["bytes"]) << one["name"];
  }
}

TEST_F(Golden, ValuesPrintAsInPython) {
  for (const Json& one : cases_) {
    if (one["repr"].is_null()) continue;
    EXPECT_EQ(to_string(value_of(one["value"])), one["repr"]) << one["name"];
  }
}

}  // namespace
}  // namespace djcache::codec
