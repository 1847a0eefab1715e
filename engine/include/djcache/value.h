// Value: what a cache entry can hold, the C++ twin of the Python objects that Django caches.
//
// A closed variant of 19 kinds with equality, printing and conversion. A value type: copies are
// deep, moves are cheap, strings of up to 40 bytes live inside, a container costs the one block that
// its vector allocates. Python's `None` is Value{} (nil).
// A moved-from value is valid: nil if it owned memory, otherwise unchanged. Nesting of any depth
// can be copied, compared, printed and destroyed without using up the stack.
#pragma once

#include <djcache/export.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace djcache {

enum class Kind : std::uint8_t {
  nil,          // None
  boolean,      // bool
  integer,      // int within 64 bits
  big_integer,  // int beyond 64 bits, as canonical decimal text
  real,         // float
  string,       // str, UTF-8
  bytes,        // bytes (a bytearray is read as bytes)
  list,
  tuple,
  dict,  // keeps insertion order
  set,
  frozenset,
  datetime,
  date,
  time,
  timedelta,
  decimal,  // decimal.Decimal, as Python prints it: "1.50", "-0", "NaN", "Infinity", "1E+3"
  uuid,
  opaque,  // an object of a class that has no kind here, as it was pickled; see Foreign
};
// Python's word for the kind: "int" for integer and big_integer, "NoneType" for nil, "object" for opaque.
DJCACHE_API std::string_view to_string(Kind kind);

class Value;
using DictItem = std::pair<Value, Value>;

// The time zone of a datetime or time. Naive when neither field is set. `offset_us`, when set, is
// the offset at that datetime, and `name` beside it is a label that changes no instant. `name` alone
// is a zone of the IANA database, whose offset only a reader with that database knows.
// datetime.timezone.utc is the fixed offset 0: {.offset_us = 0}.
struct TimeZone {
  std::optional<std::int64_t> offset_us;  // east of UTC, microseconds
  std::string name{};                     // IANA name ("Europe/Paris") or a label ("CEST")
  friend bool operator==(const TimeZone&, const TimeZone&) = default;
};
struct Date {
  std::int32_t year = 1;  // 1 to 9999
  std::uint8_t month = 1, day = 1;
  friend bool operator==(const Date&, const Date&) = default;
};
struct Time {
  std::uint8_t hour = 0, minute = 0, second = 0, fold = 0;
  std::uint32_t microsecond = 0;
  TimeZone zone{};
  friend bool operator==(const Time&, const Time&) = default;
};
struct DateTime {
  Date date{};
  Time time{};
  friend bool operator==(const DateTime&, const DateTime&) = default;
};
// Python's normal form: any days, 0 <= seconds < 86400, 0 <= microseconds < 1000000.
struct TimeDelta {
  std::int32_t days = 0, seconds = 0, microseconds = 0;
  friend bool operator==(const TimeDelta&, const TimeDelta&) = default;
};
struct Uuid {
  std::uint8_t bytes[16] = {};  // big endian, as uuid.UUID.bytes
  friend bool operator==(const Uuid&, const Uuid&) = default;
};

