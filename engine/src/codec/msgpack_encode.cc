// MsgpackCodec::encode: walks the value and drives msgpack-c's packer. A string or bytes at the top
// level is not copied, scalars need no memory, containers go to the scratch's body.
#include <msgpack.h>

#include <charconv>

#include "codec/integer_text.h"
#include "codec/limits.h"
#include "codec/msgpack.h"
#include "codec/msgpack_types.h"
#include "value/number_text.h"
#include "value/utf8.h"

namespace djcache::codec {
namespace {

// The packer's view of Scratch::head. Every head and every scalar has at most 9 bytes.
struct HeadSink {
  char* at;
  static int write(void* self, const char* bytes, std::size_t size) {
    char*& to = static_cast<HeadSink*>(self)->at;
    detail::copy_inline(to, bytes, size);
    to += size;
    return 0;
  }
};

struct BodySink {
  std::string& body;
  std::size_t max_bytes;
  static int write(void* self, const char* bytes, std::size_t size) {
    auto& sink = *static_cast<BodySink*>(self);
    if (size > sink.max_bytes - sink.body.size()) return -1;
    sink.body.append(bytes, size);
    return 0;
  }
};

bool check_utf8(std::string_view text, Error& error) {
  const std::size_t bad = value::utf8_error(text);
  if (bad == text.size()) return true;
  error = {Errc::encode_failed, "msgpack: a str that is not UTF-8 at its byte " +
                                    std::to_string(bad) + "; store it as bytes"};
  return false;
}

class Encoder {
 public:
  Encoder(std::string& body, const Limits& limits, Error& error)
      : sink_{body, limits.max_bytes + limits.max_depth * head_max},
        limits_(limits),
        elements_left_(limits),
        error_(error) {
    msgpack_packer_init(&packer_, &sink_, BodySink::write);
  }

  // `place` names the place if Python has to hash the value there: "a key of a dict".
  bool encode(const Value& value, std::size_t depth, const char* place = nullptr) {
    switch (value.kind()) {
      case Kind::nil:
        return wrote(msgpack_pack_nil(&packer_));
      case Kind::boolean:
        return wrote(*value.as_bool() ? msgpack_pack_true(&packer_) : msgpack_pack_false(&packer_));
      case Kind::integer:
        return wrote(msgpack_pack_int64(&packer_, *value.as_int()));
      case Kind::real:
        return wrote(msgpack_pack_double(&packer_, *value.as_double()));
      case Kind::string:
        return check_utf8(value.text(), error_) &&
               wrote(msgpack_pack_str(&packer_, value.text().size())) && append(value.text());
      case Kind::bytes:
        return wrote(msgpack_pack_bin(&packer_, value.text().size())) && append(value.text());
      case Kind::big_integer:
        return encode_big_integer(value);
      case Kind::list:
        return may_be(place, value) && encode_array(*value.as_list(), depth + 1, nullptr);
      case Kind::dict:
        return may_be(place, value) && encode_map(*value.as_dict(), depth + 1);
      case Kind::tuple:
        return encode_members(ExtType::tuple, value, depth + 1, place);
      case Kind::set:
        return may_be(place, value) && encode_members(ExtType::set, value, depth + 1, set_member);
      case Kind::frozenset:
        return encode_members(ExtType::frozenset, value, depth + 1, set_member);
      case Kind::datetime:
        return check_count(Limits::of_datetime) && encode_fields(ExtType::datetime, value);
      case Kind::date:
        return encode_fields(ExtType::date, value);
      case Kind::time:
        return check_count(Limits::of_datetime) && encode_fields(ExtType::time, value);
      case Kind::timedelta:
        return encode_fields(ExtType::timedelta, value);
      case Kind::decimal:
        if (place && djcache::value::is_signaling(value.text())) return may_be(place, value);
        return encode_fields(ExtType::decimal, value);
      case Kind::uuid:
        return encode_fields(ExtType::uuid, value);
      case Kind::opaque:
        return fail("an object of " + std::string(value.opaque_class()) +
                    " is written by the serializer pickle alone");
    }
    return fail("a value of no known kind");
  }

 private:
  static constexpr std::size_t head_max = 6;  // of an extension
  static constexpr const char* set_member = "a member of a set";

  bool fail(std::string reason) {
    error_ = {Errc::encode_failed, "msgpack: " + std::move(reason)};
    return false;
  }
  bool wrote(int result) {
    if (result == 0) return true;
    error_ = {Errc::value_too_large,
              "a value over the limit of " + std::to_string(limits_.max_bytes) + " bytes"};
    return false;
  }
  bool append(std::string_view text) {
    return wrote(BodySink::write(&sink_, text.data(), text.size()));
  }

  bool enter(std::size_t depth) {
    if (depth <= limits_.max_depth) return true;
    return fail("nested deeper than " + std::to_string(limits_.max_depth) + " levels");
  }
  // For lists, dicts, sets and signaling NaNs: false if Python has to hash them here.
  bool may_be(const char* place, const Value& value) {
    if (!place) return true;
    return fail("a " + std::string(to_string(value.kind())) + " cannot be " + place +
                ": Python cannot hash it");
  }

  bool encode_array(const Value::List& items, std::size_t depth, const char* place) {
    if (!enter(depth) || !check_count(items.size())) return false;
    if (!wrote(msgpack_pack_array(&packer_, items.size()))) return false;
    for (const Value& item : items) {
      if (!encode(item, depth, place)) return false;
    }
    return true;
  }

