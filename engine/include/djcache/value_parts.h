/// @file
/// Kind, and the parts that a Value is made of: dates, times, durations, UUIDs. Included by
/// value.h.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace djcache {

/// The kind of a Value; each corresponds to a class of Python.
enum class Kind : std::uint8_t {
  nil,          ///< None
  boolean,      ///< bool
  integer,      ///< int within 64 bits
  big_integer,  ///< int beyond 64 bits, as canonical decimal text
  real,         ///< float
  string,       ///< str, UTF-8
  bytes,        ///< bytes (a bytearray is read as bytes)
  list,         ///< list
  tuple,        ///< tuple
  dict,         ///< dict; keeps insertion order
  set,          ///< set
  frozenset,    ///< frozenset
  datetime,     ///< datetime.datetime
  date,         ///< datetime.date
  time,         ///< datetime.time
  timedelta,    ///< datetime.timedelta
  decimal,      ///< decimal.Decimal, as Python prints it: "1.50", "-0", "NaN", "Infinity", "1E+3"
  uuid,         ///< uuid.UUID
  opaque,       ///< an object of a class without a kind here, in its pickled form; see Foreign
};
/// Python's name for the kind: "int" for integer and big_integer, "NoneType" for nil, "object" for
/// opaque.
DJCACHE_API std::string_view to_string(Kind kind);

/// The time zone of a datetime or time; naive when neither field is set.
///
/// `offset_us` is the offset at that datetime; a `name` with it is only a label. A `name` alone is
/// a zone of the IANA database; computing its offset needs that database. Python's
/// datetime.timezone.utc is `{.offset_us = 0}`.
struct TimeZone {
  std::optional<std::int64_t> offset_us;  ///< east of UTC, microseconds
  std::string name{};                     ///< IANA name ("Europe/Paris") or a label ("CEST")
  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};
/// datetime.date.
struct Date {
  std::int32_t year = 1;   ///< 1 to 9999
  std::uint8_t month = 1;  ///< 1 to 12
  std::uint8_t day = 1;    ///< 1 to 31
  friend bool operator==(const Date&, const Date&) = default;
};
/// datetime.time.
struct Time {
  std::uint8_t hour = 0;          ///< 0 to 23
  std::uint8_t minute = 0;        ///< 0 to 59
  std::uint8_t second = 0;        ///< 0 to 59
  std::uint8_t fold = 0;          ///< 1: the second of two equal wall-clock times
  std::uint32_t microsecond = 0;  ///< 0 to 999,999
  TimeZone zone{};                ///< naive by default
  friend bool operator==(const Time&, const Time&) = default;
};
/// datetime.datetime.
struct DateTime {
  Date date{};  ///< year, month and day
  Time time{};  ///< the rest, with the time zone
  friend bool operator==(const DateTime&, const DateTime&) = default;
};
/// datetime.timedelta in Python's normal form: any days, 0 <= seconds < 86400, 0 <= microseconds <
/// 1000000.
struct TimeDelta {
  std::int32_t days = 0;          ///< of either sign
  std::int32_t seconds = 0;       ///< 0 to 86,399
  std::int32_t microseconds = 0;  ///< 0 to 999,999
  friend bool operator==(const TimeDelta&, const TimeDelta&) = default;
};
/// uuid.UUID.
struct Uuid {
  std::uint8_t bytes[16] = {};  ///< big endian, as uuid.UUID.bytes
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

/// The timedelta of a duration with a whole number of ticks. Fractions of a microsecond are rounded
/// down; beyond 999,999,999 days, Python's bounds, the result saturates.
template <std::integral Rep, class Period>
constexpr TimeDelta to_timedelta(std::chrono::duration<Rep, Period> time) {
  using namespace std::chrono;
  constexpr std::int32_t days_max = 999'999'999;
  const long double about = duration<long double, days::period>(time).count();
  if (about >= days_max + 1.0L) return {days_max, 86'399, 999'999};
  if (about < -static_cast<long double>(days_max)) return {-days_max, 0, 0};
  const auto whole_days = floor<days>(time);
  const auto rest = time - whole_days;
  const auto whole_seconds = floor<seconds>(rest);
  return {static_cast<std::int32_t>(whole_days.count()),
          static_cast<std::int32_t>(whole_seconds.count()),
          static_cast<std::int32_t>(floor<microseconds>(rest - whole_seconds).count())};
}

namespace detail {
// Saturates at the first and the last instant of the years 1 to 9999.
DJCACHE_API DateTime to_utc(const TimeDelta& since_epoch);
}  // namespace detail

/// The datetime in UTC of a point in time. Fractions of a microsecond are rounded down; outside of
/// the years 1 to 9999, Python's bounds, the result saturates.
template <class Duration>
DateTime to_datetime(std::chrono::sys_time<Duration> at) {
  return detail::to_utc(to_timedelta(at.time_since_epoch()));
}

}  // namespace djcache
