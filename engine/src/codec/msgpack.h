// The msgpack serializer. The stored form is described in engine/docs/msgpack.md.
//
// msgpack-c writes; the reader is hand-written, because msgpack-c's C reader builds a tree of its
// own first, and cannot check counts or depth before it allocates.
#pragma once

#include "codec/codec.h"

namespace djcache::codec {

class MsgpackCodec final : public Codec {
 public:
  explicit MsgpackCodec(const Limits& limits) : limits_(limits) {}
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

 private:
  Limits limits_;
};

}  // namespace djcache::codec