  bool encode_map(const Value::Items& items, std::size_t depth) {
    if (!enter(depth) || !check_count(2 * items.size())) return false;
    if (!wrote(msgpack_pack_map(&packer_, items.size()))) return false;
    for (const auto& [key, value] : items) {
      if (!encode(key, depth, "a key of a dict") || !encode(value, depth)) return false;
    }
    return true;
  }

  // Far below the 32 bits of msgpack's counts.
  bool check_count(std::size_t count) {
    return elements_left_.take(count) || fail_elements(limits_, error_);
  }

  bool encode_big_integer(const Value& value) {
    const std::string_view text = value.text();
    std::uint64_t number = 0;
    // All digits, except for a sign, which an unsigned number must not have.
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc()) {
      return wrote(msgpack_pack_uint64(&packer_, number));
    }
    return check_digits(value, error_) && encode_fields(ExtType::big_integer, value);
  }

  // An extension has its size in front of its payload, but the size is only known once the payload
  // is written. So space for the largest head is left free, and the payload is moved when a smaller
  // head will do: by at most 64 KiB at a time, because larger payloads need the largest head.
  template <class WritePayload>
  bool encode_ext(ExtType type, WritePayload write_payload) {
    const std::size_t start = sink_.body.size();
    if (!wrote(BodySink::write(&sink_, "\0\0\0\0\0", head_max))) return false;
    if (!write_payload()) return false;
    const std::size_t size = sink_.body.size() - start - head_max;
    char head[head_max];
    HeadSink sink{head};
    msgpack_packer packer;
    msgpack_packer_init(&packer, &sink, HeadSink::write);
    msgpack_pack_ext(&packer, size, static_cast<std::int8_t>(type));
    sink_.body.replace(start, head_max, head, static_cast<std::size_t>(sink.at - head));
    return true;
  }

  bool encode_members(ExtType type, const Value& value, std::size_t depth, const char* place) {
    return encode_ext(type, [&] { return encode_array(*value.as_sequence(), depth, place); });
  }

  bool encode_fields(ExtType type, const Value& value) {
    return encode_ext(type, [&] {
      std::string reason;
      if (!pack_fields(value, sink_.body, reason)) return fail(std::move(reason));
      return wrote(sink_.body.size() <= sink_.max_bytes ? 0 : -1);
    });
  }

  BodySink sink_;
  const Limits& limits_;
  ElementsLeft elements_left_;
  Error& error_;
  msgpack_packer packer_;
};

// A packer that writes to Scratch::head.
struct HeadPacker {
  HeadSink sink;
  msgpack_packer packer;

  explicit HeadPacker(Scratch& scratch) : sink{scratch.head} {
    msgpack_packer_init(&packer, &sink, HeadSink::write);
  }
  std::string_view written(const Scratch& scratch) const {
    return {scratch.head, static_cast<std::size_t>(sink.at - scratch.head)};
  }
};

// The text itself is not copied.
bool encode_text(const Value& value, Scratch& scratch, Encoded& out, Error& error) {
  const std::string_view text = value.text();
  HeadPacker head(scratch);
  if (value.is(Kind::string)) {
    if (!check_utf8(text, error)) return false;
    msgpack_pack_str(&head.packer, text.size());
  } else {
    msgpack_pack_bin(&head.packer, text.size());
  }
  out = {head.written(scratch), text};
  return true;
}

void encode_scalar(const Value& value, Scratch& scratch, Encoded& out) {
  HeadPacker head(scratch);
  if (const auto flag = value.as_bool()) {
    *flag ? msgpack_pack_true(&head.packer) : msgpack_pack_false(&head.packer);
  } else if (const auto number = value.as_double()) {
    msgpack_pack_double(&head.packer, *number);
  } else {
    msgpack_pack_nil(&head.packer);
  }
  out = {head.written(scratch), {}};
}

bool encode_any(const Value& value, const Limits& limits, Scratch& scratch, Encoded& out,
                Error& error) {
  restart(scratch.body);
  if (!Encoder(scratch.body, limits, error).encode(value, 0)) return false;
  out = {{}, scratch.body};
  return true;
}

// The most common entry, where a few instructions count: a str of up to 255 bytes. False: longer or
// invalid; then the encoder handles it.
bool encode_short_string(std::string_view text, Scratch& scratch, Encoded& out) {
  if (text.size() > 255 || value::utf8_error(text) != text.size()) return false;
  const auto size = static_cast<unsigned char>(text.size());
  std::size_t head = 1;
  if (size < 32) {
    scratch.head[0] = static_cast<char>(0xa0 | size);
  } else {
    scratch.head[0] = static_cast<char>(0xd9);
    scratch.head[1] = static_cast<char>(size);
    head = 2;
  }
  out = {{scratch.head, head}, text};
  return true;
}

}  // namespace

bool MsgpackCodec::encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const {
  if (value.kind() == Kind::string && encode_short_string(value.text(), scratch, out) &&
      out.size() <= limits_.max_bytes) [[likely]] {
    return true;
  }
  bool encoded = true;
  switch (value.kind()) {
    case Kind::integer:
    case Kind::big_integer:
      encoded = write_integer(value, scratch, out, error);
      break;
    case Kind::string:
    case Kind::bytes:
      // Checked first, because the head of a text counts in 32 bits, as max_bytes does.
      encoded = check_size(value.text().size(), limits_, error) &&
                encode_text(value, scratch, out, error);
      break;
    case Kind::nil:
    case Kind::boolean:
    case Kind::real:
      encode_scalar(value, scratch, out);
      break;
    default:
      encoded = encode_any(value, limits_, scratch, out, error);
  }
  return encoded && check_size(out.size(), limits_, error);
}

}  // namespace djcache::codec
