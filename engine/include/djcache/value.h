/// @file
/// Value: the content of a cache entry, the C++ counterpart of the Python objects that Django
/// caches.
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
#include <type_traits>
#include <utility>
#include <vector>

#include <djcache/value_parts.h>

namespace djcache {

class Value;
/// A key and its value, an item of a dict.
using DictItem = std::pair<Value, Value>;

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

// Types that convert to std::string_view: literals, std::string, std::string_view itself.
template <class T>
concept Text = std::convertible_to<const T&, std::string_view> && !std::is_null_pointer_v<T>;

// std::map and its relatives whose keys are text.
template <class M>
concept MapOfText = requires(const M& map) {
  typename M::mapped_type;
  requires std::convertible_to<const typename M::key_type&, std::string_view>;
  map.begin();
};

// User-defined types with a function djcache_value() in their namespace.
template <class T>
concept HasValueOf = (std::is_class_v<T> || std::is_enum_v<T>)&&!std::same_as<T, Value> &&
                     requires(const T& object) {
  { djcache_value(object) } -> std::same_as<Value>;
};

}  // namespace detail

/// A Python object as data: None, a bool, an int, a str, a list of values and so on.
///
/// @code
/// djcache::Value shop = Value::dict({{"name", "Chez Ana"}, {"open", true}});
/// shop.put("tags", std::vector<std::string>{"bread", "wine"});
/// if (const Value* name = shop.find("name")) use(name->as<std::string>());
/// @endcode
///
/// Constructible from most C++ values; read by as<T>() or the as_...() functions. A closed variant
/// of 19 kinds: copies are deep, moves are cheap, texts of up to 40 bytes are stored inline, a
/// container costs the one block that its vector allocates. A moved-from value is valid: nil if it
/// owned memory, otherwise unchanged. Nesting of any depth can be copied, compared, printed and
/// destroyed without exhausting the stack. engine/docs/values.md shows how to build and read them.
class DJCACHE_API Value {
 public:
  static constexpr std::size_t inline_text = 40;  ///< texts up to this size need no heap
  using List = std::vector<Value>;                ///< items of a list, tuple, set or frozenset
  using Items = std::vector<DictItem>;            ///< items of a dict

  /// None.
  Value() noexcept : kind_(Kind::nil) {}
  /// None.
  Value(std::nullptr_t) noexcept : Value() {}
  /// A bool.
  Value(std::same_as<bool> auto flag) noexcept : kind_(Kind::boolean) { payload_.flag = flag; }
  /// An int. A value above the signed 64-bit range becomes Kind::big_integer.
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
  /// A float.
  Value(std::floating_point auto number) noexcept : kind_(Kind::real) {
    payload_.real = static_cast<double>(number);
  }
  /// A str; UTF-8. (Most serializers refuse other text when it is stored.)
  Value(std::string_view text) : kind_(Kind::string) { init_text(text); }
  /// @overload
  ///
  /// A null pointer is None.
  Value(const char* text) : Value() {
    if (text != nullptr) *this = Value(std::string_view(text));
  }
  /// Deleted: 'a' could be a text or a number. Write `"a"` or `int{'a'}`.
  Value(std::same_as<char> auto character) = delete;
  /// @overload
  Value(const std::string& text) : Value(std::string_view(text)) {}
  /// @overload
  Value(std::string&& text) : kind_(Kind::string) { init_text(std::move(text)); }
  /// A date.
  Value(const Date& date) noexcept : kind_(Kind::date) { payload_.date = date; }
  /// A time.
  Value(Time time);
  /// A datetime.
  Value(DateTime datetime);
  /// A timedelta.
  Value(const TimeDelta& delta) noexcept : kind_(Kind::timedelta) { payload_.delta = delta; }
  /// A UUID.
  Value(const Uuid& uuid) noexcept : kind_(Kind::uuid) { payload_.uuid = uuid; }

  /// A timedelta; see to_timedelta().
  template <std::integral Rep, class Period>
  Value(std::chrono::duration<Rep, Period> time) noexcept : Value(to_timedelta(time)) {}
  /// A datetime in UTC; see to_datetime().
  template <class Duration>
  Value(std::chrono::sys_time<Duration> at) : Value(to_datetime(at)) {}

