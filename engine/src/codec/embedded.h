// The serializers of in-process backends, whose bytes no other program reads: one byte for the
// kind, then the value in the form that is fastest to use. OPTIONS.serializer does not choose them.
//
//   i  an integer of 64 bits in native byte order, which incr changes in place
//   s  str, its bytes        b  bytes        m  everything else, as msgpack
#pragma once

#include <cstdint>
#include <memory>

#include "codec/msgpack.h"

namespace djcache::codec {

class EmbeddedCodec final : public Codec {
 public:
  explicit EmbeddedCodec(const Limits& limits);
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

  // Precedes the content of a bytes value.
  static constexpr std::string_view bytes_head{"b"};
  // The eight bytes of an encoded integer, to read and change; null for any other value.
  static char* integer_in(char* bytes, std::size_t size) {
    return size == 1 + sizeof(std::int64_t) && *bytes == integer_tag ? bytes + 1 : nullptr;
  }

 private:
  static constexpr char integer_tag = 'i', string_tag = 's', bytes_tag = 'b', msgpack_tag = 'm';

  Limits limits_;
  MsgpackCodec msgpack_;
};

// Accepts any value and writes nothing.
class NullCodec final : public Codec {
 public:
  bool encode(const Value&, Scratch&, Encoded& out, Error&) const override {
    out = {};
    return true;
  }
  bool decode(std::string_view, Value& out, Error&) const override {
    out = Value();
    return true;
  }
};

std::unique_ptr<const Codec> make_embedded_codec(const Limits& limits);

}  // namespace djcache::codec
