// Texts are what Python 3.11's datetime.isoformat() writes.
#include "session/iso_datetime.h"

#include <gtest/gtest.h>

namespace djcache::session {
namespace {

constexpr const char* written[] = {
    "2026-11-25T12:00:00",
    "2026-11-25T12:00:00+00:00",
    "2024-02-29T23:59:59.000001+05:45",
    "0001-01-01T00:00:00.500000-09:30",
    "9999-12-31T23:59:59.999999+00:19:32",
    "2026-01-01T00:00:00-00:00:00.000001",
};

TEST(IsoDatetime, WhatPythonWritesComesBackTheSame) {
  for (const char* text : written) {
    const auto at = parse_iso(text);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(to_iso(*at), text);
  }
}

TEST(IsoDatetime, ReadsTheOtherFormsOfTheSameThing) {
  EXPECT_EQ(parse_iso("2026-11-25 12:00"), parse_iso("2026-11-25T12:00:00"));
  EXPECT_EQ(parse_iso("2026-11-25T12:00:00Z"), parse_iso("2026-11-25T12:00:00+00:00"));
  EXPECT_EQ(parse_iso("2026-11-25T12:00:00.250"), parse_iso("2026-11-25T12:00:00.250000"));
  EXPECT_EQ(parse_iso("2026-11-25"), parse_iso("2026-11-25T00:00:00"));
}

TEST(IsoDatetime, RefusesWhatIsNoDate) {
  for (const char* text :
       {"", "2026", "2026-13-01", "2026-02-29", "2026-00-01", "0000-01-01", "2026-11-25T",
        "2026-11-25T24:00:00", "2026-11-25T12:60:00", "2026-11-25T12:00:60",
        "2026-11-25T12:00:00.1", "2026-11-25T12:00:00.1234567", "2026-11-25T12:00:00+1",
        "2026-11-25T12:00:00+24:00", "2026-11-25T12:00:00+00:00x", "20261125T120000", "2026-W48-3",
        " 2026-11-25", "tomorrow"}) {
    EXPECT_FALSE(parse_iso(text)) << text;
  }
}

TEST(IsoDatetime, EveryPrefixOfADateIsReadOrRefused) {
  const std::string_view text = written[2];
  for (std::size_t size = 0; size <= text.size(); ++size) (void)parse_iso(text.substr(0, size));
}

TEST(IsoDatetime, InstantsAreCountedFromTheEpoch) {
  const auto us = [](const char* text) {
    return instant_of(*parse_iso(text), {})->time_since_epoch().count();
  };
  EXPECT_EQ(us("1970-01-01T00:00:00+00:00"), 0);
  EXPECT_EQ(us("1970-01-01T00:00:00.000001-01:00"), 3'600'000'001);
  EXPECT_EQ(us("1969-12-31T23:59:59+00:00"), -1'000'000);
  EXPECT_EQ(us("2026-11-25T12:00:00+00:00"), 1'795'608'000'000'000);
}

TEST(IsoDatetime, ANaiveDateIsAnInstantOnlyWithAnOffset) {
  const DateTime naive = *parse_iso("1970-01-01T02:00:00");
  EXPECT_FALSE(instant_of(naive, {}));
  EXPECT_EQ(instant_of(naive, std::chrono::hours(2))->time_since_epoch().count(), 0);
}

TEST(IsoDatetime, ANamedZoneNeedsItsOffset) {
  DateTime at = *parse_iso("1970-01-01T00:00:00");
  at.time.zone.name = "Europe/Paris";
  EXPECT_FALSE(instant_of(at, std::chrono::hours(1)));
  EXPECT_FALSE(to_iso(at));
  at.time.zone.name = "UTC";
  EXPECT_EQ(to_iso(at), "1970-01-01T00:00:00+00:00");
}

TEST(IsoDatetime, RefusesToWriteWhatIsNoDate) {
  DateTime at = *parse_iso("2026-11-25T12:00:00");
  at.date.month = 13;
  EXPECT_FALSE(to_iso(at));
  EXPECT_FALSE(instant_of(at, std::chrono::seconds(0)));
  at = *parse_iso("2026-11-25T12:00:00");
  at.time.hour = 24;
  EXPECT_FALSE(to_iso(at));
}

TEST(IsoDatetime, AnInstantHasItsDate) {
  for (const char* text : written) {
    const auto at = instant_of(*parse_iso(text), std::chrono::seconds(0));
    ASSERT_TRUE(at) << text;
    if (!has_date(*at)) continue;
    EXPECT_EQ(instant_of(*naive_utc(*at), std::chrono::seconds(0)), at) << text;
  }
}

}  // namespace
}  // namespace djcache::session
