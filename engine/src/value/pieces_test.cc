// The small parts: UTF-8, calendar, error names.
#include <djcache/error.h>

#include <gtest/gtest.h>

#include "value/calendar.h"
#include "value/utf8.h"

namespace djcache::value {
namespace {

TEST(Utf8, ValidTextHasNoError) {
  for (const std::string text : {"", "a", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000",
                                 "\uffff", "\U00010000", "\U0010ffff"}) {
    for (const std::size_t before : {0, 1, 7, 8, 31, 32, 33, 100, 511, 512, 600, 1500}) {
      const std::string whole = std::string(before, 'x') + text + "yy";
      EXPECT_EQ(utf8_error(whole), whole.size());
    }
  }
}

TEST(Utf8, TheFirstBadByteIsFound) {
  const std::string bad[] = {"\x80",
                             "\xbf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xc2",
                             "\xc2x",
                             "\xe0\x80\x80",
                             "\xe0\x9f\xbf",
                             "\xed\xa0\x80",
                             "\xed\xbf\xbf",
                             "\xe1\x80",
                             "\xe1\x80x",
                             "\xf0\x80\x80\x80",
                             "\xf0\x8f\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xf1\x80\x80",
                             "\xff",
                             "\xfe"};
  for (const std::string& text : bad) {
    for (const std::size_t before : {0, 1, 7, 8, 31, 32, 33, 100, 450, 511, 512, 600, 1500}) {
      EXPECT_EQ(utf8_error(std::string(before, 'x') + text), before);
      EXPECT_EQ(utf8_error(std::string(before, 'x') + text + "and more, so that blocks are full"),
                before);
      EXPECT_EQ(utf8_error(std::string(before, 'x') + text + std::string(600, 'y')), before);
      EXPECT_EQ(utf8_error(std::string(before, 'x') + "\u00e9" + text), before + 2);
    }
  }
}

std::string encoded(char32_t code) {
  const auto tail = [code](int shift) {
    return static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  std::string text;
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
    return text;
  }
  if (code < 0x800) {
    text.push_back(static_cast<char>(0xc0 | (code >> 6)));
  } else {
    if (code < 0x10000) {
      text.push_back(static_cast<char>(0xe0 | (code >> 12)));
    } else {
      text.push_back(static_cast<char>(0xf0 | (code >> 18)));
      text.push_back(tail(12));
    }
    text.push_back(tail(6));
  }
  text.push_back(tail(0));
  return text;
}

TEST(Utf8, EveryCodePointRoundTrips) {
  for (char32_t code = 0; code <= 0x110000; ++code) {
    const std::string text = encoded(code);
    const bool valid = (code < 0xd800 || code > 0xdfff) && code <= 0x10ffff;
    char32_t read = 0;
    const std::size_t size = utf8_next(text, read);
    ASSERT_EQ(size, valid ? text.size() : 0) << std::hex << static_cast<unsigned>(code);
    if (valid) {
      ASSERT_EQ(read, code);
    }
  }
}

TEST(Calendar, KnowsTheDaysOfTheMonths) {
  EXPECT_TRUE(is_valid(Date{1, 1, 1}));
  EXPECT_TRUE(is_valid(Date{9999, 12, 31}));
  EXPECT_TRUE(is_valid(Date{2024, 2, 29}));
  EXPECT_TRUE(is_valid(Date{2000, 2, 29}));
  for (const Date& date :
       {Date{0, 1, 1}, Date{10000, 1, 1}, Date{2023, 2, 29}, Date{1900, 2, 29}, Date{2024, 4, 31},
        Date{2024, 0, 1}, Date{2024, 13, 1}, Date{2024, 1, 0}, Date{2024, 1, 32}, Date{-1, 1, 1}}) {
    EXPECT_FALSE(is_valid(date)) << to_string(Value(date));
  }
}

TEST(Calendar, KnowsTheRangesOfTimes) {
  EXPECT_TRUE(is_valid(Time{23, 59, 59, 1, 999'999, {}}));
  for (const Time& time :
       {Time{24, 0, 0, 0, 0, {}}, Time{0, 60, 0, 0, 0, {}}, Time{0, 0, 60, 0, 0, {}},
        Time{0, 0, 0, 2, 0, {}}, Time{0, 0, 0, 0, 1'000'000, {}},
        Time{0, 0, 0, 0, 0, {86'400'000'000, ""}}, Time{0, 0, 0, 0, 0, {{}, "\xff"}}}) {
    EXPECT_FALSE(is_valid(time)) << to_string(Value(time));
  }
  EXPECT_TRUE(is_valid(TimeZone{-86'399'999'999, ""}));
  EXPECT_FALSE(is_valid(TimeZone{-86'400'000'000, ""}));
}

TEST(Calendar, KnowsTheNormalFormOfDurations) {
  EXPECT_TRUE(is_valid(TimeDelta{999'999'999, 86'399, 999'999}));
  EXPECT_TRUE(is_valid(TimeDelta{-999'999'999, 0, 0}));
  for (const TimeDelta& delta :
       {TimeDelta{1'000'000'000, 0, 0}, TimeDelta{-1'000'000'000, 0, 0}, TimeDelta{0, -1, 0},
        TimeDelta{0, 86'400, 0}, TimeDelta{0, 0, -1}, TimeDelta{0, 0, 1'000'000}}) {
    EXPECT_FALSE(is_valid(delta)) << to_string(Value(delta));
  }
}

TEST(Calendar, ReadsUnixTimes) {
  const auto text = [](std::int64_t seconds, std::uint32_t nanoseconds) {
    DateTime datetime;
    return from_unix_time(seconds, nanoseconds, datetime) ? to_string(Value(datetime)) : "none";
  };
  EXPECT_EQ(text(0, 0), "datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(text(-1, 1999),
            "datetime.datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(text(1709211907, 0),
            "datetime.datetime(2024, 2, 29, 13, 5, 7, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(text(-62'135'596'800, 0),
            "datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(text(-62'135'596'801, 0), "none");
  EXPECT_EQ(text(253'402'300'799, 0),
            "datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc)");
  EXPECT_EQ(text(253'402'300'800, 0), "none");
  EXPECT_EQ(text(INT64_MIN, 0), "none");
}

TEST(ErrorText, NamesTheCodeAndTheDetail) {
  EXPECT_EQ(to_string(Errc::key_not_found), "key_not_found");
  EXPECT_EQ(to_string(Error{Errc::key_not_found, "Key ':1:visits' not found"}),
            "key_not_found: Key ':1:visits' not found");
  EXPECT_EQ(to_string(Error{Errc::timeout, ""}), "timeout");
}

TEST(ErrorText, EveryCodeHasItsOwnName) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Errc::session_gone); ++i) {
    names.push_back(to_string(static_cast<Errc>(i)));
    EXPECT_NE(names.back(), "unknown error code");
    EXPECT_EQ(std::count(names.begin(), names.end(), names.back()), 1) << names.back();
  }
  EXPECT_EQ(to_string(static_cast<Errc>(200)), "unknown error code");
}

}  // namespace
}  // namespace djcache::value
