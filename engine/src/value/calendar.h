// Which dates, times and time zones Python's datetime accepts. Every codec checks with these, in
// both directions, so that nothing is stored that the other side cannot build. Pure.
#pragma once

#include <string_view>

#include <djcache/value.h>

namespace djcache::value {

bool is_valid(const Date& date);  // year 1 to 9999, days of the month, leap years
bool is_valid(const Time& time);  // also its zone
bool is_valid(const DateTime& datetime);
// The offset within 24 hours and any label in UTF-8 beside it; without an offset a zone key.
bool is_valid(const TimeZone& zone);
bool is_valid(const TimeDelta& delta);  // normal form, at most 999,999,999 days either way

// Whether `name` has the form of a name in the IANA database ("Europe/Paris", "Etc/GMT+5"). Python
// opens a file of that name, so "../../etc/passwd" has not.
bool is_zone_key(std::string_view name);

// The UTC datetime of a point in time. False when its year is not 1 to 9999.
// REQUIRES: nanoseconds < 1,000,000,000; what is finer than a microsecond is cut off.
bool from_unix_time(std::int64_t seconds, std::uint32_t nanoseconds, DateTime& out);

}  // namespace djcache::value
