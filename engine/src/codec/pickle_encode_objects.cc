// Values without an instruction of their own: reduced to a class and its arguments, like __reduce__
// of these classes in CPython 3.11.
#include "codec/pickle_datetime.h"
#include "codec/pickle_encoder.h"
#include "codec/pickle_instruction.h"
#include "codec/pickle_outline.h"
#include "codec/pickle_text.h"
#include "value/calendar.h"

namespace djcache::codec::pickle {
namespace {

constexpr std::int64_t second_us = 1'000'000, day_us = 86'400 * second_us;

char byte_of(std::uint32_t number, int shift = 0) { return static_cast<char>(number >> shift); }

void put_time(char* state, const Time& time) {
  state[0] = byte_of(time.hour);
  state[1] = byte_of(time.minute);
  state[2] = byte_of(time.second);
  state[3] = byte_of(time.microsecond, 16);
  state[4] = byte_of(time.microsecond, 8);
  state[5] = byte_of(time.microsecond);
}

void put_date(char* state, const Date& date) {
  state[0] = byte_of(static_cast<std::uint32_t>(date.year), 8);
  state[1] = byte_of(static_cast<std::uint32_t>(date.year));
  state[2] = byte_of(date.month);
  state[3] = byte_of(date.day);
}

}  // namespace

bool Encoder::encode_object(const Value& value) {
  bool valid = true;
  if (const DateTime* datetime = value.as_datetime()) {
    if ((valid = value::is_valid(*datetime))) return encode_datetime(*datetime);
  } else if (const Date* date = value.as_date()) {
    if ((valid = value::is_valid(*date))) return encode_date(*date);
  } else if (const Time* time = value.as_time()) {
    if ((valid = value::is_valid(*time))) return encode_time(*time);
  } else if (const TimeDelta* delta = value.as_timedelta()) {
    if ((valid = value::is_valid(*delta))) return encode_timedelta(*delta);
  } else if (const Uuid* uuid = value.as_uuid()) {
    return encode_uuid(*uuid);
  } else if (value.is(Kind::opaque)) {
    return encode_opaque(value);
  }
  if (valid) return fail("a value of no known kind");
  return fail("a " + std::string(to_string(value.kind())) + " that Python cannot hold");
}

// Its memo entries follow those already written.
bool Encoder::encode_opaque(const Value& value) {
  const std::string_view from = parts_of_opaque(value.text()).instructions;
  std::string instructions;
  std::uint32_t memoized = 0;
  Instruction each;
  std::size_t at = 0;
  for (; read_instruction(from, at, each); at += each.size) {
    instructions += from.substr(at, each.size);
    memoized += each.op == Op::memoize;
    if (each.op != Op::long_bin_get) continue;
    const auto number = static_cast<std::uint32_t>(each.number) + writer_.memo_count();
    store_little(instructions.data() + instructions.size() - sizeof number, number);
  }
  if (at == 0 || at != from.size()) return fail("an opaque object that no reader has made");
  return wrote(writer_.object(instructions, memoized));
}

bool Encoder::encode_bytes(std::string_view data) {
  if (writer_.protocol() >= 3) return wrote(writer_.bytes(data) && writer_.memoize());
  if (data.empty()) {
    return write_class(Class::bytes) && wrote(writer_.op(Op::empty_tuple) && end_reduce());
  }
  std::string text;
  for (const char c : data) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return write_class(Class::encode) &&
         wrote(writer_.string(text) && writer_.memoize() && write_name(Name::latin1, "latin1") &&
               end_tuple(2) && end_reduce());
}

bool Encoder::encode_date(const Date& date) {
  char state[date_size];
  put_date(state, date);
  return write_class(Class::date) && encode_state_and_zone({state, date_size}, {});
}

bool Encoder::encode_datetime(const DateTime& datetime) {
  char state[datetime_size];
  put_date(state, datetime.date);
  put_time(state + date_size, datetime.time);
  // Python omits the fold in older protocols.
  if (datetime.time.fold && writer_.protocol() >= 4) state[2] = static_cast<char>(state[2] | 0x80);
  return write_class(Class::datetime) &&
         encode_state_and_zone({state, datetime_size}, datetime.time.zone);
}

bool Encoder::encode_time(const Time& time) {
  char state[time_size];
  put_time(state, time);
  if (time.fold && writer_.protocol() >= 4) state[0] = static_cast<char>(state[0] | 0x80);
  return write_class(Class::time) && encode_state_and_zone({state, time_size}, time.zone);
}

bool Encoder::encode_state_and_zone(std::string_view state, const TimeZone& zone) {
  if (!elements_left_.take(Limits::of_datetime)) return fail_elements(limits_, error_);
  const bool aware = zone.offset_us || !zone.name.empty();
  return encode_bytes(state) && (!aware || encode_zone(zone)) &&
         wrote(end_tuple(aware ? 2 : 1) && end_reduce());
}

bool Encoder::encode_timedelta(const TimeDelta& delta) {
  return write_class(Class::timedelta) &&
         wrote(writer_.integer(delta.days) && writer_.integer(delta.seconds) &&
               writer_.integer(delta.microseconds) && end_tuple(3) && end_reduce());
}

bool Encoder::encode_zone(const TimeZone& zone) {
  if (zone.name.size() > zone_name_max) {
    return fail("a time zone with a name of " + std::to_string(zone.name.size()) + " bytes");
  }
  if (zone_ && *zone_ == zone) return wrote(writer_.get(zone_number_));
  // An offset is written as an offset: the named zone may have another one then.
  if (!(zone.offset_us ? encode_fixed_zone(zone) : encode_named_zone(zone.name))) return false;
  zone_ = &zone;
  zone_number_ = writer_.memoized();
  return true;
}

// getattr(zoneinfo.ZoneInfo, "_unpickle")(name, 1)
bool Encoder::encode_named_zone(std::string_view name) {
  std::uint32_t& bound = names_[static_cast<std::size_t>(Name::bound)];
  if (bound != not_yet) {
    if (!wrote(writer_.get(bound))) return false;
  } else {
    if (!write_class(Class::getattr) || !write_class(Class::zone_info)) return false;
    if (!wrote(write_name(Name::unpickle, "_unpickle") && end_tuple(2) && end_reduce())) {
      return false;
    }
    bound = writer_.memoized();
  }
  return wrote(writer_.string(name) && writer_.memoize() && writer_.integer(1) && end_tuple(2) &&
               end_reduce());
}

bool Encoder::encode_fixed_zone(const TimeZone& zone) {
  std::int64_t days = *zone.offset_us / day_us, rest = *zone.offset_us % day_us;
  if (rest < 0) {
    --days;
    rest += day_us;
  }
  const TimeDelta delta{static_cast<std::int32_t>(days),
                        static_cast<std::int32_t>(rest / second_us),
                        static_cast<std::int32_t>(rest % second_us)};
  if (!write_class(Class::timezone) || !encode_timedelta(delta)) return false;
  if (zone.name.empty()) return wrote(end_tuple(1) && end_reduce());
  return wrote(writer_.string(zone.name) && writer_.memoize() && end_tuple(2) && end_reduce());
}

bool Encoder::encode_decimal(std::string_view text) {
  return write_class(Class::decimal) &&
         wrote(writer_.string(text) && writer_.memoize() && end_tuple(1) && end_reduce());
}

// An empty object, then its state: {"int": 128 bits}.
bool Encoder::encode_uuid(const Uuid& uuid) {
  char bytes[sizeof uuid.bytes + 1] = {};
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    bytes[i] = static_cast<char>(uuid.bytes[sizeof uuid.bytes - 1 - i]);
  }
  std::size_t size = sizeof bytes;
  while (size > 1 && bytes[size - 1] == 0 && !(bytes[size - 2] & 0x80)) --size;
  const std::string_view number(bytes, size);
  if (!write_class(Class::uuid)) return false;
  return wrote(
      writer_.op(Op::empty_tuple) && writer_.op(Op::new_obj) && writer_.memoize() &&
      writer_.op(Op::empty_dict) && writer_.memoize() && write_name(Name::int_, "int") &&
      (size <= 8 ? writer_.integer(read_short_long(number)) : writer_.long_integer(number)) &&
      writer_.op(Op::set_item) && writer_.op(Op::build));
}

