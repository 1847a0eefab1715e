// Fuzz target: the JSON codec.
#include "codec_property.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  fuzz::check_codec(Serializer::json, fuzz::view(data, size), [](const Error&) { return false; });
  return 0;
}
