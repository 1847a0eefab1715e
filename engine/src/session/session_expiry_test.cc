// When a session ends: the rules of SessionBase, with a fixed clock.
#include <djcache/session_data.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace djcache {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year;
using TimePoint = std::chrono::system_clock::time_point;

const TimePoint noon = TimePoint(sys_days(year(2026) / 11 / 25)) + 12h + 250ms;

Session at_noon(SessionOptions options = {}) {
  options.now = [] { return noon; };
  return Session(std::move(options));
}

DateTime utc(int hour, int minute = 0) {
  DateTime at{.date = {2026, 11, 25}};
  at.time.hour = static_cast<std::uint8_t>(hour);
  at.time.minute = static_cast<std::uint8_t>(minute);
  at.time.zone.offset_us = 0;
  return at;
}

std::int64_t age(const Session& session, const ExpiryArguments& arguments = {}) {
  const auto result = session.get_expiry_age(arguments);
  EXPECT_TRUE(result.ok()) << to_string(result.error());
  return result.ok() ? *result : -1;
}

TEST(Expiry, IsTheCookieAgeByDefault) {
  EXPECT_EQ(age(at_noon()), 1'209'600);
  EXPECT_EQ(age(at_noon({.cookie_age = 60s})), 60);
  EXPECT_EQ(*at_noon().get_expiry_date(),
            std::chrono::floor<std::chrono::microseconds>(noon) + 336h);
  EXPECT_FALSE(at_noon().get_expire_at_browser_close());
  EXPECT_TRUE(at_noon({.expire_at_browser_close = true}).get_expire_at_browser_close());
}

TEST(Expiry, OfSecondsCountsFromNow) {
  Session session = at_noon({.expire_at_browser_close = true});
  session.set_expiry(300);
  EXPECT_EQ(*session.get("_session_expiry"), Value(300));
  EXPECT_EQ(age(session), 300);
  EXPECT_EQ(*session.get_expiry_date(), std::chrono::floor<std::chrono::microseconds>(noon) + 300s);
  EXPECT_FALSE(session.get_expire_at_browser_close());
  session.set_expiry(5min);
  EXPECT_EQ(age(session), 300);
}

TEST(Expiry, OfZeroIsTheEndOfTheBrowserAndTheCookieAge) {
  Session session = at_noon();
  session.set_expiry(0);
  EXPECT_TRUE(session.get_expire_at_browser_close());
  EXPECT_EQ(age(session), 1'209'600);
}

TEST(Expiry, OfNoneGoesBackToTheSettings) {
  Session session = at_noon();
  session.set_expiry(std::nullopt);
  EXPECT_FALSE(session.modified());
  session.set_expiry(0);
  session.set_modified(false);
  session.set_expiry(std::nullopt);
  EXPECT_TRUE(session.modified());
  EXPECT_FALSE(session.contains("_session_expiry"));
  EXPECT_FALSE(session.get_expire_at_browser_close());
}

TEST(Expiry, OfADateIsStoredAsIsoText) {
  Session session = at_noon();
  ASSERT_TRUE(session.set_expiry(utc(13, 30)).ok());
  EXPECT_EQ(*session.get("_session_expiry"), Value("2026-11-25T13:30:00+00:00"));
  EXPECT_EQ(age(session), 5399);  // Python's timedelta cuts off the fraction
  EXPECT_FALSE(session.get_expire_at_browser_close());
}

TEST(Expiry, OfADateThatHasPassedIsNegative) {
  Session session = at_noon();
  ASSERT_TRUE(session.set_expiry(utc(11)).ok());
  EXPECT_EQ(age(session), -3601);  // rounded down, as Python does
}

TEST(Expiry, OfADateInAnotherZoneIsTheSameInstant) {
  Session session = at_noon();
  DateTime at = utc(14);
  at.time.zone.offset_us = 3'600'000'000;
  ASSERT_TRUE(session.set_expiry(at).ok());
  EXPECT_EQ(*session.get("_session_expiry"), Value("2026-11-25T14:00:00+01:00"));
  EXPECT_EQ(age(session), 3599);
}

