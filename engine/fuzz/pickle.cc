// Fuzz target: the pickle codec, with each way of treating objects of unknown classes.
#include "codec_property.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  const auto never = [](const Error&) { return false; };
  const std::string_view bytes = fuzz::view(data, size);
  fuzz::check_codec(Serializer::pickle, bytes, never);
  fuzz::check_codec<Foreign::opaque>(Serializer::pickle, bytes, never);
  fuzz::check_codec<Foreign::data>(Serializer::pickle, bytes, never);
  return 0;
}