namespace detail {

// memcpy of at most Value::inline_text bytes in a few instructions: overlapping blocks, no call.
inline void copy_inline(char* to, const char* from, std::size_t size) noexcept {
  if (size >= 16) {
    std::memcpy(to, from, 16);
    if (size > 32) std::memcpy(to + 16, from + 16, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

// std::map and its relatives, by text.
template <class M>
concept MapOfText = requires(const M& map) {
  typename M::mapped_type;
  requires std::convertible_to<const typename M::key_type&, std::string_view>;
  map.begin();
};

}  // namespace detail

class DJCACHE_API Value {
 public:
  static constexpr std::size_t inline_text = 40;
  using List = std::vector<Value>;
  using Items = std::vector<DictItem>;

  Value() noexcept : kind_(Kind::nil) {}
  Value(std::nullptr_t) noexcept : Value() {}
  Value(std::same_as<bool> auto flag) noexcept : kind_(Kind::boolean) { payload_.flag = flag; }
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char> && sizeof(T) <= 8) Value(T number)
  noexcept : kind_(Kind::integer) {
    if constexpr (std::unsigned_integral<T> && sizeof(T) == 8) {
      if (number > static_cast<std::uint64_t>(INT64_MAX)) {
        init_unsigned(number);
        return;
      }
    }
    payload_.integer = static_cast<std::int64_t>(number);
  }
  Value(std::floating_point auto number) noexcept : kind_(Kind::real) {
    payload_.real = static_cast<double>(number);
  }
  Value(std::string_view text) : kind_(Kind::string) { init_text(text); }
  // Null is None.
  Value(const char* text) : Value() {
    if (text != nullptr) *this = Value(std::string_view(text));
  }
  Value(std::same_as<char> auto character) = delete;  // a text or a number? Write one of them
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(std::string&& text) : kind_(Kind::string) { init_text(std::move(text)); }
  Value(const Date& date) noexcept : kind_(Kind::date) { payload_.date = date; }
  Value(Time time);
  Value(DateTime datetime);
  Value(const TimeDelta& delta) noexcept : kind_(Kind::timedelta) { payload_.delta = delta; }
  Value(const Uuid& uuid) noexcept : kind_(Kind::uuid) { payload_.uuid = uuid; }

  // None, or the value.
  template <class T>
  requires std::constructible_from<Value, const T&> Value(const std::optional<T>& value) : Value() {
    if (value) *this = Value(*value);
  }
  // A list of what a Value can be made of, such as std::vector<int>.
  template <class T, class A>
  requires std::constructible_from<Value, const T&> Value(const std::vector<T, A>& items)
      : Value(Kind::list, List(items.begin(), items.end())) {}
  // A dict, in the order of the map.
  template <detail::MapOfText M>
  requires std::constructible_from<Value, const typename M::mapped_type&> Value(const M& map)
      : Value(dict()) {
    for (const auto& [key, value] : map) {
      payload_.items.emplace_back(Value(std::string_view(key)), Value(value));
    }
  }

  static Value bytes(std::string_view data) { return Value(Kind::bytes, data); }
  static Value bytes(const char* data) { return bytes(std::string_view(data)); }
  static Value bytes(std::string&& data) { return Value(Kind::bytes, std::move(data)); }
  static Value list(List items = {}) { return Value(Kind::list, std::move(items)); }
  static Value tuple(List items = {}) { return Value(Kind::tuple, std::move(items)); }
  // Duplicates are the caller's to avoid.
  static Value set(List items = {}) { return Value(Kind::set, std::move(items)); }
  static Value frozenset(List items = {}) { return Value(Kind::frozenset, std::move(items)); }
  static Value dict(Items items = {});  // of equal keys the last one stays, in the first's place
  // An object as a reader has taken it out of a pickle: its class, NUL, the pickled form. Made by reading alone
  // (Foreign::opaque); never executed here. The serializer pickle writes it back so that Python finds the object.
  static Value opaque(std::string_view pickled) { return Value(Kind::opaque, pickled); }
  // Canonical text of any size: fits in 64 bits -> integer, otherwise big_integer. nullopt when
  // `text` is no optional '-' and digits.
  static std::optional<Value> integer(std::string_view decimal_text);
  // nullopt when `text` is no Decimal literal. Kept as given.
  static std::optional<Value> decimal(std::string_view text);

  Value(const Value& other) : Value() {  // so that what is half copied is destroyed
    if (other.owns_) {
      copy_slow(other);
    } else {
      copy_whole(other);
    }
  }
  Value& operator=(const Value& other) { return *this = Value(other); }
  Value(Value&& other) noexcept { move_from(other); }
  Value& operator=(Value&& other) noexcept {
    if (!owns_) {
      if (this != &other) move_from(other);
    } else {
      Value taken(std::move(other));  // first: it may lie inside of what is destroyed next
      destroy();
      move_from(taken);
    }
    return *this;
  }
  ~Value() { destroy(); }

  Kind kind() const noexcept { return kind_; }
  bool is_nil() const noexcept { return kind_ == Kind::nil; }
  bool is(Kind kind) const noexcept { return kind_ == kind; }

  // --- Checked looks inside: null or nullopt when the kind is another. What they point to lies in
  // the value itself and is gone when that is moved, replaced or destroyed.
  std::optional<bool> as_bool() const noexcept {
    return is(Kind::boolean) ? std::optional(payload_.flag) : std::nullopt;
  }
  std::optional<std::int64_t> as_int() const noexcept {  // integer only
    return is(Kind::integer) ? std::optional(payload_.integer) : std::nullopt;
  }
  std::optional<double> as_double() const noexcept {  // real only
    return is(Kind::real) ? std::optional(payload_.real) : std::nullopt;
  }
  std::optional<std::string_view> as_string() const noexcept {  // string only
    return is(Kind::string) ? std::optional(text()) : std::nullopt;
  }
  std::optional<std::string_view> as_bytes() const noexcept {  // bytes only
    return is(Kind::bytes) ? std::optional(text()) : std::nullopt;
  }
  const List* as_list() const noexcept {  // list only
    return is(Kind::list) ? &payload_.list : nullptr;
  }
  const List* as_sequence() const noexcept {  // list, tuple, set or frozenset
    return has_list() ? &payload_.list : nullptr;
  }
  const Items* as_dict() const noexcept { return is(Kind::dict) ? &payload_.items : nullptr; }
  const Date* as_date() const noexcept { return is(Kind::date) ? &payload_.date : nullptr; }
  const Time* as_time() const noexcept { return is(Kind::time) ? payload_.time : nullptr; }
  const DateTime* as_datetime() const noexcept {
    return is(Kind::datetime) ? payload_.datetime : nullptr;
  }
  const TimeDelta* as_timedelta() const noexcept {
    return is(Kind::timedelta) ? &payload_.delta : nullptr;
  }
  const Uuid* as_uuid() const noexcept { return is(Kind::uuid) ? &payload_.uuid : nullptr; }
  // Opaque only: the object's class, "shops.models.Color", for people and comparisons; of a model instance
  // the label, "shops.Shop". Empty for other kinds.
  std::string_view opaque_class() const noexcept {
    return is(Kind::opaque) ? text().substr(0, text().find('\0')) : std::string_view();
  }
  // The text of string, bytes, big_integer and decimal; of opaque what opaque() took; empty for the others.
  std::string_view text() const noexcept {
    if (!has_text()) return {};
    return owns_ ? std::string_view(payload_.text) : std::string_view(payload_.chars, size_);
  }
  // Moves the text out; the value becomes nil.
  std::string take_text() &&;

  // --- Changing containers in place; null when the kind is another.
  List* mutable_sequence() noexcept { return has_list() ? &payload_.list : nullptr; }
  Items* mutable_dict() noexcept { return is(Kind::dict) ? &payload_.items : nullptr; }
  // Dict only: the value under `key`, or null. Linear in the number of items.
  const Value* find(const Value& key) const;
  Value* find(const Value& key);
  const Value* find(std::string_view key) const noexcept;
  // Dict only (anything else becomes an empty dict first): replaces or appends.
  void put(Value key, Value value);
  // Dict only: true if the key was there.
  bool erase(const Value& key);

  // Conversion to a C++ type: bool, any integer type (range-checked), float and double (also from
  // integers), std::string (str or bytes), std::vector<T> (list, tuple, set, frozenset),
  // std::optional<T> (nil is nullopt), std::vector<std::pair<std::string, T>> (dict), Date, Time,
  // DateTime, TimeDelta, Uuid, Value. nullopt when the value is of another kind or does not fit.
  template <class T>
  std::optional<T> as() const;

  // Same kind and same content. NaN equals NaN; dicts and sets compare without order; a list and a
  // tuple differ, as do 1, 1.0 and True. Containers may take memory to compare: std::bad_alloc.
  friend DJCACHE_API bool operator==(const Value& a, const Value& b);

 private:
  struct Tree;  // copies and destroys nested values; src/value/tree.cc

  static constexpr std::uint32_t bit(Kind kind) { return 1u << static_cast<unsigned>(kind); }
  bool one_of(std::uint32_t kinds) const noexcept { return (bit(kind_) & kinds) != 0; }
  bool has_text() const noexcept {
    return one_of(bit(Kind::string) | bit(Kind::bytes) | bit(Kind::big_integer) |
                  bit(Kind::decimal) | bit(Kind::opaque));
  }
  bool has_list() const noexcept {
    return one_of(bit(Kind::list) | bit(Kind::tuple) | bit(Kind::set) | bit(Kind::frozenset));
  }

  Value(Kind kind, std::string_view text) : kind_(kind) { init_text(text); }
  Value(Kind kind, std::string&& text) : kind_(kind) { init_text(std::move(text)); }
  Value(Kind kind, List&& items) noexcept : kind_(kind), owns_(true) {
    std::construct_at(&payload_.list, std::move(items));
  }
  void init_text(std::string_view text) {
    if (text.size() > inline_text) return init_long(text);
    size_ = static_cast<std::uint8_t>(text.size());
    detail::copy_inline(payload_.chars, text.data(), text.size());
  }
  void init_text(std::string&& text) {
    if (text.size() > inline_text) return init_long(std::move(text));
    init_text(std::string_view(text));
  }
  void init_long(std::string_view text);
  void init_long(std::string&& text) noexcept;
  void init_unsigned(std::uint64_t number) noexcept;

  void destroy() noexcept {
    if (owns_) destroy_slow();
  }
  void destroy_slow() noexcept;  // REQUIRES: owns_. Leaves nil.
  void copy_slow(const Value& other);
  // REQUIRES: !other.owns_, then all of a value is in its own bytes. Overwrites without destroying.
  void copy_whole(const Value& other) noexcept {
    std::memcpy(static_cast<void*>(this), static_cast<const void*>(&other), sizeof(Value));
  }
  void move_from(Value& other) noexcept {
    if (other.owns_) {
      move_slow(other);
    } else {
      copy_whole(other);
    }
  }
  void move_slow(Value& other) noexcept;

  union Payload {
    Payload() noexcept {}
    ~Payload() {}
    bool flag;
    std::int64_t integer;
    double real;
    char chars[inline_text];
    std::string text;
    List list;
    Items items;
    Date date;
    TimeDelta delta;
    Uuid uuid;
    Time* time;
    DateTime* datetime;
  };

  Kind kind_;
  bool owns_ = false;      // the payload owns memory; text kinds: it is payload_.text, not .chars
  std::uint8_t size_ = 0;  // text kinds in place: how many bytes of payload_.chars
  Payload payload_;
};

// Python's repr of the value, cut with "..." after `max_size` bytes: {'a': [1, None]}. Nesting
// deeper than 200 levels prints as "...".
DJCACHE_API std::string to_string(const Value& value, std::size_t max_size = 4096);

}  // namespace djcache

#include <djcache/value_as.h>
