#include "value/calendar.h"

#include <algorithm>
#include <chrono>

#include "value/utf8.h"

namespace djcache::value {
namespace {

constexpr bool is_in_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '+' || c == '.';
}

bool is_part_of_key(std::string_view part) {
  return !part.empty() && part != "." && part != ".." &&
         std::all_of(part.begin(), part.end(), is_in_key);
}

}  // namespace

bool is_zone_key(std::string_view name) {
  for (;;) {
    const std::size_t slash = name.find('/');
    if (!is_part_of_key(name.substr(0, slash))) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_valid(const Date& date) {
  if (date.year < 1 || date.year > 9999) return false;
  return std::chrono::year_month_day(std::chrono::year(date.year), std::chrono::month(date.month),
                                     std::chrono::day(date.day))
      .ok();
}

bool is_valid(const TimeZone& zone) {
  constexpr std::int64_t day_us = 86'400'000'000;
  if (zone.offset_us && (*zone.offset_us <= -day_us || *zone.offset_us >= day_us)) return false;
  // A name without an offset must be a zone key; beside an offset it is a label.
  if (!zone.offset_us && !zone.name.empty()) return is_zone_key(zone.name);
  return utf8_error(zone.name) == zone.name.size();
}

bool is_valid(const Time& time) {
  return time.hour < 24 && time.minute < 60 && time.second < 60 && time.fold < 2 &&
         time.microsecond < 1'000'000 && is_valid(time.zone);
}

bool is_valid(const DateTime& datetime) {
  return is_valid(datetime.date) && is_valid(datetime.time);
}

bool is_valid(const TimeDelta& delta) {
  return delta.days >= -999'999'999 && delta.days <= 999'999'999 && delta.seconds >= 0 &&
         delta.seconds < 86'400 && delta.microseconds >= 0 && delta.microseconds < 1'000'000;
}

bool from_unix_time(std::int64_t seconds, std::uint32_t nanoseconds, DateTime& out) {
  constexpr std::int64_t first = -62'135'596'800, last = 253'402'300'799;  // years 1 and 9999
  if (seconds < first || seconds > last) return false;
  using namespace std::chrono;
  const auto point = sys_seconds(std::chrono::seconds(seconds));
  const auto midnight = floor<days>(point);
  const year_month_day date(midnight);
  const hh_mm_ss clock(point - midnight);
  out.date = {static_cast<int>(date.year()), static_cast<std::uint8_t>(unsigned(date.month())),
              static_cast<std::uint8_t>(unsigned(date.day()))};
  out.time = {.hour = static_cast<std::uint8_t>(clock.hours().count()),
              .minute = static_cast<std::uint8_t>(clock.minutes().count()),
              .second = static_cast<std::uint8_t>(clock.seconds().count()),
              .fold = 0,
              .microsecond = nanoseconds / 1000,
              .zone = {.offset_us = 0, .name = {}}};
  return true;
}

}  // namespace djcache::value

namespace djcache::detail {

DateTime to_utc(const TimeDelta& since_epoch) {
  DateTime at;
  constexpr std::int64_t first = -719'162, last = 2'932'896;  // days of the years 1 and 9999
  const bool early = since_epoch.days<first, late = since_epoch.days> last;
  const std::int64_t seconds = early ? first * 86'400
                               : late
                                   ? last * 86'400 + 86'399
                                   : since_epoch.days * std::int64_t{86'400} + since_epoch.seconds;
  const std::int64_t microseconds = early ? 0 : late ? 999'999 : since_epoch.microseconds;
  value::from_unix_time(seconds, static_cast<std::uint32_t>(microseconds * 1000), at);
  return at;
}

}  // namespace djcache::detail
