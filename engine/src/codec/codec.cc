#include "codec/codec.h"

#include <algorithm>

#include "codec/limits.h"
#include "codec/msgpack.h"
#include "codec/pickle.h"
#include "codec/raw.h"

namespace djcache::codec {

bool fail_size(std::size_t size, const Limits& limits, Error& error) {
  error = {Errc::value_too_large, "a value of " + std::to_string(size) +
                                      " bytes is over the limit of " +
                                      std::to_string(limits.max_bytes)};
  return false;
}

std::unique_ptr<const Codec> make_codec(Serializer serializer, const Limits& limits) {
  Limits bounded = limits;
  bounded.max_bytes = std::min(bounded.max_bytes, bytes_max);
  bounded.max_depth = std::min(bounded.max_depth, depth_max);
  switch (serializer) {
    case Serializer::raw:
      return std::make_unique<RawCodec>(bounded);
    case Serializer::pickle:
      return std::make_unique<PickleCodec>(bounded);
    case Serializer::msgpack:
      break;
  }
  return std::make_unique<MsgpackCodec>(bounded);
}

}  // namespace djcache::codec
