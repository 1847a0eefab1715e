// MsgpackCodec::decode: bytes from a server are untrusted. Memory for a declared size or count is
// only allocated once the input is known to be long enough.
#include <bit>
#include <cstdio>

#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/msgpack.h"
#include "codec/msgpack_plain.h"
#include "codec/msgpack_types.h"
#include "value/distinct.h"
#include "value/number_text.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace {

class Decoder {
 public:
  Decoder(std::string_view bytes, const Limits& limits, Error& error)
      : begin_(bytes.data()),
        at_(begin_),
        end_(begin_ + bytes.size()),
        elements_left_(limits),
        limits_(limits),
        error_(error) {
    work_.restart(bytes.size());
  }

  bool decode_all(Value& out) {
    if (at_ == end_) return fail("empty, there is no value");
    if (static_cast<unsigned char>(*at_) < 0x80) {
      // In msgpack the byte is a small integer, but integers are stored as text, so another program
      // wrote this text. Its first letter must not pass for a number.
      return fail("the first byte, " + hex(static_cast<unsigned char>(*at_)) +
                  ", starts neither a decimal integer nor any other stored value");
    }
    return decode(out, 0) && all_used("the value");
  }

 private:
  std::size_t position(const char* at) const { return static_cast<std::size_t>(at - begin_); }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  static std::string hex(unsigned char byte) {
    char text[8];
    std::snprintf(text, sizeof text, "0x%02x", static_cast<unsigned>(byte));
    return text;
  }

  [[gnu::cold]] bool fail(std::string reason) {
    error_ = {Errc::decode_failed, "msgpack: " + std::move(reason)};
    return false;
  }
  [[gnu::cold]] bool fail_at(std::string what, const char* at, std::string_view why) {
    return fail(std::move(what.append(" at byte ") += std::to_string(position(at)).append(why)));
  }
  [[gnu::cold]] bool past_end(const char* what, std::size_t size, const char* unit,
                              const char* at) {
    return fail_at(std::string(what) + " of " + std::to_string(size) + unit, at,
                   " runs past the end (" + std::to_string(left()) + " bytes left)");
  }
  bool all_used(const char* what) {
    if (at_ == end_) return true;
    return fail_at(std::to_string(left()) + " bytes left over", at_,
                   std::string(", after ") + what);
  }

  // A big endian number of the item whose first byte is at `start`.
  template <class T>
  bool take(T& number, const char* what, const char* start) {
    if (left() < sizeof(T)) return past_end(what, sizeof(T), " bytes", start);
    number = load_big<T>(at_);
    at_ += sizeof(T);
    return true;
  }

  // REQUIRES: `out` is nil.
  bool decode(Value& out, std::size_t depth) {
    if (at_ == end_) return fail_at("an item is missing", at_, ", the end");
    if (const char* const next = msgpack::read_plain(at_, end_, &out)) {
      at_ = next;
      return true;
    }
    return decode_rare(out, depth);
  }

  // Items that are not plain, and invalid plain ones.
  bool decode_rare(Value& out, std::size_t depth) {
    const char* const start = at_;
    const auto head = static_cast<unsigned char>(*at_++);
    if (head < 0x90) return map(head & 0x0f, start, out, depth + 1);
    if (head < 0xa0) return list(head & 0x0f, start, out, depth + 1);
    if (head < 0xc0) return bad_string(head & 0x1f, start);
    switch (head) {
      case 0xc4:
        return sized<std::uint8_t>(&Decoder::bytes, start, out);
      case 0xc5:
        return sized<std::uint16_t>(&Decoder::bytes, start, out);
      case 0xc6:
        return sized<std::uint32_t>(&Decoder::bytes, start, out);
      case 0xc7:
        return sized<std::uint8_t>(&Decoder::ext, start, out, depth);
      case 0xc8:
        return sized<std::uint16_t>(&Decoder::ext, start, out, depth);
      case 0xc9:
        return sized<std::uint32_t>(&Decoder::ext, start, out, depth);
      case 0xca:
        return real_of_32_bits(start, out);
      case 0xcb:
        return past_end("a float", sizeof(double), " bytes", start);
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return past_end("an integer", std::size_t{1} << (head & 3), " bytes", start);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return ext(std::size_t{1} << (head - 0xd4), start, out, depth);
      case 0xd9:
        return bad_sized_string<std::uint8_t>(start);
      case 0xda:
        return bad_sized_string<std::uint16_t>(start);
      case 0xdb:
        return bad_sized_string<std::uint32_t>(start);
      case 0xdc:
        return sized<std::uint16_t>(&Decoder::list, start, out, depth + 1);
      case 0xdd:
        return sized<std::uint32_t>(&Decoder::list, start, out, depth + 1);
      case 0xde:
        return sized<std::uint16_t>(&Decoder::map, start, out, depth + 1);
      case 0xdf:
        return sized<std::uint32_t>(&Decoder::map, start, out, depth + 1);
      default:
        return fail_at(hex(head), start, " is not in the format");
    }
  }

