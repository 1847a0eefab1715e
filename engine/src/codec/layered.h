// LayeredCodec: a serializer with the layers that django-redis and signatures add, and with
// fallbacks for reading. Made only for caches whose OPTIONS ask for one of these.
//
//   writing: serialize -> compress, if it is long enough -> sign
//   reading: verify -> expand, if it begins like compressed data -> the first serializer that can
//
// Data is not expanded before it is verified, and not decoded unless it expands within the limits.
// Integers that are whole values bypass all layers, so that INCR works; see sign_integers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/codec.h"
#include "codec/compressor.h"
#include "codec/signer.h"

namespace djcache::codec {

class LayeredCodec final : public Codec {
 public:
  struct Layers {
    std::vector<std::unique_ptr<const Codec>> serializers;  // the first one writes
    std::vector<const CompressorTable*> compressors;        // for reading
    const CompressorTable* compressor = nullptr;            // for writing; null: none
    std::size_t compress_min_bytes = 0;
    std::unique_ptr<const Signer> signer;  // null: none
    bool sign_integers = false;
  };

  // REQUIRES: at least one serializer.
  LayeredCodec(Layers layers, const Limits& limits) : own_(std::move(layers)), limits_(limits) {}
  bool encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const override;
  bool decode(std::string_view bytes, Value& out, Error& error) const override;

 private:
  bool compress(Scratch& scratch, Encoded& out, Error& error) const;
  bool sign(Scratch& scratch, Encoded& out, Error& error) const;
  bool expand_and_decode(std::string_view bytes, Value& out, Error& error) const;
  bool deserialize(std::string_view bytes, Value& out, Error& error) const;

  Layers own_;
  Limits limits_;
};

}  // namespace djcache::codec
