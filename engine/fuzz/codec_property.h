// What must hold of every codec for every input: no crash, an error that says something, and what
// was read can be written and read again.
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

// `may_refuse` says whether a value that was read need not be writable, given the error.
template <Foreign foreign = Foreign::refuse, class MayRefuse>
void check_codec(Serializer serializer, std::string_view bytes, MayRefuse may_refuse) {
  // Reading within little memory; writing without a limit, as copies of what was shared add up.
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
