#include "codec/json_text.h"

#include <cinttypes>
#include <cstdio>

#include "value/calendar.h"

namespace djcache::codec {
namespace {

constexpr std::int64_t micros_per_second = 1'000'000;

template <class... Numbers>
void append_format(std::string& out, const char* format, Numbers... numbers) {
  char text[64];
  const int size = std::snprintf(text, sizeof text, format, numbers...);
  out.append(text, static_cast<std::size_t>(size));
}

void append_date(std::string& out, const Date& date) {
  append_format(out, "%04d-%02d-%02d", static_cast<int>(date.year), static_cast<int>(date.month),
                static_cast<int>(date.day));
}

// Milliseconds: Django cuts off smaller units, because ECMA-262 has none.
void append_clock(std::string& out, const Time& time) {
  append_format(out, "%02d:%02d:%02d", static_cast<int>(time.hour), static_cast<int>(time.minute),
                static_cast<int>(time.second));
  if (time.microsecond != 0) append_format(out, ".%03d", static_cast<int>(time.microsecond / 1000));
}

// Like datetime.isoformat(); UTC is "Z".
void append_offset(std::string& out, std::int64_t offset_us) {
  if (offset_us == 0) {
    out += 'Z';
    return;
  }
  const std::int64_t size = offset_us < 0 ? -offset_us : offset_us;
  const std::int64_t seconds = size / micros_per_second;
  const std::int64_t micros = size % micros_per_second;
  append_format(out, "%c%02d:%02d", offset_us < 0 ? '-' : '+', static_cast<int>(seconds / 3600),
                static_cast<int>(seconds / 60 % 60));
  if (seconds % 60 != 0 || micros != 0) append_format(out, ":%02d", static_cast<int>(seconds % 60));
  if (micros != 0) append_format(out, ".%06d", static_cast<int>(micros));
}

// Whether the zone gives a time of day an offset: one with daylight saving does not. Zones with a
// single offset are Etc/... and some names without a slash.
bool may_have_offset(const TimeZone& zone) {
  if (zone.offset_us) return true;
  return !zone.name.empty() &&
         (zone.name.find('/') == zone.name.npos || zone.name.find("Etc/") != zone.name.npos);
}

template <class T>
bool check(const T& thing, const char* what, std::string& reason) {
  if (value::is_valid(thing)) return true;
  reason = std::string("a ") + what + " out of Python's range";
  return false;
}

}  // namespace

bool append_json_text(std::string& out, const DateTime& datetime, std::string& reason) {
  if (!check(datetime, "datetime", reason)) return false;
  append_date(out, datetime.date);
  out += 'T';
  append_clock(out, datetime.time);
  const TimeZone& zone = datetime.time.zone;
  if (zone.offset_us) {
    append_offset(out, *zone.offset_us);
  } else if (!zone.name.empty()) {
    reason = "a datetime in a named zone whose offset is not known; set offset_us";
    return false;
  }
  return true;
}

bool append_json_text(std::string& out, const Date& date, std::string& reason) {
  if (!check(date, "date", reason)) return false;
  append_date(out, date);
  return true;
}

bool append_json_text(std::string& out, const Time& time, std::string& reason) {
  if (!check(time, "time", reason)) return false;
  if (may_have_offset(time.zone)) {
    reason = "a time with an offset: JSON can't represent timezone-aware times";
    return false;
  }
  append_clock(out, time);
  return true;
}

bool append_json_text(std::string& out, const TimeDelta& delta, std::string& reason) {
  if (!check(delta, "timedelta", reason)) return false;
  // Handled separately, because 10^9 days in microseconds do not fit into 64 bits.
  constexpr std::int64_t day = 86400;
  std::int64_t seconds = delta.days * day + delta.seconds;
  std::int64_t micros = delta.microseconds;
  if (seconds < 0) {
    out += '-';
    seconds = -seconds;
    if (micros != 0) {
      --seconds;
      micros = micros_per_second - micros;
    }
  }
  append_format(out, "P%" PRId64 "DT%02dH%02dM%02d", seconds / day,
                static_cast<int>(seconds % day / 3600), static_cast<int>(seconds / 60 % 60),
                static_cast<int>(seconds % 60));
  if (micros != 0) append_format(out, ".%06d", static_cast<int>(micros));
  out += 'S';
  return true;
}

void append_json_text(std::string& out, const Uuid& uuid) {
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    append_format(out, "%02x", static_cast<unsigned>(uuid.bytes[i]));
  }
}

}  // namespace djcache::codec
