// Reads ISO 8601 times in the form of Python's isoformat(), and timedelta.
#include <cctype>

#include "src/cases/read_value.h"

namespace djcache::conformance {
namespace {

// A cursor over the text; every read returns whether it succeeded.
class Text {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}

  bool ended() const { return at_ == text_.size(); }
  bool take(char c) {
    if (ended() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool digits(std::size_t count, int min, int max, int& number) {
    number = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      if (ended() || !std::isdigit(static_cast<unsigned char>(text_[at_]))) return false;
      number = number * 10 + (text_[at_] - '0');
    }
    return number >= min && number <= max;
  }
  // One to six digits of a fraction, as microseconds.
  bool fraction(int& microseconds) {
    microseconds = 0;
    int count = 0;
    for (; !ended() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_, ++count) {
      if (count == 6) return false;
      microseconds = microseconds * 10 + (text_[at_] - '0');
    }
    for (int i = count; i < 6; ++i) microseconds *= 10;
    return count > 0;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

int days_of(int year, int month) {
  static constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

bool take_date(Text& text, Date& date) {
  int year = 0, month = 0, day = 0;
  if (!text.digits(4, 1, 9999, year) || !text.take('-') || !text.digits(2, 1, 12, month) ||
      !text.take('-') || !text.digits(2, 1, days_of(year, month), day)) {
    return false;
  }
  date = {year, static_cast<std::uint8_t>(month), static_cast<std::uint8_t>(day)};
  return true;
}

bool take_offset(Text& text, TimeZone& zone) {
  if (text.ended()) return true;
  if (text.take('Z')) {
    zone.offset_us = 0;
    return true;
  }
  const bool west = text.take('-');
  if (!west && !text.take('+')) return false;
  int hours = 0, minutes = 0, seconds = 0;
  if (!text.digits(2, 0, 23, hours) || !text.take(':') || !text.digits(2, 0, 59, minutes)) {
    return false;
  }
  if (text.take(':') && !text.digits(2, 0, 59, seconds)) return false;
  const std::int64_t total = (hours * 3600 + minutes * 60 + seconds) * std::int64_t{1'000'000};
  zone.offset_us = west ? -total : total;
  return true;
}

bool take_time(Text& text, Time& time) {
  int hour = 0, minute = 0, second = 0, microsecond = 0;
  if (!text.digits(2, 0, 23, hour) || !text.take(':') || !text.digits(2, 0, 59, minute) ||
      !text.take(':') || !text.digits(2, 0, 59, second)) {
    return false;
  }
  if (text.take('.') && !text.fraction(microsecond)) return false;
  time.hour = static_cast<std::uint8_t>(hour);
  time.minute = static_cast<std::uint8_t>(minute);
  time.second = static_cast<std::uint8_t>(second);
  time.microsecond = static_cast<std::uint32_t>(microsecond);
  return take_offset(text, time.zone);
}

}  // namespace

Value read_date(const Node& node) {
  Text text(node.text());
  Date date;
  if (!take_date(text, date) || !text.ended()) node.fail_expected("YYYY-MM-DD");
  return date;
}

Value read_time(const Node& node) {
  Text text(node.text());
  Time time;
  if (!take_time(text, time) || !text.ended()) node.fail_expected("HH:MM:SS[.ffffff][+HH:MM]");
  return time;
}

Value read_datetime(const Node& node) {
  Text text(node.text());
  DateTime both;
  if (!take_date(text, both.date) || !text.take('T') || !take_time(text, both.time) ||
      !text.ended()) {
    node.fail_expected("YYYY-MM-DDTHH:MM:SS[.ffffff][+HH:MM]");
  }
  return both;
}

Value read_timedelta(const Node& node) {
  node.only({"days", "seconds", "microseconds"});
  TimeDelta delta;
  const auto part = [&](const char* name, std::int64_t min, std::int64_t max) {
    return static_cast<std::int32_t>(node.has(name) ? node[name].integer(min, max) : 0);
  };
  delta.days = part("days", -999'999'999, 999'999'999);
  delta.seconds = part("seconds", 0, 86'399);
  delta.microseconds = part("microseconds", 0, 999'999);
  return delta;
}

}  // namespace djcache::conformance
