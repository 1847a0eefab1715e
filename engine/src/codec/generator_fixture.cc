#include "codec/generator_fixture.h"

#include <gtest/gtest.h>

#include <bit>

#include "value/distinct.h"

namespace djcache::codec {

std::int64_t ValueGenerator::number() {
  const auto bits = static_cast<std::int64_t>(random_());
  return bits >> below(64);
}

std::size_t ValueGenerator::size() {
  const std::size_t sizes[] = {0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 40, 41, 60};
  return sizes[below(std::size(sizes))];
}

std::string ValueGenerator::text() {
  static constexpr const char* pieces[] = {"a",  "b",      "'",      "\\",
                                           "\n", "\u00e9", "\u6e05", "\U0001f600"};
  std::string made;
  for (std::size_t left = size(); left > 0; --left) made += pieces[below(std::size(pieces))];
  return made;
}

std::string ValueGenerator::data() {
  std::string made;
  for (std::size_t left = below(50) ? size() : 200 + below(200); left > 0; --left) {
    made += static_cast<char>(random_());
  }
  return made;
}

std::string ValueGenerator::digits(std::size_t count) {
  std::string made(below(2), '-');
  made += static_cast<char>('1' + below(9));
  while (--count > 0) made += static_cast<char>('0' + below(10));
  return made;
}

double ValueGenerator::real() {
  return below(2) ? std::bit_cast<double>(random_()) : static_cast<double>(number()) / 8;
}

Date ValueGenerator::date() {
  return {static_cast<int>(1 + below(9999)), static_cast<std::uint8_t>(1 + below(12)),
          static_cast<std::uint8_t>(1 + below(28))};
}

TimeZone ValueGenerator::zone() {
  const auto offset = static_cast<std::int64_t>(below(2 * 86'399'999'999)) - 86'399'999'999;
  switch (below(4)) {
    case 0:
      return {};
    case 1:
      return {offset, ""};
    case 2:
      return {std::nullopt, "Europe/Paris"};
    default:
      return {offset, below(2) ? "America/New_York" : "a label"};
  }
}

Time ValueGenerator::time() {
  return {static_cast<std::uint8_t>(below(24)),         static_cast<std::uint8_t>(below(60)),
          static_cast<std::uint8_t>(below(60)),         static_cast<std::uint8_t>(below(2)),
          static_cast<std::uint32_t>(below(1'000'000)), zone()};
}

Value ValueGenerator::decimal() {
  const char* const special[] = {"NaN", "sNaN", "Infinity", "-Infinity", "-0", "1E+3"};
  if (below(4) == 0) return *Value::decimal(special[below(std::size(special))]);
  std::string text = digits(1 + below(30));
  text.append(".").append(1 + below(10), '5');
  return *Value::decimal(text);
}

Uuid ValueGenerator::uuid() {
  Uuid made;
  for (auto& byte : made.bytes) byte = static_cast<std::uint8_t>(random_());
  return made;
}

Value ValueGenerator::hashable(int depth) {
  if (depth <= 0 || below(4)) return leaf();
  Value::List inner = members(depth - 1, true);
  if (below(2)) return Value::tuple(std::move(inner));
  value::keep_first_of_equal(inner);
  return Value::frozenset(std::move(inner));
}

Value::List ValueGenerator::members(int depth, bool hashable_only) {
  Value::List made;
  // Wide only at the innermost level, so that values stay small.
  for (std::size_t left = depth > 1 ? below(4) : below(20); left > 0; --left) {
    made.push_back(hashable_only ? hashable(depth) : any(depth));
  }
  return made;
}

Value::Items ValueGenerator::items(int depth) {
  Value::Items made;
  for (std::size_t left = depth > 1 ? below(4) : below(20); left > 0; --left) {
    Value key = hashable(depth);
    made.emplace_back(std::move(key), any(depth));
  }
  return made;
}

Value ValueGenerator::storable(const Codec& codec) {
  Scratch scratch;
  Encoded encoded;
  Error error;
  for (;;) {
    Value value = any();
    if (codec.encode(value, scratch, encoded, error)) return value;
    EXPECT_TRUE(error.detail.ends_with("Python cannot hash it")) << error.detail;
  }
}

Value ValueGenerator::of(std::size_t choice, int depth) {
  switch (choice) {
    case 0:
      return below(3) ? Value(below(2) == 0) : Value();
    case 1:
      return number();
    case 2:
      return *Value::integer(digits(19 + below(40)));
    case 3:
      return real();
    case 4:
      return text();
    case 5:
      return Value::bytes(data());
    case 6:
      return DateTime{date(), time()};
    case 7:
      return date();
    case 8:
      return time();
    case 9:
      return TimeDelta{static_cast<int>(below(1'999'999'999)) - 999'999'999,
                       static_cast<int>(below(86'400)), static_cast<int>(below(1'000'000))};
    case 10:
      return decimal();
    case 11:
      return uuid();
    case 12:
    case 13:
      return Value::list(members(depth - 1, false));
    case 14:
      return Value::tuple(members(depth - 1, false));
    case 15:
      return Value::dict(items(depth - 1));
    default:
      break;
  }
  Value::List inner = members(depth - 1, true);
  value::keep_first_of_equal(inner);
  return choice == 16 ? Value::set(std::move(inner)) : Value::frozenset(std::move(inner));
}

Value as_python_keeps_it(Value value, int protocol) {
  if (protocol >= 4) return value;
  if (const Time* time = value.as_time()) {
    Time made = *time;
    made.fold = 0;
    return made;
  }
  if (const DateTime* datetime = value.as_datetime()) {
    DateTime made = *datetime;
    made.time.fold = 0;
    return made;
  }
  if (Value::List* items = value.mutable_sequence()) {
    for (Value& item : *items) item = as_python_keeps_it(std::move(item), protocol);
  } else if (Value::Items* pairs = value.mutable_dict()) {
    for (auto& [key, item] : *pairs) {
      key = as_python_keeps_it(std::move(key), protocol);
      item = as_python_keeps_it(std::move(item), protocol);
    }
  }
  return value;
}

}  // namespace djcache::codec
