#include "codec/codec.h"

#include <algorithm>
#include <utility>

#include "codec/json.h"
#include "codec/layered.h"
#include "codec/limits.h"
#include "codec/msgpack.h"
#include "codec/pickle.h"
#include "codec/raw.h"

namespace djcache::codec {
namespace {

Limits bounded(const Limits& limits) {
  return {std::min(limits.max_bytes, bytes_max), std::min(limits.max_depth, depth_max),
          limits.foreign};
}

// Stands in for options that check() refuses before they get here.
class UnavailableCodec final : public Codec {
 public:
  explicit UnavailableCodec(std::string reason) : reason_(std::move(reason)) {}
  bool encode(const Value&, Scratch&, Encoded&, Error& error) const override {
    error = {Errc::encode_failed, reason_};
    return false;
  }
  bool decode(std::string_view, Value&, Error& error) const override {
    error = {Errc::decode_failed, reason_};
    return false;
  }

 private:
  std::string reason_;
};

int protocol_of(const Options& options) {
  return options.pickle_protocol < 0 ? pickle_protocol_highest : options.pickle_protocol;
}

// REQUIRES: signing_keys are not empty. False: there is no signer, and values must not be stored
// unsigned.
bool add_signer(const Options& options, LayeredCodec::Layers& layers) {
  layers.signer = Signer::make(options.signing_keys, options.signing_salt);
  // raw does not store integers: a text of digits is bytes like any other.
  layers.sign_integers = options.sign_integers || options.serializer == Serializer::raw;
  return layers.signer != nullptr;
}

void add_compressors(const Options& options, LayeredCodec::Layers& layers) {
  layers.compressor = compressor_table(options.compressor);
  layers.compress_min_bytes =
      options.compress_min_bytes.value_or(default_min_bytes(options.compressor));
  if (layers.compressor) layers.compressors.push_back(layers.compressor);
  for (const Compressor fallback : options.compressor_fallbacks) {
    if (const auto* table = compressor_table(fallback)) layers.compressors.push_back(table);
  }
}

}  // namespace

bool fail_size(std::size_t size, const Limits& limits, Error& error) {
  error = {Errc::value_too_large, "a value of " + std::to_string(size) +
                                      " bytes is over the limit of " +
                                      std::to_string(limits.max_bytes)};
  return false;
}

std::string over_elements(const Limits& limits) {
  return ": over the limit of " + std::to_string(limits.max_elements()) +
         " items in all containers together";
}

bool fail_elements(const Limits& limits, Error& error) {
  error = {Errc::value_too_large, "a value" + over_elements(limits).substr(1)};
  return false;
}

std::unique_ptr<const Codec> make_codec(Serializer serializer, const Limits& limits,
                                        int pickle_protocol) {
  switch (serializer) {
    case Serializer::pickle:
      return std::make_unique<PickleCodec>(bounded(limits), pickle_protocol);
    case Serializer::json:
      return std::make_unique<JsonCodec>(bounded(limits));
    case Serializer::raw:
      return std::make_unique<RawCodec>(bounded(limits));
    case Serializer::msgpack:
      break;
  }
  return std::make_unique<MsgpackCodec>(bounded(limits));
}

std::unique_ptr<const Codec> make_codec(const Options& options) {
  const Limits limits =
      bounded({options.value_max_bytes, options.value_max_depth, options.foreign});
  auto serializer = make_codec(options.serializer, limits, protocol_of(options));
  const bool reads_compressed =
      options.compressor != Compressor::none || !options.compressor_fallbacks.empty();
  const bool is_signed = !options.signing_keys.empty();
  if (options.serializer_fallbacks.empty() && !reads_compressed && !is_signed) return serializer;

  LayeredCodec::Layers layers;
  layers.serializers.push_back(std::move(serializer));
  for (const Serializer fallback : options.serializer_fallbacks) {
    layers.serializers.push_back(make_codec(fallback, limits));
  }
  add_compressors(options, layers);
  if (is_signed && !add_signer(options, layers)) {
    return std::make_unique<UnavailableCodec>("signed: cannot make signatures");
  }
  return std::make_unique<LayeredCodec>(std::move(layers), limits);
}

}  // namespace djcache::codec
