// Fuzz target: the MessagePack codec.
#include "codec_property.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  // A dict with a list as a key can be decoded but not encoded: Python has no such value.
  fuzz::check_codec(Serializer::msgpack, fuzz::view(data, size), [](const Error& error) {
    return error.detail.ends_with("Python cannot hash it");
  });
  return 0;
}