bool Encoder::write_class(Class which) {
  struct Names {
    std::string_view module, name;
  };
  static constexpr std::array<Names, class_count> names = {{
      {"datetime", "datetime"},
      {"datetime", "date"},
      {"datetime", "time"},
      {"datetime", "timedelta"},
      {"datetime", "timezone"},
      {"zoneinfo", "ZoneInfo"},
      {"builtins", "getattr"},
      {"decimal", "Decimal"},
      {"uuid", "UUID"},
      {"builtins", "set"},
      {"builtins", "frozenset"},
      {"builtins", "bytes"},
      {"_codecs", "encode"},
  }};
  const auto index = static_cast<std::size_t>(which);
  if (classes_[index] != not_yet) return wrote(writer_.get(classes_[index]));
  const auto& [module, name] = names[index];
  if (writer_.protocol() >= 4) {
    if (!wrote(write_module(module) && writer_.string(name) && writer_.memoize() &&
               writer_.op(Op::stack_global) && writer_.memoize())) {
      return false;
    }
  } else {
    // Protocol 2 is meant for Python 2, too.
    const bool renamed = writer_.protocol() < 3 && module == "builtins";
    if (!wrote(writer_.global_lines(renamed ? "__builtin__" : module, name) && writer_.memoize())) {
      return false;
    }
  }
  classes_[index] = writer_.memoized();
  return true;
}

bool Encoder::write_module(std::string_view module) {
  if (module == "datetime") return write_name(Name::datetime, module);
  if (module == "builtins") return write_name(Name::builtins, module);
  return writer_.string(module) && writer_.memoize();
}

bool Encoder::write_name(Name which, std::string_view text) {
  std::uint32_t& number = names_[static_cast<std::size_t>(which)];
  if (number != not_yet) return writer_.get(number);
  if (!writer_.string(text) || !writer_.memoize()) return false;
  number = writer_.memoized();
  return true;
}

bool Encoder::end_tuple(std::size_t count) {
  static constexpr Op ops[] = {Op::tuple, Op::tuple1, Op::tuple2, Op::tuple3};
  return writer_.op(count <= 3 ? ops[count] : Op::tuple) && writer_.memoize();
}

bool Encoder::end_reduce() { return writer_.op(Op::reduce) && writer_.memoize(); }

}  // namespace djcache::codec::pickle
