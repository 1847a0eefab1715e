#include "codec/typed_fixture.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

using Json = TypedJson;

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

// `whole` has the zone besides the numbers.
Time time_of(const Json& json, const Json& whole) {
  Time time{json[0], json[1], json[2], json[4], json[3], {}};
  if (!whole.contains("zone")) return time;
  if (!whole["zone"][0].is_null()) time.zone.offset_us = whole["zone"][0];
  time.zone.name = whole["zone"][1];
  return time;
}

Json numbers_of(const Date& date) { return {date.year, date.month, date.day}; }

Json numbers_of(const Time& time) {
  return {time.hour, time.minute, time.second, time.microsecond, time.fold};
}

Json zoned(Json json, const TimeZone& zone) {
  if (!zone.offset_us && zone.name.empty()) return json;
  json["zone"] = Json::array({nullptr, zone.name});
  if (zone.offset_us) json["zone"][0] = *zone.offset_us;
  return json;
}

Json typed_items(const Value::Items& items) {
  Json json = Json::array();
  for (const auto& [key, value] : items) json.push_back(Json::array({typed(key), typed(value)}));
  return json;
}

Json typed_members(const Value::List& items) {
  Json json = Json::array();
  for (const Value& item : items) json.push_back(typed(item));
  return json;
}

std::string hex_of(double number) {
  std::string bytes;
  const auto bits = std::bit_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(bits >> shift);
  return to_hex(bytes);
}

// {"type": content}, for everything without a JSON form of its own.
Json typed_content(const Value& value) {
  switch (value.kind()) {
    case Kind::integer:
      return std::to_string(*value.as_int());
    case Kind::big_integer:
    case Kind::decimal:
      return std::string(value.text());
    case Kind::real:
      return hex_of(*value.as_double());
    case Kind::bytes:
      return to_hex(value.text());
    case Kind::dict:
      return typed_items(*value.as_dict());
    case Kind::date:
      return numbers_of(*value.as_date());
    case Kind::timedelta:
      return {value.as_timedelta()->days, value.as_timedelta()->seconds,
              value.as_timedelta()->microseconds};
    case Kind::uuid:
      return to_hex({reinterpret_cast<const char*>(value.as_uuid()->bytes), sizeof(Uuid)});
    default:
      return typed_members(*value.as_sequence());
  }
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

Json typed(const Value& value) {
  if (value.is_nil()) return nullptr;
  if (const auto flag = value.as_bool()) return *flag;
  if (value.is(Kind::string)) return std::string(value.text());
  if (const DateTime* at = value.as_datetime()) {
    Json json{{"datetime", Json::array({numbers_of(at->date), numbers_of(at->time)})}};
    return zoned(std::move(json), at->time.zone);
  }
  if (const Time* at = value.as_time()) return zoned(Json{{"time", numbers_of(*at)}}, at->zone);
  std::string type(to_string(value.kind()));
  if (value.is(Kind::decimal) || value.is(Kind::uuid)) {
    for (char& c : type) c = static_cast<char>(c | 0x20);
  }
  Json json = Json::object();
  json[type] = typed_content(value);
  return json;
}

}  // namespace djcache::codec
