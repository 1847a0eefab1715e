// Results compared with what a test expects, and printed when they differ:
//   EXPECT_EQ(verbs.get("a"), 1);        EXPECT_EQ(verbs.get("b"), miss);
//   EXPECT_EQ(verbs.set("a", 1), worked); EXPECT_EQ(verbs.incr("b"), Errc::key_not_found);
#pragma once

#include <djcache/cache.h>
#include <djcache/disconnect.h>
#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace djcache {

struct Miss {};
inline constexpr Miss miss;
struct Worked {};
inline constexpr Worked worked;

inline void PrintTo(Errc code, std::ostream* out) { *out << to_string(code); }
inline void PrintTo(const Error& error, std::ostream* out) { *out << to_string(error); }
inline void PrintTo(const Value& value, std::ostream* out) { *out << to_string(value, 200); }
inline void PrintTo(Miss, std::ostream* out) { *out << "a miss"; }
inline void PrintTo(Worked, std::ostream* out) { *out << "worked"; }

template <class T>
void PrintTo(const Result<T>& result, std::ostream* out) {
  if (!result.ok()) {
    *out << to_string(result.error());
  } else if constexpr (std::is_void_v<T>) {
    *out << "worked";
  } else {
    *out << testing::PrintToString(*result);
  }
}

template <class T>
bool operator==(const Result<T>& result, Errc code) {
  return !result.ok() && result.error().code == code;
}
template <class T>
requires(!std::is_void_v<T> && !std::is_same_v<T, std::optional<Value>>) bool operator==(
    const Result<T>& result, const std::type_identity_t<T>& expected) {
  return result.ok() && *result == expected;
}
inline bool operator==(const Result<std::optional<Value>>& result, const Value& expected) {
  return result.ok() && result->has_value() && **result == expected;
}
inline bool operator==(const Result<std::optional<Value>>& result, Miss) {
  return result.ok() && !result->has_value();
}
inline bool operator==(const Result<void>& result, Worked) { return result.ok(); }

template <class T>
std::string detail_of(const Result<T>& result) {
  return result.ok() ? "(it worked)" : result.error().detail;
}

}  // namespace djcache
