// Fuzz target: CACHES as JSON, which is read and checked, or refused with a reason.
#include <djcache/settings.h>

#include "codec_property.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  const auto settings = Settings::from_json(fuzz::view(data, size));
  if (!settings.ok()) {
    fuzz::require(!settings.error().detail.empty(), "an error without a reason");
    return 0;
  }
  if (const auto checked = settings->check(); !checked.ok()) {
    fuzz::require(!checked.error().detail.empty(), "an error without a reason");
  }
  return 0;
}