  /// An object of a user-defined type, converted by a function `Value djcache_value(const T&)` in
  /// the namespace of the type. For the opposite direction see as().
  template <detail::HasValueOf T>
  Value(const T& object) : Value(djcache_value(object)) {}
  /// None, or the value.
  template <class T>
  requires std::constructible_from<Value, const T&> Value(const std::optional<T>& value) : Value() {
    if (value) *this = Value(*value);
  }
  /// A list, from a vector of any type that a Value can be constructed from.
  template <class T, class A>
  requires std::constructible_from<Value, const T&> Value(const std::vector<T, A>& items)
      : Value(Kind::list, List(items.begin(), items.end())) {}
  /// A dict, from a std::map or std::unordered_map with text keys, in its order.
  template <detail::MapOfText M>
  requires std::constructible_from<Value, const typename M::mapped_type&> Value(const M& map)
      : Value(dict()) {
    for (const auto& [key, value] : map) {
      payload_.items.emplace_back(Value(std::string_view(key)), Value(value));
    }
  }

  /// bytes.
  static Value bytes(std::string_view data) { return Value(Kind::bytes, data); }
  /// @overload
  static Value bytes(const char* data) { return bytes(std::string_view(data)); }
  /// @overload
  static Value bytes(std::string&& data) { return Value(Kind::bytes, std::move(data)); }
  /// A list of values of any kinds.
  static Value list(List items = {}) { return Value(Kind::list, std::move(items)); }
  /// A tuple.
  static Value tuple(List items = {}) { return Value(Kind::tuple, std::move(items)); }
  /// A set. REQUIRES: no value occurs twice; this is not checked.
  static Value set(List items = {}) { return Value(Kind::set, std::move(items)); }
  /// A frozenset; as set().
  static Value frozenset(List items = {}) { return Value(Kind::frozenset, std::move(items)); }
  /// A dict. Of equal keys the last value is kept, at the position of the first.
  static Value dict(Items items = {});
  /// An object of another class as it was pickled: its class, NUL, the pickled form.
  ///
  /// Made by reading an entry with Foreign::opaque, not by programs; none of it is executed. The
  /// serializer pickle writes it back so that Python finds the object.
  static Value opaque(std::string_view pickled) { return Value(Kind::opaque, pickled); }
  /// An int of any size, from its decimal text. `nullopt` if the text is not digits with an
  /// optional '-' before them.
  static std::optional<Value> integer(std::string_view decimal_text);
  /// A Decimal, from a literal that Python's Decimal accepts, kept as given. Otherwise `nullopt`.
  static std::optional<Value> decimal(std::string_view text);

  /// A deep copy.
  Value(const Value& other) : Value() {  // so that a partial copy is destroyed
    if (other.owns_) {
      copy_slow(other);
    } else {
      copy_whole(other);
    }
  }
  /// A deep copy; after std::bad_alloc the value is unchanged.
  Value& operator=(const Value& other) { return *this = Value(other); }
  /// Takes over the content of the other.
  Value(Value&& other) noexcept { move_from(other); }
  /// Takes over the content of the other, which may be part of this value.
  Value& operator=(Value&& other) noexcept {
    if (!owns_) {
      if (this != &other) move_from(other);
    } else {
      Value taken(std::move(other));  // first, because it may be part of what is destroyed next
      destroy();
      move_from(taken);
    }
    return *this;
  }
  ~Value() { destroy(); }

  /// The kind of the value.
  Kind kind() const noexcept { return kind_; }
  /// Whether it is None.
  bool is_nil() const noexcept { return kind_ == Kind::nil; }
  /// Whether it is of this kind.
  bool is(Kind kind) const noexcept { return kind_ == kind; }

  /// @name Access: nullopt or null if the value is of another kind
  ///
  /// Views and pointers refer to the value's content. They are invalid once it is moved, changed or
  /// destroyed.
  /// @{

