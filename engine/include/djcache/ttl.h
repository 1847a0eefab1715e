/// @file
/// Ttl: the life of a key, Django's `timeout` argument.
#pragma once

#include <djcache/export.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace djcache {

/// The type of `forever`.
struct Forever {
  friend bool operator==(Forever, Forever) = default;
};
/// "Never expires": Django's `timeout=None`.
inline constexpr Forever forever{};

/// How long an entry lives: omitted (the alias' TIMEOUT applies), `forever` (None), or a duration.
///
/// Constructed from any std::chrono duration: `.ttl = 60s` with
/// `using namespace std::chrono_literals`, or `.ttl = std::chrono::minutes(5)`. Zero and negative
/// durations mean "absent at once". Durations are kept in milliseconds; out-of-range values
/// saturate. NaN and infinity are refused by the operation that receives them (`invalid_argument`),
/// as by Django's `int()`. The redis backend truncates to whole seconds, so 900 ms is 0 there; the
/// memory backend keeps milliseconds. Source: django/core/cache/backends/redis.py,
/// get_backend_timeout.
class Ttl {
 public:
  /// Omitted.
  constexpr Ttl() = default;
  /// Never expires.
  constexpr Ttl(Forever) : state_(State::endless) {}
  /// Expires after `life`.
  template <class Rep, class Period>
  constexpr Ttl(std::chrono::duration<Rep, Period> life)
      : state_(is_finite(life) ? State::duration : State::no_number),
        milliseconds_(is_finite(life) ? clamp(life) : 0) {}
  /// Rejects a number without a unit at compile time, with a message.
  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr Ttl(Number) {
    static_assert(!std::is_arithmetic_v<Number>,
                  "a ttl needs a unit: write 60s (using namespace std::chrono_literals) or "
                  "std::chrono::seconds(60)");
  }

  /// Whether the alias' TIMEOUT applies.
  constexpr bool omitted() const { return state_ == State::omitted; }
  /// Whether the entry never expires.
  constexpr bool is_forever() const { return state_ == State::endless; }
  /// False for NaN and infinity.
  constexpr bool is_valid() const { return state_ != State::no_number; }
  /// The duration. REQUIRES: is_valid(), neither omitted() nor is_forever().
  constexpr std::int64_t milliseconds() const { return milliseconds_; }

  friend constexpr bool operator==(const Ttl&, const Ttl&) = default;

 private:
  enum class State : std::uint8_t { omitted, endless, duration, no_number };

  template <class Rep, class Period>
  static constexpr bool is_finite(std::chrono::duration<Rep, Period> life) {
    if constexpr (std::is_floating_point_v<Rep>) {
      constexpr Rep max = std::numeric_limits<Rep>::max();
      return life.count() >= -max && life.count() <= max;
    }
    return true;
  }

  template <class Rep, class Period>
  static constexpr std::int64_t clamp(std::chrono::duration<Rep, Period> life) {
    using Wide = std::chrono::duration<long double, std::milli>;
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    const long double wide = std::chrono::duration_cast<Wide>(life).count();
    if (wide >= static_cast<long double>(max)) return max;
    if (!(wide > -static_cast<long double>(max))) return -max;
    return static_cast<std::int64_t>(wide);
  }

  State state_ = State::omitted;
  std::int64_t milliseconds_ = 0;
};

}  // namespace djcache
