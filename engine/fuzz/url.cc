// Fuzz target: LOCATION. Each URL is refused with a reason, or gives an endpoint that does not
// contain the password.
#include "codec_property.h"
#include "settings/server_url.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache;
  const std::string_view bytes = fuzz::view(data, size);
  for (const std::string& location : settings::split_location({std::string(bytes)})) {
    fuzz::require(!location.empty(), "an empty piece");
    const auto parsed = settings::parse_server_url(location, Options());
    if (!parsed.ok()) {
      fuzz::require(!parsed.error().detail.empty(), "an error without a reason");
      continue;
    }
    fuzz::require(!parsed->endpoint().empty(), "no endpoint");
    const bool planted = parsed->password.find("s3cret!") != std::string::npos;
    fuzz::require(!planted || parsed->host.find("s3cret!") != std::string::npos ||
                      parsed->path.find("s3cret!") != std::string::npos ||
                      parsed->endpoint().find("s3cret!") == std::string::npos,
                  "a password in an endpoint");
  }
  return 0;
}
