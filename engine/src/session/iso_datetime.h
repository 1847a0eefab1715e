// Dates as Django stores them in a session: ISO 8601 text, as Python's datetime.isoformat() writes.
//
// Pure. Source: https://docs.python.org/3/library/datetime.html#datetime.datetime.isoformat
#pragma once

#include <djcache/value.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace djcache::session {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

// Reads YYYY-MM-DD[*HH:MM[:SS[.fff[fff]]][Z|+HH:MM[:SS[.ffffff]]]], with any character for the
// star. Other forms that Python 3.11 reads, compact dates and weeks, are never written.
std::optional<DateTime> parse_iso(std::string_view text);

// nullopt: not a valid date, or an offset of a day or more.
std::optional<std::string> to_iso(const DateTime& at);

// Microseconds east of UTC. nullopt: naive, or a named zone whose offset was not recorded.
std::optional<std::int64_t> offset_of(const TimeZone& zone);
bool is_naive(const TimeZone& zone);

// nullopt: not a date, or its offset is unknown and it is not naive.
std::optional<Instant> instant_of(const DateTime& at,
                                  std::optional<std::chrono::seconds> naive_offset);

// The text of the naive datetime in UTC. nullopt: outside of the years 1 to 9999.
std::optional<DateTime> naive_utc(Instant at);
bool has_date(Instant at);

}  // namespace djcache::session