  // Reads the size or count after the head, then the content.
  template <class T, class Read, class... Depth>
  bool sized(Read read, const char* start, Value& out, Depth... depth) {
    T size = 0;
    return take(size, "a size", start) && (this->*read)(size, start, out, depth...);
  }

  bool real_of_32_bits(const char* start, Value& out) {
    std::uint32_t bits = 0;
    if (!take(bits, "a float", start)) return false;
    std::construct_at(&out, std::bit_cast<float>(bits));
    return true;
  }

  // The reason why a string was refused.
  bool bad_string(std::size_t size, const char* start) {
    if (size > left()) return past_end("string", size, " bytes", start);
    const std::size_t bad = value::utf8_error({at_, size});
    return fail_at("string", start, " is not UTF-8 at byte " + std::to_string(position(at_ + bad)));
  }
  template <class Size>
  bool bad_sized_string(const char* start) {
    Size size = 0;
    return take(size, "a size", start) && bad_string(size, start);
  }

  bool bytes(std::size_t size, const char* start, Value& out) {
    if (size > left()) return past_end("bytes", size, " bytes", start);
    out = Value::bytes(std::string_view(at_, size));
    at_ += size;
    return true;
  }

  // Called before memory for `count` items is allocated: the input is long enough for them, and for
  // all items that the enclosing containers still expect, at one byte each. So the memory of all
  // containers together is bounded by the size of the input.
  bool may_hold(std::size_t count, const char* what, const char* unit, const char* start,
                std::size_t depth) {
    if (depth > limits_.max_depth) {
      return fail("nested deeper than " + std::to_string(limits_.max_depth) + " levels at byte " +
                  std::to_string(position(start)));
    }
    if (count > left() || promised_ > left() - count) return past_end(what, count, unit, start);
    if (!elements_left_.take(count)) {
      return fail_at(std::string(what) + " of " + std::to_string(count) + unit, start,
                     over_elements(limits_));
    }
    work_.allow(WorkLeft::for_item * count);
    return true;
  }

  // An expected item, after which `more` are expected. `at` is at_ in a register; the members are
  // only kept up to date for items that are not plain.
  bool decode_promised(const char*& at, Value& out, std::size_t more, std::size_t depth) {
    if (const char* const next = at < end_ ? msgpack::read_plain(at, end_, &out) : nullptr) {
      at = next;
      return true;
    }
    at_ = at;
    const std::size_t outer = std::exchange(promised_, promised_ + more);
    const bool decoded = at == end_ ? decode(out, depth) : decode_rare(out, depth);
    promised_ = outer;
    at = at_;
    return decoded;
  }

  bool check_work(const char* what, const char* start) {
    return work_.is_left() || fail_at(what, start, no_work_left);
  }

  bool cannot_hash(const char* what, const char* start) {
    return fail_at(std::string("a ") + what, start,
                   " is a key or a member of a set: Python cannot hash it");
  }

  bool list(std::size_t count, const char* start, Value& out, std::size_t depth) {
    const bool of_extension = std::exchange(payload_, false);
    if (hashed_ && !of_extension) return cannot_hash("list", start);
    if (!may_hold(count, "list", " items", start, depth)) return false;
    Value::List items(count);
    const char* at = at_;
    for (Value& item : items) {
      if (!decode_promised(at, item, --count, depth)) return false;
    }
    at_ = at;
    ::new (static_cast<void*>(&out)) Value(Value::list(std::move(items)));
    return true;
  }

