#include "codec/golden_fixture.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

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

}  // namespace

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

Json golden_cases(const char* file) {
  std::ifstream opened(std::string(DJCACHE_FIXTURES "/values/") + file);
  EXPECT_TRUE(opened) << DJCACHE_FIXTURES << "/values/" << file;
  return opened ? Json::parse(opened)["cases"] : Json::array();
}

}  // namespace djcache::codec
