// Python's repr of single values without children: text, numbers, dates. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <djcache/value.h>

namespace djcache::value {

// All append to `out`. The first two stop early once `out` is longer than `max_size`.
void print_string(std::string& out, std::string_view text, std::size_t max_size);  // 'it\n'
void print_bytes(std::string& out, std::string_view data, std::size_t max_size);   // b'\x00'
void print_integer(std::string& out, std::int64_t number);
void print_real(std::string& out, double number);     // 1.0, 1e+16, inf, nan
void print_date(std::string& out, const Date& date);  // datetime.date(2024, 2, 29)
void print_time(std::string& out, const Time& time);  // datetime.time(3, 4)
void print_datetime(std::string& out, const DateTime& datetime);
void print_timedelta(std::string& out, const TimeDelta& delta);
void print_uuid(std::string& out, const Uuid& uuid);

}  // namespace djcache::value
