// Fuzz target: compressed and signed entries. The first byte of an input selects the OPTIONS.
#include "codec_property.h"

namespace djcache::fuzz {
namespace {

Options compressed() {
  Options options{.serializer = Serializer::msgpack};
  options.value_max_bytes = 1 << 16;
  options.serializer_fallbacks = {Serializer::pickle, Serializer::json};
  options.compressor_fallbacks = {Compressor::zlib, Compressor::gzip, Compressor::zstd,
                                  Compressor::lz4, Compressor::lzma};
  return options;
}

Options is_signed() {
  Options options = compressed();
  options.signing_keys = {"a key that no input knows"};
  return options;
}

}  // namespace
}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  static const auto open = codec::make_codec(fuzz::compressed());
  static const auto closed = codec::make_codec(fuzz::is_signed());
  if (size == 0) return 0;
  const bool must_be_signed = data[0] % 2 != 0;
  Value value;
  Error error;
  const bool read =
      (must_be_signed ? closed : open)->decode(fuzz::view(data + 1, size - 1), value, error);
  fuzz::require(read || !error.detail.empty(), "an error without a reason");
  const bool whole = value.kind() == Kind::integer || value.kind() == Kind::big_integer;
  fuzz::require(!read || !must_be_signed || whole, "an entry that nobody signed was read");
  return 0;
}
