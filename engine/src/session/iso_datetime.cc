#include "session/iso_datetime.h"

#include <cstdio>
#include <cstdlib>

namespace djcache::session {

namespace {

using std::chrono::microseconds;
using std::chrono::sys_days;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t day_us = 86'400 * second_us;

// Reads from the front of a text; `ok` becomes false once an expected part is missing.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  bool next_is(char c) const { return ok && !rest.empty() && rest.front() == c; }
  bool skip(char c) {
    if (!next_is(c)) return false;
    rest.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok = skip(c) && ok; }
  std::uint32_t digits(std::size_t count) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest.size() || rest[i] < '0' || rest[i] > '9') {
        ok = false;
        return 0;
      }
      number = number * 10 + static_cast<std::uint32_t>(rest[i] - '0');
    }
    rest.remove_prefix(count);
    return number;
  }
  std::size_t digits_ahead() const {
    const std::size_t end = rest.find_first_not_of("0123456789");
    return end == std::string_view::npos ? rest.size() : end;
  }
};

// "[:SS[.fff[fff]]]" after minutes: microseconds.
std::uint32_t read_fraction(Cursor& text) {
  if (!text.skip('.')) return 0;
  if (text.digits_ahead() == 3) return text.digits(3) * 1000;
  return text.digits(6);
}

void read_clock(Cursor& text, Time& time) {
  time.hour = static_cast<std::uint8_t>(text.digits(2));
  text.expect(':');
  time.minute = static_cast<std::uint8_t>(text.digits(2));
  if (text.skip(':')) {
    time.second = static_cast<std::uint8_t>(text.digits(2));
    time.microsecond = read_fraction(text);
  }
  text.ok = text.ok && time.hour < 24 && time.minute < 60 && time.second < 60;
}

void read_zone(Cursor& text, TimeZone& zone) {
  if (text.skip('Z')) {
    zone.offset_us = 0;
    return;
  }
  const bool west = text.next_is('-');
  if (!west && !text.next_is('+')) return;
  text.rest.remove_prefix(1);
  Time offset;
  read_clock(text, offset);
  const std::int64_t us =
      ((offset.hour * 60 + offset.minute) * 60 + offset.second) * second_us + offset.microsecond;
  zone.offset_us = west ? -us : us;
}

std::optional<sys_days> days_of(const Date& date) {
  const std::chrono::year_month_day day{std::chrono::year(date.year),
                                        std::chrono::month(date.month), std::chrono::day(date.day)};
  if (!day.ok() || date.year < 1 || date.year > 9999) return std::nullopt;
  return sys_days(day);
}

bool is_clock(const Time& time) {
  return time.hour < 24 && time.minute < 60 && time.second < 60 && time.microsecond < second_us;
}

// "+HH:MM[:SS[.ffffff]]"
std::string offset_text(std::int64_t offset_us) {
  const std::int64_t size = std::abs(offset_us);
  const std::int64_t seconds = size / second_us, us = size % second_us;
  char text[32];
  int end = std::snprintf(text, sizeof text, "%c%02d:%02d", offset_us < 0 ? '-' : '+',
                          static_cast<int>(seconds / 3600), static_cast<int>(seconds / 60 % 60));
  std::string written(text, static_cast<std::size_t>(end));
  if (seconds % 60 != 0 || us != 0) {
    end = std::snprintf(text, sizeof text, ":%02d", static_cast<int>(seconds % 60));
    written.append(text, static_cast<std::size_t>(end));
  }
  if (us != 0) {
    end = std::snprintf(text, sizeof text, ".%06d", static_cast<int>(us));
    written.append(text, static_cast<std::size_t>(end));
  }
  return written;
}

}  // namespace

std::optional<DateTime> parse_iso(std::string_view whole) {
  Cursor text{whole};
  DateTime at;
  at.date.year = static_cast<std::int32_t>(text.digits(4));
  text.expect('-');
  at.date.month = static_cast<std::uint8_t>(text.digits(2));
  text.expect('-');
  at.date.day = static_cast<std::uint8_t>(text.digits(2));
  if (text.ok && !text.rest.empty()) {
    text.rest.remove_prefix(1);
    read_clock(text, at.time);
    read_zone(text, at.time.zone);
  }
  if (!text.ok || !text.rest.empty() || !days_of(at.date)) return std::nullopt;
  return at;
}

std::optional<std::string> to_iso(const DateTime& at) {
  const auto offset = offset_of(at.time.zone);
  if (!days_of(at.date) || !is_clock(at.time)) return std::nullopt;
  if (!offset && !is_naive(at.time.zone)) return std::nullopt;
  if (offset && std::abs(*offset) >= day_us) return std::nullopt;
  char text[48];
  int end = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d",
                          static_cast<int>(at.date.year), at.date.month, at.date.day, at.time.hour,
                          at.time.minute, at.time.second);
  std::string written(text, static_cast<std::size_t>(end));
  if (at.time.microsecond != 0) {
    end = std::snprintf(text, sizeof text, ".%06d", static_cast<int>(at.time.microsecond));
    written.append(text, static_cast<std::size_t>(end));
  }
  return offset ? written + offset_text(*offset) : written;
}

std::optional<std::int64_t> offset_of(const TimeZone& zone) {
  if (zone.offset_us) return zone.offset_us;
  if (zone.name == "UTC") return 0;
  return std::nullopt;
}

bool is_naive(const TimeZone& zone) { return !zone.offset_us && zone.name.empty(); }

std::optional<Instant> instant_of(const DateTime& at,
                                  std::optional<std::chrono::seconds> naive_offset) {
  const auto days = days_of(at.date);
  if (!days || !is_clock(at.time)) return std::nullopt;
  auto offset = offset_of(at.time.zone);
  if (!offset && is_naive(at.time.zone) && naive_offset) {
    offset = std::chrono::microseconds(*naive_offset).count();
  }
  if (!offset || std::abs(*offset) >= day_us) return std::nullopt;
  const std::int64_t clock =
      ((at.time.hour * 60 + at.time.minute) * 60 + at.time.second) * second_us +
      at.time.microsecond;
  return Instant(*days) + microseconds(clock - *offset);
}

bool has_date(Instant at) {
  using namespace std::chrono;
  constexpr sys_days first{year(1) / January / 1}, end{year(10000) / January / 1};
  return at >= first && at < end;
}

std::optional<DateTime> naive_utc(Instant at) {
  if (!has_date(at)) return std::nullopt;
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day day(days);
  const std::int64_t us = (at - days).count();
  DateTime made;
  made.date = {static_cast<int>(day.year()),
               static_cast<std::uint8_t>(static_cast<unsigned>(day.month())),
               static_cast<std::uint8_t>(static_cast<unsigned>(day.day()))};
  made.time.hour = static_cast<std::uint8_t>(us / second_us / 3600);
  made.time.minute = static_cast<std::uint8_t>(us / second_us / 60 % 60);
  made.time.second = static_cast<std::uint8_t>(us / second_us % 60);
  made.time.microsecond = static_cast<std::uint32_t>(us % second_us);
  return made;
}

}  // namespace djcache::session
