// The raw serializer: the stored bytes are the value. Nothing is added, checked or parsed, so
// integers have no form of their own: decoding "42" gives bytes, too.
#pragma once

#include "codec/codec.h"

namespace djcache::codec {

class RawCodec final : public Codec {
 public:
  explicit RawCodec(const Limits& limits) : limits_(limits) {}
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

 private:
  Limits limits_;
};

}  // namespace djcache::codec
