#include "codec/msgpack_types.h"

#include <cstring>

#include "codec/integer_text.h"
#include "value/calendar.h"
#include "value/number_text.h"

namespace djcache::codec {
namespace {

template <class T>
void put(std::string& out, T number) {
  const auto bits = static_cast<std::make_unsigned_t<T>>(number);
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(bits >> shift);
  }
}

// Takes big endian numbers off the front. REQUIRES: enough bytes; callers check the size.
struct Fields {
  std::string_view rest;

  template <class T>
  T take() {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bits = (bits << 8) | static_cast<unsigned char>(rest[i]);
    }
    rest.remove_prefix(sizeof(T));
    return static_cast<T>(bits);
  }
};

constexpr std::size_t date_size = 4, time_size = 8, zone_size = 8, delta_size = 12, uuid_size = 16;

void put_date(std::string& out, const Date& date) {
  put(out, static_cast<std::uint16_t>(date.year));
  put(out, date.month);
  put(out, date.day);
}

void put_time(std::string& out, const Time& time) {
  for (const std::uint8_t part : {time.hour, time.minute, time.second, time.fold}) put(out, part);
  put(out, time.microsecond);
  if (!time.zone.offset_us && time.zone.name.empty()) return;
  put(out, time.zone.offset_us.value_or(offset_unknown));
  out += time.zone.name;
}

Date take_date(Fields& fields) {
  Date date;
  date.year = fields.take<std::uint16_t>();
  date.month = fields.take<std::uint8_t>();
  date.day = fields.take<std::uint8_t>();
  return date;
}

// REQUIRES: at least time_size bytes. False: a zone that is truncated or empty.
bool take_time(Fields& fields, Time& time) {
  time.hour = fields.take<std::uint8_t>();
  time.minute = fields.take<std::uint8_t>();
  time.second = fields.take<std::uint8_t>();
  time.fold = fields.take<std::uint8_t>();
  time.microsecond = fields.take<std::uint32_t>();
  if (fields.rest.empty()) return true;
  if (fields.rest.size() < zone_size) return false;
  const auto offset = fields.take<std::int64_t>();
  if (offset != offset_unknown) time.zone.offset_us = offset;
  time.zone.name = fields.rest;
  return time.zone.offset_us || !time.zone.name.empty();
}

bool unpack_datetime(std::string_view payload, Value& out) {
  if (payload.size() < date_size + time_size) return false;
  Fields fields{payload};
  DateTime datetime;
  datetime.date = take_date(fields);
  if (!take_time(fields, datetime.time) || !value::is_valid(datetime)) return false;
  out = Value(std::move(datetime));
  return true;
}

bool unpack_date(std::string_view payload, Value& out) {
  if (payload.size() != date_size) return false;
  Fields fields{payload};
  const Date date = take_date(fields);
  if (!value::is_valid(date)) return false;
  out = date;
  return true;
}

bool unpack_time(std::string_view payload, Value& out) {
  if (payload.size() < time_size) return false;
  Fields fields{payload};
  Time time;
  if (!take_time(fields, time) || !value::is_valid(time)) return false;
  out = Value(std::move(time));
  return true;
}

bool unpack_timedelta(std::string_view payload, Value& out) {
  if (payload.size() != delta_size) return false;
  Fields fields{payload};
  TimeDelta delta;
  delta.days = fields.take<std::int32_t>();
  delta.seconds = fields.take<std::int32_t>();
  delta.microseconds = fields.take<std::int32_t>();
  if (!value::is_valid(delta)) return false;
  out = delta;
  return true;
}

bool unpack_uuid(std::string_view payload, Value& out) {
  if (payload.size() != uuid_size) return false;
  Uuid uuid;
  std::memcpy(uuid.bytes, payload.data(), uuid_size);
  out = uuid;
  return true;
}

bool unpack_big_integer(std::string_view payload, Value& out) {
  if (payload.size() - payload.starts_with('-') > integer_digits_max) return false;
  auto number = Value::integer(payload);
  if (number) out = std::move(*number);
  return number.has_value();
}

// msgpack's own: 4, 8 or 12 bytes of seconds since 1970 and nanoseconds.
bool unpack_timestamp(std::string_view payload, Value& out) {
  Fields fields{payload};
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  if (payload.size() == 4) {
    seconds = fields.take<std::uint32_t>();
  } else if (payload.size() == 8) {
    const auto both = fields.take<std::uint64_t>();
    nanoseconds = static_cast<std::uint32_t>(both >> 34);
    seconds = static_cast<std::int64_t>(both & ((std::uint64_t{1} << 34) - 1));
  } else if (payload.size() == 12) {
    nanoseconds = fields.take<std::uint32_t>();
    seconds = fields.take<std::int64_t>();
  } else {
    return false;
  }
  DateTime datetime;
  if (nanoseconds > 999'999'999 || !value::from_unix_time(seconds, nanoseconds, datetime)) {
    return false;
  }
  out = Value(std::move(datetime));
  return true;
}

}  // namespace

bool pack_fields(const Value& value, std::string& out, std::string& reason) {
  bool valid = true;
  if (const DateTime* datetime = value.as_datetime()) {
    valid = value::is_valid(*datetime);
    put_date(out, datetime->date);
    put_time(out, datetime->time);
  } else if (const Date* date = value.as_date()) {
    valid = value::is_valid(*date);
    put_date(out, *date);
  } else if (const Time* time = value.as_time()) {
    valid = value::is_valid(*time);
    put_time(out, *time);
  } else if (const TimeDelta* delta = value.as_timedelta()) {
    valid = value::is_valid(*delta);
    for (const std::int32_t part : {delta->days, delta->seconds, delta->microseconds})
      put(out, part);
  } else if (const Uuid* uuid = value.as_uuid()) {
    out.append(reinterpret_cast<const char*>(uuid->bytes), uuid_size);
  } else {
    out += value.text();
  }
  if (!valid) reason = "a " + std::string(to_string(value.kind())) + " that Python cannot hold";
  return valid;
}

bool unpack_fields(ExtType type, std::string_view payload, Value& out) {
  switch (type) {
    case ExtType::timestamp:
      return unpack_timestamp(payload, out);
    case ExtType::big_integer:
      return unpack_big_integer(payload, out);
    case ExtType::datetime:
      return unpack_datetime(payload, out);
    case ExtType::date:
      return unpack_date(payload, out);
    case ExtType::time:
      return unpack_time(payload, out);
    case ExtType::timedelta:
      return unpack_timedelta(payload, out);
    case ExtType::uuid:
      return unpack_uuid(payload, out);
    case ExtType::decimal: {
      auto number = Value::decimal(payload);
      if (number) out = std::move(*number);
      return number.has_value();
    }
    default:
      return false;
  }
}

}  // namespace djcache::codec
