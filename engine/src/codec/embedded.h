// The serializers of backends inside the process, which nobody else reads: one byte for the kind,
// then the value in the form that is fastest to use. OPTIONS.serializer does not choose them.
//
//   i  an integer of 64 bits, in the machine's own order: incr changes it in place
//   s  str, its bytes        b  bytes        m  everything else, as msgpack has it
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

  // What stands before the content of a bytes value.
  static constexpr std::string_view bytes_head{"b"};
  // The eight bytes of an encoded integer, to be read and changed; null: it is something else.
  static char* integer_in(char* bytes, std::size_t size) {
    return size == 1 + sizeof(std::int64_t) && *bytes == integer_tag ? bytes + 1 : nullptr;
  }

 private:
  static constexpr char integer_tag = 'i', string_tag = 's', bytes_tag = 'b', msgpack_tag = 'm';

  Limits limits_;
  MsgpackCodec msgpack_;
};

// Takes any value and writes nothing.
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
