#include "settings/read_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace djcache::settings {
namespace {

// Python's int() of a str of ASCII digits: surrounding blanks, a sign, single '_' between digits.
// Exact up to 2^53; a Ttl beyond that is clamped anyway.
std::optional<double> python_int(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return std::nullopt;
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  double number = 0;
  bool after_digit = false;
  for (const char c : text) {
    if (c == '_' && after_digit) {
      after_digit = false;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
    after_digit = true;
  }
  if (!after_digit) return std::nullopt;
  return negative ? -number : number;
}

// Python's int(); nullopt where it raises.
std::optional<double> python_int(const Json& json) {
  switch (json.kind) {
    case Json::Kind::boolean:
      return json.boolean ? 1 : 0;
    case Json::Kind::integer:
      return static_cast<double>(json.integer);
    case Json::Kind::big_integer:
    case Json::Kind::number:
      return std::trunc(json.number);
    case Json::Kind::string:
      return python_int(json.string);
    default:
      return std::nullopt;
  }
}

}  // namespace

Problem expected(std::string_view what, const Json& got) {
  return "expected " + std::string(what) + ", got " + std::string(kind_name(got.kind));
}

std::string in_seconds(std::int64_t milliseconds) {
  std::string text = std::to_string(static_cast<double>(milliseconds) / 1000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

Problem read_string(const Json& json, std::string& target) {
  if (!json.is(Json::Kind::string)) return expected("a string", json);
  target = json.string;
  return {};
}

Problem read_version(const Json& json, CacheSettings& cache) {
  cache.version_text.clear();
  if (json.is(Json::Kind::null)) {
    cache.version_text = "None";  // the text that Python's % formatting gives
  } else if (json.is(Json::Kind::string) && json.string.empty()) {
    return "expected an integer or a string, got an empty string";
  } else if (json.is(Json::Kind::string)) {
    cache.version_text = json.string;
  } else if (json.is(Json::Kind::integer)) {
    cache.version = json.integer;
  } else {
    return expected("an integer or a string", json);
  }
  return {};
}

Problem read_integer(const Json& json, std::int64_t& target) {
  if (!json.is(Json::Kind::integer)) return expected("an integer", json);
  target = json.integer;
  return {};
}

Problem read_count(const Json& json, std::size_t& target) {
  if (!json.is(Json::Kind::integer)) return expected("an integer", json);
  if (json.integer < 0) return "expected an integer of 0 or more, got a negative one";
  target = static_cast<std::size_t>(json.integer);
  return {};
}

Problem read_django_count(const Json& json, std::optional<std::size_t>& target) {
  const auto number = python_int(json);
  if (number && *number < 0) return "expected an integer of 0 or more, got a negative one";
  constexpr double exact_max = 1e15;
  if (number) target = static_cast<std::size_t>(std::fmin(*number, exact_max));
  return {};
}

Problem read_flag(const Json& json, bool& target) {
  if (!json.is(Json::Kind::boolean)) return expected("true or false", json);
  target = json.boolean;
  return {};
}

Problem read_strings(const Json& json, std::vector<std::string>& target) {
  if (!json.is(Json::Kind::array)) return expected("a list of strings", json);
  std::vector<std::string> all;
  for (const Json& item : json.items) {
    if (!item.is(Json::Kind::string)) {
      return "expected a list of strings, got " + std::string(kind_name(item.kind)) + " in it";
    }
    all.push_back(item.string);
  }
  target = std::move(all);
  return {};
}

Problem read_pickle_protocol(const Json& json, int& target) {
  std::int64_t number = 0;
  if (json.is(Json::Kind::string)) {
    const auto read = python_int(json.string);
    if (!read) return "expected an integer, got a string that is none";
    number = static_cast<std::int64_t>(std::clamp(*read, -1.0, 1000.0));
  } else if (Problem problem = read_integer(json, number); !problem.empty()) {
    return problem;
  }
  target = static_cast<int>(std::clamp<std::int64_t>(number, -1, 1000));
  return {};
}

Problem read_database(const Json& json, std::optional<int>& target) {
  std::size_t number = 0;
  if (json.is(Json::Kind::string) && json.string.empty()) return {};
  if (json.is(Json::Kind::string)) {
    const char* const end = json.string.data() + json.string.size();
    int digits = 0;
    const auto [stop, error] = std::from_chars(json.string.data(), end, digits);
    if (error != std::errc() || stop != end || digits < 0 || json.string.front() == '-') {
      return "expected the number of a database, got a string that is none";
    }
    target = digits;
    return {};
  }
  if (Problem problem = read_count(json, number); !problem.empty()) return problem;
  if (!std::in_range<int>(number)) return "expected the number of a database, got a larger integer";
  target = static_cast<int>(number);
  return {};
}

Problem read_seconds(const Json& json, std::chrono::milliseconds& target) {
  double number = json.number;
  if (json.is(Json::Kind::integer)) {
    number = static_cast<double>(json.integer);
  } else if (!json.is(Json::Kind::number) && !json.is(Json::Kind::big_integer)) {
    return expected("a number of seconds", json);
  }
  constexpr double clamp_max = 1e12;  // far outside of every range that check() accepts
  number = std::fmin(std::fmax(number, -clamp_max), clamp_max);
  target = std::chrono::milliseconds(std::llround(number * 1000));
  return {};
}

Ttl read_timeout(const Json& json) {
  if (json.is(Json::Kind::null)) return forever;
  return std::chrono::duration<double>(python_int(json).value_or(300));
}

}  // namespace djcache::settings
