/// @file
/// Value::as<T>(): conversion of a Value to a C++ type, checked. Included by value.h.
#pragma once

#include <djcache/export.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <djcache/value.h>

namespace djcache {
namespace detail {

template <class T>
struct ValueAs {
  static constexpr bool has_reader = requires(const Value& value, T& into) {
    { djcache_read(value, into) } -> std::same_as<bool>;
  };
  static_assert(has_reader,
                "Value::as<T>() does not know this type: it needs bool djcache_read(const "
                "djcache::Value&, T&) in its namespace. Views would dangle: use as_string().");
  static std::optional<T> from(const Value& value) {
    std::optional<T> read(std::in_place);
    if (!djcache_read(value, *read)) read.reset();
    return read;
  }
};

template <>
struct ValueAs<Value> {
  static std::optional<Value> from(const Value& value) { return value; }
};

template <>
struct ValueAs<bool> {
  static std::optional<bool> from(const Value& value) { return value.as_bool(); }
};

template <std::integral T>
struct ValueAs<T> {
  static std::optional<T> from(const Value& value) {
    if (const auto number = value.as_int()) {
      if (!std::in_range<Plain>(*number)) return std::nullopt;
      return static_cast<T>(*number);
    }
    if (!value.is(Kind::big_integer)) return std::nullopt;
    Plain number{};
    const std::string_view text = value.text();
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<T>(number);
  }

