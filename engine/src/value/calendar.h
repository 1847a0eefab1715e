// The dates, times and time zones that Python's datetime accepts. Every codec checks them in both
// directions, so that nothing is stored that Python cannot build. Pure.
#pragma once

#include <string_view>

#include <djcache/value.h>

namespace djcache::value {

bool is_valid(const Date& date);  // year 1 to 9999, days of the month, leap years
bool is_valid(const Time& time);  // checks its zone, too
bool is_valid(const DateTime& datetime);
// With an offset: less than 24 hours, and any UTF-8 label. Without one: a zone key.
bool is_valid(const TimeZone& zone);
bool is_valid(const TimeDelta& delta);  // normal form, at most 999,999,999 days either way

// Whether `name` has the form of a name in the IANA database ("Europe/Paris", "Etc/GMT+5"). Python
// opens a file of that name, so "../../etc/passwd" is refused.
bool is_zone_key(std::string_view name);

// Converts a point in time to a datetime in UTC; fractions of a microsecond are cut off. False if
// the year is outside of 1 to 9999. REQUIRES: nanoseconds < 1,000,000,000.
bool from_unix_time(std::int64_t seconds, std::uint32_t nanoseconds, DateTime& out);

}  // namespace djcache::value