TEST(Expiry, OfATimedeltaBecomesADate) {
  Session session = at_noon();
  ASSERT_TRUE(session.set_expiry(TimeDelta{.days = 1}).ok());
  EXPECT_EQ(*session.get("_session_expiry"), Value("2026-11-26T12:00:00.250000+00:00"));
  EXPECT_EQ(age(session), 86'400);
}

TEST(Expiry, OfATimedeltaIsLocalTimeWhereTheProjectHasNoZones) {
  Session session = at_noon({.naive_offset = 2h});
  ASSERT_TRUE(session.set_expiry(TimeDelta{.seconds = 60}).ok());
  EXPECT_EQ(*session.get("_session_expiry"), Value("2026-11-25T14:01:00.250000"));
  EXPECT_EQ(age(session), 60);
}

TEST(Expiry, ReadsADatetimeOfDjangoBefore41) {
  Session session = at_noon();
  session.set("_session_expiry", utc(13));
  EXPECT_EQ(age(session), 3599);
}

TEST(Expiry, OfANaiveDateNeedsTheOffset) {
  Session session = at_noon();
  DateTime naive = utc(13);
  naive.time.zone = {};
  const auto refused = session.set_expiry(naive);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_FALSE(session.modified());
  session.set("_session_expiry", "2026-11-25T13:00:00");
  const auto unknown = session.get_expiry_age();
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, Errc::decode_failed);
  EXPECT_THAT(unknown.error().detail, testing::HasSubstr("naive"));
}

TEST(Expiry, TakesItsArgumentsAsDjangoDoes) {
  Session session = at_noon();
  session.set_expiry(300);
  EXPECT_EQ(age(session, {.expiry = Value()}), 1'209'600);
  EXPECT_EQ(age(session, {.expiry = Value(7)}), 7);
  ASSERT_TRUE(session.set_expiry(utc(13)).ok());
  EXPECT_EQ(age(session, {.modification = noon - 1h}), 7199);
}

TEST(Expiry, OfAnotherNumberIsWhatPythonMakesOfIt) {
  Session session = at_noon();
  session.set("_session_expiry", 2.9);
  EXPECT_EQ(age(session), 2);
  session.set("_session_expiry", true);
  EXPECT_EQ(age(session), 1);
  session.set("_session_expiry", -5);
  EXPECT_EQ(age(session), -5);
  session.set("_session_expiry", 0.0);
  EXPECT_EQ(age(session), 1'209'600);
  EXPECT_TRUE(session.get_expire_at_browser_close());
  session.set("_session_expiry", "");
  EXPECT_EQ(age(session), 1'209'600);
  EXPECT_FALSE(session.get_expire_at_browser_close());
}

TEST(Expiry, OfSomethingElseIsAnErrorThatSaysWhat) {
  Session session = at_noon();
  for (const Value& wrong : {Value("tomorrow"), Value::list({1}), Value(TimeDelta{.days = 1}),
                             *Value::integer("99999999999999999999")}) {
    session.set("_session_expiry", wrong);
    for (const Error& error :
         {session.get_expiry_age().error(), session.get_expiry_date().error()}) {
      EXPECT_EQ(error.code, Errc::decode_failed);
      EXPECT_THAT(error.detail, testing::HasSubstr("_session_expiry"));
    }
  }
}

TEST(Expiry, PastTheYear9999HasNoDate) {
  Session session = at_noon();
  for (const std::int64_t far : {INT64_MAX, INT64_MIN, std::int64_t{300'000'000'000}}) {
    session.set_expiry(far);
    EXPECT_EQ(age(session), far);
    EXPECT_FALSE(session.get_expiry_date().ok()) << far;
  }
  EXPECT_FALSE(session.set_expiry(TimeDelta{.days = 999'999'999}).ok());
}

}  // namespace
}  // namespace djcache
