// The property that every codec must have for every input: no crash, every error has a reason, and
// a decoded value can be encoded and decoded again.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "codec/codec.h"

namespace djcache::fuzz {

inline void require(bool holds, const char* what, const Error& error = {}) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", what, error.detail.c_str());
  std::abort();
}

// `may_refuse(error)`: whether encoding a decoded value may fail with this error.
template <Foreign foreign = Foreign::refuse, class MayRefuse>
void check_codec(Serializer serializer, std::string_view bytes, MayRefuse may_refuse) {
  // The reader gets little memory. The writer gets more: references to a shared object are written
  // as copies, which add up.
  static const auto reader =
      codec::make_codec(serializer, {.max_bytes = 1 << 16, .max_depth = 32, .foreign = foreign});
  static const auto writer =
      codec::make_codec(serializer, {.max_bytes = 1 << 26, .max_depth = 32, .foreign = foreign});
  static codec::Scratch scratch;
  Value first, second;
  Error error;
  if (!reader->decode(bytes, first, error)) {
    require(!error.detail.empty(), "an error without a reason");
    require(first.is_nil(), "an error, and yet a value");
    return;
  }
  codec::Encoded encoded;
  if (!writer->encode(first, scratch, encoded, error)) {
    return require(may_refuse(error), "what was read cannot be written", error);
  }
  const std::string again = std::string(encoded.head).append(encoded.body);
  require(writer->decode(again, second, error), "what was written cannot be read", error);
  require(first == second, "what was written is read as something else");
}

inline std::string_view view(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);
