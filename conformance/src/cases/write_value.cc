#include "src/cases/write_value.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace djcache::conformance {
namespace {

constexpr std::int64_t exact_max = std::int64_t{1} << 53;

std::string two(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

std::string write_float(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  std::string written(text, end);
  return written.find_first_of(".e") == written.npos ? written + ".0" : written;
}

std::string write_date(const Date& date) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", date.year, unsigned{date.month},
                unsigned{date.day});
  return text;
}

std::string write_offset(std::int64_t offset_us) {
  const auto seconds = static_cast<unsigned>(std::abs(offset_us) / 1'000'000);
  std::string text =
      (offset_us < 0 ? "-" : "+") + two(seconds / 3600) + ":" + two(seconds / 60 % 60);
  return seconds % 60 == 0 ? text : text + ":" + two(seconds % 60);
}

std::string write_time(const Time& time) {
  std::string text = two(time.hour) + ":" + two(time.minute) + ":" + two(time.second);
  if (time.microsecond != 0) {
    const std::string digits = std::to_string(time.microsecond);
    text += "." + std::string(6 - digits.size(), '0') + digits;
  }
  return time.zone.offset_us ? text + write_offset(*time.zone.offset_us) : text;
}

std::string write_uuid(const Uuid& uuid) {
  std::string text = hexadecimal({reinterpret_cast<const char*>(uuid.bytes), sizeof uuid.bytes});
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

Json write_items(const Value& value) {
  Json items = Json::array();
  for (const Value& item : *value.as_sequence()) items.push_back(write_value(item));
  return items;
}

Json write_dict(const Value::Items& items) {
  Json plain = Json::object(), pairs = Json::array();
  bool only_text = true;
  for (const auto& [key, item] : items) {
    const auto name = key.as_string();
    only_text = only_text && name && !name->starts_with('$');
    if (only_text) plain[std::string(*name)] = write_value(item);
    pairs.push_back({write_value(key), write_value(item)});
  }
  if (only_text) return plain;
  return {{"$dict", std::move(pairs)}};
}

Json write_timedelta(const TimeDelta& delta) {
  return {{"days", delta.days}, {"seconds", delta.seconds}, {"microseconds", delta.microseconds}};
}

}  // namespace

std::string hexadecimal(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char c : bytes) {
    text += digits[c / 16];
    text += digits[c % 16];
  }
  return text;
}

Json write_value(const Value& value) {
  const auto tagged = [](const char* tag, Json body) { return Json{{tag, std::move(body)}}; };
  switch (value.kind()) {
    case Kind::nil:
      return nullptr;
    case Kind::boolean:
      return *value.as_bool();
    case Kind::integer: {
      const std::int64_t number = *value.as_int();
      if (number >= -exact_max && number <= exact_max) return number;
      return tagged("$int", std::to_string(number));
    }
    case Kind::big_integer:
      return tagged("$int", std::string(value.text()));
    case Kind::real:
      return tagged("$float", write_float(*value.as_double()));
    case Kind::string:
      return std::string(value.text());
    case Kind::bytes:
      return tagged("$bytes", hexadecimal(value.text()));
    case Kind::list:
      return write_items(value);
    case Kind::tuple:
      return tagged("$tuple", write_items(value));
    case Kind::set:
      return tagged("$set", write_items(value));
    case Kind::frozenset:
      return tagged("$frozenset", write_items(value));
    case Kind::dict:
      return write_dict(*value.as_dict());
    case Kind::datetime:
      return tagged("$datetime", write_date(value.as_datetime()->date) + "T" +
                                     write_time(value.as_datetime()->time));
    case Kind::date:
      return tagged("$date", write_date(*value.as_date()));
    case Kind::time:
      return tagged("$time", write_time(*value.as_time()));
    case Kind::timedelta:
      return tagged("$timedelta", write_timedelta(*value.as_timedelta()));
    case Kind::decimal:
      return tagged("$decimal", std::string(value.text()));
    case Kind::uuid:
      return tagged("$uuid", write_uuid(*value.as_uuid()));
    case Kind::opaque:
      break;
  }
  return tagged("$opaque", std::string(value.opaque_class()));
}

}  // namespace djcache::conformance
