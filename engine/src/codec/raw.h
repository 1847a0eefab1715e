// The raw serializer: stored bytes are the value's own. Nothing is added, checked or parsed, so
// integers have no form of their own: decode gives bytes, also for "42".
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