  /// The bool.
  std::optional<bool> as_bool() const noexcept {
    return is(Kind::boolean) ? std::optional(payload_.flag) : std::nullopt;
  }
  /// The int, within 64 bits.
  std::optional<std::int64_t> as_int() const noexcept {
    return is(Kind::integer) ? std::optional(payload_.integer) : std::nullopt;
  }
  /// The float; as<double>() also takes ints.
  std::optional<double> as_double() const noexcept {
    return is(Kind::real) ? std::optional(payload_.real) : std::nullopt;
  }
  /// The text of a str; as<std::string>() also takes bytes.
  std::optional<std::string_view> as_string() const noexcept {
    return is(Kind::string) ? std::optional(text()) : std::nullopt;
  }
  /// The bytes.
  std::optional<std::string_view> as_bytes() const noexcept {
    return is(Kind::bytes) ? std::optional(text()) : std::nullopt;
  }
  /// The items of a list.
  const List* as_list() const noexcept { return is(Kind::list) ? &payload_.list : nullptr; }
  /// The items of a list, tuple, set or frozenset.
  const List* as_sequence() const noexcept { return has_list() ? &payload_.list : nullptr; }
  /// The items of a dict.
  const Items* as_dict() const noexcept { return is(Kind::dict) ? &payload_.items : nullptr; }
  /// The date.
  const Date* as_date() const noexcept { return is(Kind::date) ? &payload_.date : nullptr; }
  /// The time.
  const Time* as_time() const noexcept { return is(Kind::time) ? payload_.time : nullptr; }
  /// The datetime.
  const DateTime* as_datetime() const noexcept {
    return is(Kind::datetime) ? payload_.datetime : nullptr;
  }
  /// The timedelta.
  const TimeDelta* as_timedelta() const noexcept {
    return is(Kind::timedelta) ? &payload_.delta : nullptr;
  }
  /// The UUID.
  const Uuid* as_uuid() const noexcept { return is(Kind::uuid) ? &payload_.uuid : nullptr; }
  /// Opaque only: the class of the object, "shops.models.Color"; of a model instance its label,
  /// "shops.Shop". Empty for other kinds.
  std::string_view opaque_class() const noexcept {
    return is(Kind::opaque) ? text().substr(0, text().find('\0')) : std::string_view();
  }
  /// The text of a string, bytes, big_integer or decimal, and the argument of opaque(). Empty for
  /// other kinds.
  std::string_view text() const noexcept {
    if (!has_text()) return {};
    return owns_ ? std::string_view(payload_.text) : std::string_view(payload_.chars, size_);
  }
  /// Moves the text out; the value becomes nil.
  std::string take_text() &&;

  /// @}
  /// @name Changing containers in place: null if the value is of another kind
  /// @{

  /// The items of a list, tuple, set or frozenset.
  List* mutable_sequence() noexcept { return has_list() ? &payload_.list : nullptr; }
  /// The items of a dict.
  Items* mutable_dict() noexcept { return is(Kind::dict) ? &payload_.items : nullptr; }
  /// Dict only: the value of a key, or null. Linear in the number of items. The pointer is valid
  /// until the dict changes.
  const Value* find(const Value& key) const;
  /// @overload
  Value* find(const Value& key);
  /// Dict only: the value of a key that is a str, or null. Does not create a Value of the key.
  const Value* find(std::string_view key) const noexcept;
  /// @overload
  template <detail::Text T>
  const Value* find(const T& key) const {
    return find(std::string_view(key));
  }
  /// @overload
  template <detail::Text T>
  Value* find(const T& key) {
    return const_cast<Value*>(std::as_const(*this).find(std::string_view(key)));
  }
  /// Sets the value of a key; a value that is not a dict becomes an empty one first.
  void put(Value key, Value value);
  /// Dict only: removes a key. True if it existed.
  bool erase(const Value& key);

  /// @}

  /// Converts to a C++ type; `nullopt` if the value is of another kind or out of range.
  ///
  /// - bool; any integer type; float and double (also of an int)
  /// - std::string (of str or bytes); `std::optional<T>` (None is `nullopt`)
  /// - `std::vector<T>` (of list, tuple, set or frozenset)
  /// - `std::vector<std::pair<std::string, T>>`, std::map and std::unordered_map of std::string (of
  ///   dict)
  /// - Date, Time, DateTime, TimeDelta, Uuid, Value
  /// - std::chrono durations (of timedelta) and `std::chrono::sys_time` (of a datetime with an
  ///   offset) with integral ticks; `nullopt` also if it is not a whole number of ticks
  /// - T with a function `bool djcache_read(const Value&, T&)` in its namespace; false is `nullopt`
  template <class T>
  std::optional<T> as() const;

  /// Same kind and same content.
  ///
  /// NaN equals NaN; dicts and sets compare without order; a list and a tuple differ, and so do 1,
  /// 1.0 and True. Comparing containers may need memory and throw std::bad_alloc.
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
  // REQUIRES: !other.owns_, so that the whole value is in its own bytes. Overwrites without
  // destroying.
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
  std::uint8_t size_ = 0;  // text kinds stored inline: the number of bytes in payload_.chars
  Payload payload_;
};

/// Python's repr of a value, truncated with "..." after `max_size` bytes: {'a': [1, None]}. Nesting
/// deeper than 200 levels prints as "...".
DJCACHE_API std::string to_string(const Value& value, std::size_t max_size = 4096);

}  // namespace djcache

#include <djcache/value_as.h>
