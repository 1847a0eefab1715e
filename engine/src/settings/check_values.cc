#include "settings/check_values.h"

#include <algorithm>
#include <string>

#include "built.h"

namespace djcache::settings {
namespace {

// Each fallback makes refused reads and their error texts longer.
constexpr std::size_t fallbacks_max = 8;
constexpr std::size_t keys_max = 8;
constexpr std::size_t key_min_bytes = 16, key_max_bytes = 1024;
constexpr std::size_t salt_max_bytes = 255;  // the signature encodes its size as one byte

void check_compressor(const Where& where, Compressor compressor, Report& report) {
  const std::string_view missing = missing_option(compressor);
  if (missing.empty()) return;
  report.error(where, "this build of djcache has no " + std::string(to_string(compressor)) +
                          "; build it with -D" + std::string(missing) + "=ON");
}

void check_fallbacks(const Where& where, const Options& options, Report& report) {
  const Where compressors = where.in("compressor_fallbacks");
  const std::string too_many = "must be at most " + std::to_string(fallbacks_max) + " names";
  if (options.serializer_fallbacks.size() > fallbacks_max) {
    report.error(where.in("serializer_fallbacks"), too_many);
  }
  if (options.compressor_fallbacks.size() > fallbacks_max) {
    return report.error(compressors, too_many);
  }
  for (const Compressor compressor : options.compressor_fallbacks) {
    check_compressor(compressors, compressor, report);
  }
}

void check_signing(const Where& where, const Options& options, Report& report) {
  const Where keys = where.in("signing_keys");
  if (options.signing_keys.empty()) {
    if (!options.sign_integers && options.signing_salt.empty()) return;
    return report.error(where.in(options.sign_integers ? "sign_integers" : "signing_salt"),
                        "needs signing_keys");
  }
  if (!signing_built) {
    return report.error(
        keys, "this build of djcache has no signatures; build it with -DDJCACHE_WITH_OPENSSL=ON");
  }
  const auto fits = [](const std::string& key) {
    return key.size() >= key_min_bytes && key.size() <= key_max_bytes;
  };
  if (options.signing_keys.size() > keys_max ||
      !std::all_of(options.signing_keys.begin(), options.signing_keys.end(), fits)) {
    report.error(keys, "must be at most " + std::to_string(keys_max) + " keys of " +
                           std::to_string(key_min_bytes) + " to " + std::to_string(key_max_bytes) +
                           " bytes each");
  }
  if (options.signing_salt.size() <= salt_max_bytes) return;
  report.error(where.in("signing_salt"), "must be at most 255 bytes");
}

}  // namespace

void check_values(const Where& where, const Options& options, Report& report) {
  check_compressor(where.in("compressor"), options.compressor, report);
  check_fallbacks(where, options, report);
  check_signing(where, options, report);
}

}  // namespace djcache::settings
