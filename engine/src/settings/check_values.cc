#include "settings/check_values.h"

#include <algorithm>
#include <string>

#include "built.h"

namespace djcache::settings {
namespace {

// More would make every read that is refused, and every list of errors, longer.
constexpr std::size_t fallbacks_max = 8;
constexpr std::size_t keys_max = 8;
constexpr std::size_t key_min_bytes = 16, key_max_bytes = 1024;
constexpr std::size_t salt_max_bytes = 255;  // its size is signed as one byte

Result<void> check_compressor(const Where& where, Compressor compressor) {
  const std::string_view missing = missing_option(compressor);
  if (missing.empty()) return {};
  return where.error("this build of djcache has no " + std::string(to_string(compressor)) +
                     "; build it with -D" + std::string(missing) + "=ON");
}

Result<void> check_fallbacks(const Where& where, const Options& options) {
  const Where serializers = where.in("serializer_fallbacks");
  const Where compressors = where.in("compressor_fallbacks");
  const std::string too_many = "must be at most " + std::to_string(fallbacks_max) + " names";
  if (options.serializer_fallbacks.size() > fallbacks_max) return serializers.error(too_many);
  if (options.compressor_fallbacks.size() > fallbacks_max) return compressors.error(too_many);
  for (const Compressor compressor : options.compressor_fallbacks) {
    if (auto good = check_compressor(compressors, compressor); !good) return good;
  }
  return {};
}

Result<void> check_signing(const Where& where, const Options& options) {
  const Where keys = where.in("signing_keys");
  if (options.signing_keys.empty()) {
    if (!options.sign_integers && options.signing_salt.empty()) return {};
    return where.in(options.sign_integers ? "sign_integers" : "signing_salt")
        .error("needs signing_keys");
  }
  if (!signing_built) {
    return keys.error(
        "this build of djcache has no signatures; build it with -DDJCACHE_WITH_OPENSSL=ON");
  }
  const auto fits = [](const std::string& key) {
    return key.size() >= key_min_bytes && key.size() <= key_max_bytes;
  };
  if (options.signing_keys.size() > keys_max ||
      !std::all_of(options.signing_keys.begin(), options.signing_keys.end(), fits)) {
    return keys.error("must be at most " + std::to_string(keys_max) + " keys of " +
                      std::to_string(key_min_bytes) + " to " + std::to_string(key_max_bytes) +
                      " bytes each");
  }
  if (options.signing_salt.size() <= salt_max_bytes) return {};
  return where.in("signing_salt").error("must be at most 255 bytes");
}

}  // namespace

Result<void> check_values(const Where& where, const Options& options) {
  if (auto good = check_compressor(where.in("compressor"), options.compressor); !good) return good;
  if (options.pickle_protocol < -1 || options.pickle_protocol > 5) {
    return where.in("pickle_protocol").error("must be 0 to 5, or -1 for the highest");
  }
  if (auto good = check_fallbacks(where, options); !good) return good;
  return check_signing(where, options);
}

}  // namespace djcache::settings
