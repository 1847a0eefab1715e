// The json serializer: writes and reads what django-redis' JSONSerializer does: Python's json
// module with DjangoJSONEncoder. Described in engine/docs/serializers.md.
//
// The reader is hand-written, because Python's dialect is not quite JSON: NaN and Infinity,
// integers of any size, floats that overflow to infinity.
#pragma once

#include "codec/codec.h"

namespace djcache::codec {

class JsonCodec final : public Codec {
 public:
  explicit JsonCodec(const Limits& limits) : limits_(limits) {}
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

 private:
  Limits limits_;
};

}  // namespace djcache::codec
