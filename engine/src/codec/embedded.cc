#include "codec/embedded.h"

#include <algorithm>
#include <cstring>

#include "codec/limits.h"
#include "value/utf8.h"

namespace djcache::codec {

EmbeddedCodec::EmbeddedCodec(const Limits& limits) : limits_(limits), msgpack_(limits) {}

bool EmbeddedCodec::encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const {
  if (const auto integer = value.as_int()) {
    scratch.head[0] = integer_tag;
    std::memcpy(scratch.head + 1, &*integer, sizeof *integer);
    out = {{scratch.head, 1 + sizeof *integer}, {}};
    return true;
  }
  if (value.is(Kind::string) || value.is(Kind::bytes)) {
    const std::string_view text = value.text();
    if (value.is(Kind::string) && value::utf8_error(text) != text.size()) {
      error = {Errc::encode_failed, "a str that is not UTF-8 at its byte " +
                                        std::to_string(value::utf8_error(text)) +
                                        "; store it as bytes"};
      return false;
    }
    scratch.head[0] = value.is(Kind::string) ? string_tag : bytes_tag;
    out = {{scratch.head, 1}, text};
    return check_size(text.size(), limits_, error);
  }
  Encoded packed;
  if (!msgpack_.encode(value, scratch, packed, error)) return false;
  // If there is a head, it is in the scratch, and much shorter.
  if (!packed.head.empty()) {
    std::memmove(scratch.head + 1, packed.head.data(), packed.head.size());
  }
  scratch.head[0] = msgpack_tag;
  out = {{scratch.head, 1 + packed.head.size()}, packed.body};
  return true;
}

bool EmbeddedCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  const std::string_view content = bytes.substr(1);
  switch (bytes.front()) {
    case string_tag:
      out = Value(content);
      return true;
    case integer_tag: {
      std::int64_t integer;
      std::memcpy(&integer, content.data(), sizeof integer);
      out = Value(integer);
      return true;
    }
    case bytes_tag:
      out = Value::bytes(content);
      return true;
    default:
      return msgpack_.decode(content, out, error);
  }
}

std::unique_ptr<const Codec> make_embedded_codec(const Limits& limits) {
  Limits bounded = limits;
  bounded.max_bytes = std::min(bounded.max_bytes, bytes_max);
  bounded.max_depth = std::min(bounded.max_depth, depth_max);
  return std::make_unique<EmbeddedCodec>(bounded);
}

}  // namespace djcache::codec
