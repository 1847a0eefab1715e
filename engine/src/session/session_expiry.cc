// When a session ends: '_session_expiry', which is None, seconds, or a date.
//
// Pure. Source: django/contrib/sessions/backends/base.py (get_expiry_age, get_expiry_date,
// set_expiry, get_expire_at_browser_close).
#include <djcache/session_data.h>

#include <cmath>
#include <variant>

#include "session/iso_datetime.h"

namespace djcache {

using session::Instant;
using std::chrono::microseconds;
using std::chrono::seconds;

namespace {

constexpr std::string_view expiry_name = "_session_expiry";

Error unusable(const Value& expiry, std::string_view why) {
  return {Errc::decode_failed, "the session's '_session_expiry' is a " +
                                   std::string(to_string(expiry.kind())) + ": " + std::string(why)};
}

// Python's int(value), for values that are numbers there.
std::optional<std::int64_t> whole_seconds(const Value& value) {
  if (const auto number = value.as_int()) return number;
  if (const auto flag = value.as_bool()) return *flag ? 1 : 0;
  const auto real = value.as_double();
  if (real && std::abs(*real) < 9.2e18) return static_cast<std::int64_t>(*real);
  return std::nullopt;
}

bool is_false(const Value& value) {
  if (const auto real = value.as_double()) return *real == 0;
  return value.is_nil() || whole_seconds(value) == 0 || value.as_string() == "";
}

// Seconds of inactivity, or a date.
using Expiry = std::variant<std::int64_t, Instant>;

Result<Expiry> read(const Value& expiry, const SessionOptions& options) {
  if (is_false(expiry)) return Expiry(std::int64_t{options.cookie_age.count()});
  if (const auto number = whole_seconds(expiry)) return Expiry(*number);
  std::optional<DateTime> date;
  if (const auto text = expiry.as_string()) {
    date = session::parse_iso(*text);
  } else if (const DateTime* given = expiry.as_datetime()) {
    date = *given;
  }
  if (!date) return unusable(expiry, "expected None, a number of seconds, or a date in ISO 8601");
  if (const auto at = session::instant_of(*date, options.naive_offset)) return Expiry(*at);
  return unusable(expiry, session::is_naive(date->time.zone)
                              ? "a naive date, which has no meaning without naive_offset"
                              : "a date whose offset from UTC is not known");
}

Error not_a_date(std::string_view why) {
  return {Errc::invalid_argument, "set_expiry: " + std::string(why)};
}

}  // namespace

Instant Session::now() const {
  return std::chrono::floor<microseconds>(options_.now ? options_.now()
                                                       : std::chrono::system_clock::now());
}

Result<std::int64_t> Session::get_expiry_age(const ExpiryArguments& arguments) const {
  const Result<Expiry> read_expiry =
      read(arguments.expiry ? *arguments.expiry : get(expiry_name, Value()), options_);
  if (!read_expiry.ok()) return read_expiry.error();
  if (const auto* number = std::get_if<std::int64_t>(&*read_expiry)) return *number;
  const Instant modification =
      arguments.modification ? std::chrono::floor<microseconds>(*arguments.modification) : now();
  const auto left = std::get<Instant>(*read_expiry) - modification;
  return std::int64_t{std::chrono::floor<seconds>(left).count()};
}

Result<Instant> Session::get_expiry_date(const ExpiryArguments& arguments) const {
  const Value expiry = arguments.expiry ? *arguments.expiry : get(expiry_name, Value());
  const Result<Expiry> read_expiry = read(expiry, options_);
  if (!read_expiry.ok()) return read_expiry.error();
  if (const auto* at = std::get_if<Instant>(&*read_expiry)) return *at;
  const std::int64_t number = std::get<std::int64_t>(*read_expiry);
  constexpr std::int64_t ten_thousand_years = 400'000'000'000;
  const Instant from =
      arguments.modification ? std::chrono::floor<microseconds>(*arguments.modification) : now();
  if (number > -ten_thousand_years && number < ten_thousand_years) {
    const Instant at = from + seconds(number);
    if (session::has_date(at)) return at;
  }
  return unusable(expiry, "no date of the years 1 to 9999 comes of it");
}

bool Session::get_expire_at_browser_close() const {
  const Value* expiry = get(expiry_name);
  if (expiry == nullptr || expiry->is_nil()) return options_.expire_at_browser_close;
  const auto real = expiry->as_double();
  return real ? *real == 0 : whole_seconds(*expiry) == 0;
}

void Session::set_expiry(std::int64_t number) { set(expiry_name, number); }

void Session::set_expiry(std::nullopt_t) { erase(expiry_name); }

Result<void> Session::set_expiry(const DateTime& at) {
  if (!session::instant_of(at, options_.naive_offset)) {
    return not_a_date(session::is_naive(at.time.zone)
                          ? "a naive date needs SessionOptions::naive_offset"
                          : "no date of the calendar, or its offset from UTC is not known");
  }
  set(expiry_name, *session::to_iso(at));
  return {};
}

Result<void> Session::set_expiry(const TimeDelta& from_now) {
  // more than 9999 years; its microseconds fit into 64 bits
  constexpr std::int32_t days_max = 4'000'000;
  if (from_now.days > days_max || from_now.days < -days_max) {
    return not_a_date("the date is outside of the years 1 to 9999");
  }
  const microseconds life = std::chrono::days(from_now.days) + seconds(from_now.seconds) +
                            microseconds(from_now.microseconds);
  const Instant local = now() + life + options_.naive_offset.value_or(seconds(0));
  std::optional<DateTime> at = session::naive_utc(local);
  if (!at) return not_a_date("the date is outside of the years 1 to 9999");
  if (!options_.naive_offset) at->time.zone.offset_us = 0;
  set(expiry_name, *session::to_iso(*at));
  return {};
}

}  // namespace djcache
