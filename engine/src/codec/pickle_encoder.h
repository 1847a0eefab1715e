// Walks a Value and tells the Writer what CPython's pickler would write.
//
// CPython writes an object that it meets again as a reference to the first. Values have no
// identity, so references are only used for what is always one object in Python: classes, their
// names, and a time zone that repeats.
#pragma once

#include <array>
#include <span>

#include <djcache/error.h>
#include <djcache/value.h>

#include "codec/limits.h"
#include "codec/pickle_writer.h"

namespace djcache::codec::pickle {

class Encoder {
 public:
  Encoder(Writer& writer, const Limits& limits, Error& error)
      : writer_(writer), limits_(limits), elements_left_(limits), error_(error) {
    classes_.fill(not_yet);
    names_.fill(not_yet);
  }

  // `place` names the place if Python has to hash the value there: "a key of a dict".
  bool encode(const Value& value, std::size_t depth, const char* place = nullptr);

 private:
  static constexpr std::uint32_t not_yet = UINT32_MAX;

  // What is written for each: the module's name, then its own.
  enum class Class : std::uint8_t {
    datetime,
    date,
    time,
    timedelta,
    timezone,
    zone_info,
    getattr,
    decimal,
    uuid,
    set,
    frozenset,
    bytes,
    encode,
  };
  static constexpr std::size_t class_count = 13;
  // Texts that are unique objects in Python.
  enum class Name : std::uint8_t { datetime, builtins, latin1, unpickle, int_, bound };
  static constexpr std::size_t name_count = 6;

  bool fail(std::string reason);
  bool wrote(bool result) { return result || fail_size(); }
  [[gnu::cold]] bool fail_size();
  bool enter(std::size_t depth, std::size_t count);
  bool may_be(const char* place, const Value& value);

  // --- pickle_encode.cc: kinds with instructions of their own.
  bool encode_any(const Value& value, std::size_t depth, const char* place);
  bool encode_string(std::string_view text);
  bool encode_big_integer(const Value& value);
  bool encode_list(const Value::List& items, std::size_t depth);
  bool encode_tuple(const Value::List& items, std::size_t depth, const char* place);
  bool encode_dict(const Value::Items& items, std::size_t depth);
  bool encode_set(const Value& value, std::size_t depth);
  bool encode_items(const Value::List& items, Op end, std::size_t depth, const char* place);
  bool encode_run(std::span<const Value> items, std::size_t depth, const char* place);
  bool encode_run(std::span<const DictItem> items, std::size_t depth);
  bool encode_next(Writer::Cursor& cursor, const Value& value, std::size_t depth,
                   const char* place) {
    return cursor.put(value) || encode_rare(cursor, value, depth, place);
  }
  bool encode_rare(Writer::Cursor& cursor, const Value& value, std::size_t depth,
                   const char* place);
  bool end_full_batches(std::size_t size, Op end);

  // --- pickle_encode_objects.cc: other kinds, reduced to a class and arguments.
  bool encode_object(const Value& value);
  bool encode_bytes(std::string_view data);
  bool encode_set_before_4(const Value& value, std::size_t depth);
  bool encode_datetime(const DateTime& datetime);
  bool encode_time(const Time& time);
  bool encode_date(const Date& date);
  bool encode_timedelta(const TimeDelta& delta);
  bool encode_state_and_zone(std::string_view state, const TimeZone& zone);
  bool encode_zone(const TimeZone& zone);
  bool encode_named_zone(std::string_view name);
  bool encode_fixed_zone(const TimeZone& zone);
  bool encode_decimal(std::string_view text);
  bool encode_uuid(const Uuid& uuid);
  bool encode_opaque(const Value& value);
  bool write_class(Class which);
  bool write_name(Name which, std::string_view text);
  bool write_module(std::string_view module);
  bool end_tuple(std::size_t count);
  bool end_reduce();

  Writer& writer_;
  const Limits& limits_;
  ElementsLeft elements_left_;
  Error& error_;
  std::array<std::uint32_t, class_count> classes_;  // their numbers in the memo
  std::array<std::uint32_t, name_count> names_;
  const TimeZone* zone_ = nullptr;  // the last zone written
  std::uint32_t zone_number_ = not_yet;
};

}  // namespace djcache::codec::pickle