 private:
  // in_range and from_chars reject the character types; these are the integers of the same width.
  static auto plain() {
    if constexpr (std::is_signed_v<T>) {
      if constexpr (sizeof(T) == 1) return std::int8_t{};
      if constexpr (sizeof(T) == 2) return std::int16_t{};
      if constexpr (sizeof(T) == 4) return std::int32_t{};
      if constexpr (sizeof(T) == 8) return std::int64_t{};
    } else {
      if constexpr (sizeof(T) == 1) return std::uint8_t{};
      if constexpr (sizeof(T) == 2) return std::uint16_t{};
      if constexpr (sizeof(T) == 4) return std::uint32_t{};
      if constexpr (sizeof(T) == 8) return std::uint64_t{};
    }
  }
  using Plain = decltype(plain());
};

template <std::floating_point T>
struct ValueAs<T> {
  static std::optional<T> from(const Value& value) {
    if (const auto number = value.as_int()) return static_cast<T>(*number);
    const auto number = value.as_double();
    if (!number) return std::nullopt;
    if (std::isfinite(*number) && std::abs(*number) > std::numeric_limits<T>::max()) {
      return std::nullopt;
    }
    return static_cast<T>(*number);
  }
};

template <>
struct ValueAs<std::string> {
  static std::optional<std::string> from(const Value& value) {
    if (!value.is(Kind::string) && !value.is(Kind::bytes)) return std::nullopt;
    return std::string(value.text());
  }
};

template <class T>
struct ValueAs<std::optional<T>> {
  static std::optional<std::optional<T>> from(const Value& value) {
    if (value.is_nil()) return std::optional<std::optional<T>>(std::in_place);
    if (auto inner = ValueAs<T>::from(value)) return std::optional<T>(std::move(*inner));
    return std::nullopt;
  }
};

template <class T>
struct ValueAs<std::vector<T>> {
  static std::optional<std::vector<T>> from(const Value& value) {
    const Value::List* items = value.as_sequence();
    if (!items) return std::nullopt;
    std::vector<T> all;
    all.reserve(items->size());
    for (const Value& item : *items) {
      auto one = ValueAs<T>::from(item);
      if (!one) return std::nullopt;
      all.push_back(std::move(*one));
    }
    return all;
  }
};

template <class T>
struct ValueAs<std::vector<std::pair<std::string, T>>> {
  using Pairs = std::vector<std::pair<std::string, T>>;
  static std::optional<Pairs> from(const Value& value) {
    const Value::Items* items = value.as_dict();
    if (!items) return std::nullopt;
    Pairs all;
    all.reserve(items->size());
    for (const auto& [key, item] : *items) {
      auto name = ValueAs<std::string>::from(key);
      auto one = ValueAs<T>::from(item);
      if (!name || !one) return std::nullopt;
      all.emplace_back(std::move(*name), std::move(*one));
    }
    return all;
  }
};

template <MapOfText M>
struct ValueAs<M> {
  static std::optional<M> from(const Value& value) {
    using Key = typename M::key_type;
    const Value::Items* items = value.as_dict();
    if (!items) return std::nullopt;
    M all;
    for (const auto& [key, item] : *items) {
      auto name = ValueAs<Key>::from(key);
      auto one = ValueAs<typename M::mapped_type>::from(item);
      if (!name || !one) return std::nullopt;
      all.insert_or_assign(std::move(*name), std::move(*one));
    }
    return all;
  }
};

// Whole numbers of ticks only.
template <std::integral Rep, class Period>
struct ValueAs<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static std::optional<Duration> from(const Value& value) {
    const TimeDelta* delta = value.as_timedelta();
    return delta ? from(*delta) : std::nullopt;
  }
  static std::optional<Duration> from(const TimeDelta& delta) {
    // Seconds and fractions separately: microseconds of all possible days do not fit into 64 bits.
    constexpr std::int64_t tick_seconds = Period::num, per_second = Period::den,
                           million = 1'000'000;
    static_assert(tick_seconds == 1 || per_second == 1, "ticks of whole seconds or parts of one");
    const std::int64_t seconds = std::int64_t{delta.days} * 86'400 + delta.seconds;
    const std::int64_t parts = delta.microseconds * (per_second / std::gcd(per_second, million));
    constexpr std::int64_t parts_per_tick = million / std::gcd(per_second, million);
    if (seconds % tick_seconds != 0 || parts % parts_per_tick != 0) return std::nullopt;
    if (std::abs(seconds) > INT64_MAX / per_second - 1) return std::nullopt;
    const std::int64_t ticks = seconds / tick_seconds * per_second + parts / parts_per_tick;
    if (!std::in_range<Rep>(ticks)) return std::nullopt;
    return Duration(static_cast<Rep>(ticks));
  }
};

template <class Duration>
struct ValueAs<std::chrono::sys_time<Duration>> {
  static std::optional<std::chrono::sys_time<Duration>> from(const Value& value) {
    using namespace std::chrono;
    const DateTime* at = value.as_datetime();
    if (!at || !at->time.zone.offset_us) return std::nullopt;
    const sys_days day = year(at->date.year) / at->date.month / at->date.day;
    const auto time = hours(at->time.hour) + minutes(at->time.minute) + seconds(at->time.second) +
                      microseconds(at->time.microsecond - *at->time.zone.offset_us);
    const TimeDelta since_epoch = to_timedelta(day.time_since_epoch() + time);
    const auto duration = ValueAs<Duration>::from(since_epoch);
    if (!duration) return std::nullopt;
    return sys_time<Duration>(*duration);
  }
};

// The structs: a copy of what the as_...() function returns.
template <class T, const T* (Value::*look)() const noexcept>
struct ValueAsCopy {
  static std::optional<T> from(const Value& value) {
    const T* found = (value.*look)();
    return found ? std::optional<T>(*found) : std::nullopt;
  }
};
template <>
struct ValueAs<Date> : ValueAsCopy<Date, &Value::as_date> {};
template <>
struct ValueAs<Time> : ValueAsCopy<Time, &Value::as_time> {};
template <>
struct ValueAs<DateTime> : ValueAsCopy<DateTime, &Value::as_datetime> {};
template <>
struct ValueAs<TimeDelta> : ValueAsCopy<TimeDelta, &Value::as_timedelta> {};
template <>
struct ValueAs<Uuid> : ValueAsCopy<Uuid, &Value::as_uuid> {};

}  // namespace detail

template <class T>
std::optional<T> Value::as() const {
  return detail::ValueAs<T>::from(*this);
}

}  // namespace djcache
