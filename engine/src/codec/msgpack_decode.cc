// MsgpackCodec::decode: bytes from a server, so from anybody. Nothing is reserved for a declared
// size or count before it is known that the bytes for it are there.
#include <bit>
#include <cstdio>

#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/msgpack.h"
#include "codec/msgpack_types.h"
#include "value/distinct.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace {

class Decoder {
 public:
  Decoder(std::string_view bytes, const Limits& limits, Error& error)
      : begin_(bytes.data()),
        at_(begin_),
        end_(begin_ + bytes.size()),
        limits_(limits),
        error_(error) {}

  bool decode_all(Value& out) {
    if (at_ == end_) return fail("empty, there is no value");
    if (static_cast<unsigned char>(*at_) < 0x80) {
      // The byte is a small integer to msgpack, but integers are stored as text, so this is a text
      // that somebody else wrote. Its first letter must not pass for a number.
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

  // A big endian number that belongs to the item whose first byte is at `start`.
  template <class T>
  bool take(T& number, const char* what, const char* start) {
    if (left() < sizeof(T)) return past_end(what, sizeof(T), " bytes", start);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bits = (bits << 8) | static_cast<unsigned char>(at_[i]);
    }
    at_ += sizeof(T);
    number = static_cast<T>(bits);
    return true;
  }

  bool decode(Value& out, std::size_t depth) {
    if (at_ == end_) return fail_at("an item is missing", at_, ", the end");
    const char* const start = at_;
    const auto head = static_cast<unsigned char>(*at_++);
    if (head < 0x80) return out = head, true;
    if (head < 0x90) return map(head & 0x0f, start, out, depth + 1);
    if (head < 0xa0) return list(head & 0x0f, start, out, depth + 1);
    if (head < 0xc0) return string(head & 0x1f, start, out);
    if (head >= 0xe0) return out = static_cast<std::int8_t>(head), true;
    switch (head) {
      case 0xc0:
        return out = Value(), true;
      case 0xc2:
        return out = false, true;
      case 0xc3:
        return out = true, true;
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
        return real<std::uint32_t, float>(start, out);
      case 0xcb:
        return real<std::uint64_t, double>(start, out);
      case 0xcc:
        return integer<std::uint8_t>(start, out);
      case 0xcd:
        return integer<std::uint16_t>(start, out);
      case 0xce:
        return integer<std::uint32_t>(start, out);
      case 0xcf:
        return integer<std::uint64_t>(start, out);
      case 0xd0:
        return integer<std::int8_t>(start, out);
      case 0xd1:
        return integer<std::int16_t>(start, out);
      case 0xd2:
        return integer<std::int32_t>(start, out);
      case 0xd3:
        return integer<std::int64_t>(start, out);
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return ext(std::size_t{1} << (head - 0xd4), start, out, depth);
      case 0xd9:
        return sized<std::uint8_t>(&Decoder::string, start, out);
      case 0xda:
        return sized<std::uint16_t>(&Decoder::string, start, out);
      case 0xdb:
        return sized<std::uint32_t>(&Decoder::string, start, out);
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

  // Reads the size or count that follows the head, then what it is of.
  template <class T, class Read, class... Depth>
  bool sized(Read read, const char* start, Value& out, Depth... depth) {
    T size = 0;
    return take(size, "a size", start) && (this->*read)(size, start, out, depth...);
  }

  template <class T>
  bool integer(const char* start, Value& out) {
    T number = 0;
    if (!take(number, "an integer", start)) return false;
    out = number;
    return true;
  }

  template <class Bits, class T>
  bool real(const char* start, Value& out) {
    Bits bits = 0;
    if (!take(bits, "a float", start)) return false;
    out = std::bit_cast<T>(bits);
    return true;
  }

  bool string(std::size_t size, const char* start, Value& out) {
    if (size > left()) return past_end("string", size, " bytes", start);
    const std::string_view text(at_, size);
    const std::size_t bad = value::utf8_error(text);
    if (bad < size) {
      return fail_at("string", start,
                     " is not UTF-8 at byte " + std::to_string(position(at_ + bad)));
    }
    at_ += size;
    out = Value(text);
    return true;
  }

  bool bytes(std::size_t size, const char* start, Value& out) {
    if (size > left()) return past_end("bytes", size, " bytes", start);
    out = Value::bytes(std::string_view(at_, size));
    at_ += size;
    return true;
  }

  // Before memory is reserved for `count` more items: the end is far enough for them and for all
  // the items that the containers around them still wait for, at one byte each. So the memory of
  // all containers together is bounded by the number of bytes.
  bool promise(std::size_t count, const char* what, const char* unit, const char* start,
               std::size_t depth) {
    if (depth > limits_.max_depth) {
      return fail("nested deeper than " + std::to_string(limits_.max_depth) + " levels at byte " +
                  std::to_string(position(start)));
    }
    if (count > left() || promised_ > left() - count) return past_end(what, count, unit, start);
    promised_ += count;
    return true;
  }
  bool decode_promised(Value& out, std::size_t depth) {
    --promised_;
    return decode(out, depth);
  }

  bool list(std::size_t count, const char* start, Value& out, std::size_t depth) {
    if (!promise(count, "list", " items", start, depth)) return false;
    Value::List items(count);
    for (Value& item : items) {
      if (!decode_promised(item, depth)) return false;
    }
    out = Value::list(std::move(items));
    return true;
  }

  bool map(std::size_t count, const char* start, Value& out, std::size_t depth) {
    if (!promise(2 * count, "dict", " keys and values", start, depth)) return false;
    Value::Items items(count);
    for (auto& [key, value] : items) {
      if (!decode_promised(key, depth) || !decode_promised(value, depth)) return false;
    }
    out = Value::dict(std::move(items));
    return true;
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
    at_ += size;
    return true;
  }

  // The payload is a msgpack array: read it as if the bytes ended with it.
  bool members(ExtType type, std::size_t size, const char* start, Value& out, std::size_t depth) {
    const char* const outer_end = std::exchange(end_, at_ + size);
    const std::size_t outer_promised = std::exchange(promised_, 0);
    Value inner;
    if (!decode(inner, depth) || !all_used("the members of an extension")) return false;
    end_ = outer_end;
    promised_ = outer_promised;
    if (!inner.is(Kind::list)) {
      return fail_at("extension type " + std::to_string(static_cast<int>(type)), start,
                     " does not hold an array");
    }
    Value::List list = std::move(*inner.mutable_sequence());
    if (type == ExtType::tuple) return out = Value::tuple(std::move(list)), true;
    value::keep_first_of_equal(list);
    out = type == ExtType::set ? Value::set(std::move(list)) : Value::frozenset(std::move(list));
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t promised_ = 0;  // items of open containers that are yet to come before end_
  const Limits& limits_;
  Error& error_;
};

// The commonest entry, and the one where a few instructions count: a str of up to 255 bytes. False:
// it is something else, or not valid; the decoder will say what.
bool read_short_string(std::string_view bytes, Value& out) {
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::string_view text;
  if (bytes.size() >= 2 && byte(0) == 0xd9 && byte(1) == bytes.size() - 2) {
    text = bytes.substr(2);
  } else if (!bytes.empty() && byte(0) - 0xa0u == bytes.size() - 1 && bytes.size() <= 32) {
    text = bytes.substr(1);
  } else {
    return false;
  }
  if (value::utf8_error(text) != text.size()) return false;
  out = Value(text);
  return true;
}

}  // namespace

bool MsgpackCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (read_short_string(bytes, out)) return true;
  if (read_integer(bytes, out)) return true;
  if (Decoder(bytes, limits_, error).decode_all(out)) return true;
  out = Value();
  return false;
}

}  // namespace djcache::codec
