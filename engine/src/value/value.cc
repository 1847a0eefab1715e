// Value: construction, moving and the dict functions. Functions that walk nested values (copy,
// destroy, compare, hash, print) have files of their own.
#include <djcache/value.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "value/distinct.h"
#include "value/number_text.h"

namespace djcache {

std::string_view to_string(Kind kind) {
  static constexpr std::array<std::string_view, 19> names = {
      "NoneType", "bool",      "int",     "int",  "float",     "str",      "bytes",
      "list",     "tuple",     "dict",    "set",  "frozenset", "datetime", "date",
      "time",     "timedelta", "Decimal", "UUID", "object"};
  const auto index = static_cast<std::size_t>(kind);
  return index < names.size() ? names[index] : "unknown kind";
}

Value::Value(Time time) : kind_(Kind::time) {
  payload_.time = new Time(std::move(time));
  owns_ = true;
}

Value::Value(DateTime datetime) : kind_(Kind::datetime) {
  payload_.datetime = new DateTime(std::move(datetime));
  owns_ = true;
}

Value Value::dict(Items items) {
  if (items.size() > 1) value::keep_last_of_equal_keys(items);
  Value made;
  std::construct_at(&made.payload_.items, std::move(items));
  made.kind_ = Kind::dict;
  made.owns_ = true;
  return made;
}

std::optional<Value> Value::integer(std::string_view decimal_text) {
  const bool negative = decimal_text.starts_with('-');
  std::string_view digits = decimal_text.substr(negative ? 1 : 0);
  if (!value::all_digits(digits)) return std::nullopt;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  std::string canonical;
  std::string_view text = digits;
  if (negative && digits != "0") {
    canonical.assign("-").append(digits);
    text = canonical;
  }
  constexpr std::size_t digits_of_64_bits = 19;  // at most
  if (digits.size() > digits_of_64_bits) return Value(Kind::big_integer, text);
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc()) return Value(number);
  return Value(Kind::big_integer, text);
}

std::optional<Value> Value::decimal(std::string_view text) {
  if (!value::is_decimal_literal(text)) return std::nullopt;
  return Value(Kind::decimal, text);
}

void Value::init_long(std::string_view text) {
  std::construct_at(&payload_.text, text);
  owns_ = true;
}

void Value::init_long(std::string&& text) noexcept {
  std::construct_at(&payload_.text, std::move(text));
  owns_ = true;
}

void Value::init_unsigned(std::uint64_t number) noexcept {
  kind_ = Kind::big_integer;
  const auto [end, code] = std::to_chars(payload_.chars, payload_.chars + inline_text, number);
  size_ = static_cast<std::uint8_t>(end - payload_.chars);
}

void Value::move_slow(Value& other) noexcept {
  kind_ = other.kind_;
  owns_ = true;
  size_ = 0;
  if (other.has_text()) {
    std::construct_at(&payload_.text, std::move(other.payload_.text));
    std::destroy_at(&other.payload_.text);
  } else if (other.has_list()) {
    std::construct_at(&payload_.list, std::move(other.payload_.list));
    std::destroy_at(&other.payload_.list);
  } else if (other.is(Kind::dict)) {
    std::construct_at(&payload_.items, std::move(other.payload_.items));
    std::destroy_at(&other.payload_.items);
  } else {
    // All other owners are pointers, so their place in the union does not matter.
    std::memcpy(static_cast<void*>(&payload_), &other.payload_, sizeof(void*));
  }
  other.kind_ = Kind::nil;
  other.owns_ = false;
}

std::string Value::take_text() && {
  std::string taken =
      has_text() && owns_ ? std::move(payload_.text) : std::string(std::as_const(*this).text());
  *this = Value();
  return taken;
}

const Value* Value::find(const Value& key) const {
  if (!is(Kind::dict)) return nullptr;
  for (const auto& [name, value] : payload_.items) {
    if (name == key) return &value;
  }
  return nullptr;
}

Value* Value::find(const Value& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Value::find(std::string_view key) const noexcept {
  if (!is(Kind::dict)) return nullptr;
  for (const auto& [name, value] : payload_.items) {
    if (name.is(Kind::string) && name.text() == key) return &value;
  }
  return nullptr;
}

void Value::put(Value key, Value value) {
  if (!is(Kind::dict)) *this = dict();
  if (Value* found = find(key)) {
    *found = std::move(value);
  } else {
    payload_.items.emplace_back(std::move(key), std::move(value));
  }
}

bool Value::erase(const Value& key) {
  if (!is(Kind::dict)) return false;
  const auto found = std::find_if(payload_.items.begin(), payload_.items.end(),
                                  [&](const DictItem& item) { return item.first == key; });
  if (found == payload_.items.end()) return false;
  payload_.items.erase(found);
  return true;
}

}  // namespace djcache