  bool map(std::size_t count, const char* start, Value& out, std::size_t depth) {
    if (hashed_) return cannot_hash("dict", start);
    if (!may_hold(2 * count, "dict", " keys and values", start, depth)) return false;
    Value::Items items(count);
    const std::size_t hashes = hashes_.size();
    const char* at = at_;
    for (auto& [key, value] : items) {
      --count;
      hashed_ = true;
      if (!decode_promised(at, key, 2 * count + 1, depth)) return false;
      hashed_ = false;
      if (!decode_promised(at, value, 2 * count, depth)) return false;
    }
    at_ = at;
    hashes_.keep_last_of_equal_keys(items, hashes);
    ::new (static_cast<void*>(&out)) Value(Value::dict());
    out.mutable_dict()->swap(items);
    return check_work("dict", start);
  }

  bool ext(std::size_t size, const char* start, Value& out, std::size_t depth) {
    std::int8_t number = 0;
    if (!take(number, "extension type", start)) return false;
    if (size > left()) return past_end("extension", size, " bytes", start);
    const auto type = static_cast<ExtType>(number);
    if (type == ExtType::tuple || type == ExtType::set || type == ExtType::frozenset) {
      return members(type, size, start, out, depth);
    }
    if (number != -1 && (number < 1 || type > ExtType::uuid)) {
      return fail_at("extension type " + std::to_string(number), start, " is unknown");
    }
    if (!unpack_fields(type, std::string_view(at_, size), out)) {
      return fail_at("extension type " + std::to_string(number), start,
                     " has a payload that is not valid for it");
    }
    if (hashed_ && out.is(Kind::decimal) && value::is_signaling(out.text())) {
      return cannot_hash("signaling NaN", start);
    }
    const bool in_block = out.is(Kind::datetime) || out.is(Kind::time);
    if (in_block && !elements_left_.take(Limits::of_datetime)) {
      return fail_at("a datetime or time", start, over_elements(limits_));
    }
    at_ += size;
    return true;
  }

  // The payload is a msgpack array: reads it as if the input ended with it.
  bool members(ExtType type, std::size_t size, const char* start, Value& out, std::size_t depth) {
    if (hashed_ && type == ExtType::set) return cannot_hash("set", start);
    const char* const outer_end = std::exchange(end_, at_ + size);
    const std::size_t outer_promised = std::exchange(promised_, 0);
    const bool outer_hashed = std::exchange(hashed_, hashed_ || type != ExtType::tuple);
    payload_ = true;
    const std::size_t hashes = hashes_.size();
    Value inner;
    if (!decode(inner, depth) || !all_used("the members of an extension")) return false;
    payload_ = false;
    hashed_ = outer_hashed;
    end_ = outer_end;
    promised_ = outer_promised;
    if (!inner.is(Kind::list)) {
      return fail_at("extension type " + std::to_string(static_cast<int>(type)), start,
                     " does not hold an array");
    }
    Value::List list = std::move(*inner.mutable_sequence());
    const bool is_tuple = type == ExtType::tuple;
    if (hashed_) {
      hashes_.add(is_tuple ? Kind::tuple : Kind::frozenset, list, !is_tuple, hashes);
    } else if (!is_tuple) {
      hashes_.keep_first_of_equal(list, hashes);
    }
    out = is_tuple               ? Value::tuple(std::move(list))
          : type == ExtType::set ? Value::set(std::move(list))
                                 : Value::frozenset(std::move(list));
    return check_work("extension", start);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t promised_ = 0;  // items that open containers expect before end_
  bool hashed_ = false;       // inside of a key or of a member of a set
  bool payload_ = false;      // the next array belongs to an extension, it is not a list
  value::Hashes hashes_;
  WorkLeft work_;
  ElementsLeft elements_left_;
  const Limits& limits_;
  Error& error_;
};

// The most common entry, where a few instructions count: a str. False: something else, or invalid;
// then the decoder reports it.
bool read_whole_string(std::string_view bytes, Value& out) {
  if (bytes.empty()) return false;
  const auto head = static_cast<unsigned char>(bytes[0]);
  if (head < 0xa0 || head > 0xdb || (head > 0xbf && head < 0xd9)) return false;
  const char* const end = bytes.data() + bytes.size();
  make_nil(out);
  const char* const read = msgpack::read_plain(bytes.data(), end, &out);
  if (read == end) return true;
  out = Value();
  return false;
}

}  // namespace

bool MsgpackCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (read_whole_string(bytes, out)) return true;
  if (read_integer(bytes, out)) return true;
  make_nil(out);
  if (Decoder(bytes, limits_, error).decode_all(out)) return true;
  out = Value();
  return false;
}

}  // namespace djcache::codec
