// Options that choose how values become bytes: names, ranges, and secrets that stay secret.
#include "settings/check_values.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "built.h"
#include "settings/resolve.h"

namespace djcache {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string key_a = "S3cret key number one", key_b = "S3cret key number two";

std::string problem(const Options& options) {
  std::vector<SettingsFinding> findings;
  settings::Report report("default", findings);
  settings::check_values(settings::Where::alias("default"), options, report);
  const auto checked = settings::verdict(findings);
  return checked ? "" : checked.error().detail;
}

TEST(CheckValues, DefaultsAreGood) { EXPECT_EQ(problem({}), ""); }

TEST(CheckValues, EverySerializerIsGoodAsAFallback) {
  EXPECT_EQ(problem({.serializer = Serializer::json,
                     .serializer_fallbacks = {Serializer::msgpack, Serializer::raw}}),
            "");
  EXPECT_THAT(problem({.serializer_fallbacks = std::vector(9, Serializer::json)}),
              HasSubstr("['serializer_fallbacks']: must be at most 8 names"));
  EXPECT_THAT(problem({.compressor_fallbacks = std::vector(9, Compressor::none)}),
              HasSubstr("['compressor_fallbacks']: must be at most 8 names"));
}

TEST(CheckValues, CompressorThatWasNotBuiltSaysHowToBuildIt) {
  for (const Compressor compressor :
       {Compressor::zlib, Compressor::gzip, Compressor::zstd, Compressor::lz4, Compressor::lzma}) {
    const std::string_view missing = missing_option(compressor);
    const std::string expected =
        missing.empty() ? "" : "build it with -D" + std::string(missing) + "=ON";
    EXPECT_THAT(problem({.compressor = compressor}), HasSubstr(expected));
    EXPECT_THAT(problem({.compressor_fallbacks = {compressor}}), HasSubstr(expected));
    EXPECT_EQ(problem({.compressor = compressor}).empty(), missing.empty());
  }
}

TEST(CheckValues, SigningKeysHaveASizeAndANumber) {
  if (!signing_built) GTEST_SKIP() << "built without signatures";
  EXPECT_EQ(problem({.signing_keys = {key_a, key_b}, .signing_salt = std::string(255, 's')}), "");
  EXPECT_EQ(problem({.signing_keys = {std::string(16, 'k'), std::string(1024, 'k')}}), "");
  using Keys = std::vector<std::string>;
  for (const Keys& bad : {Keys{key_a, ""}, Keys{std::string(15, 'k')}, Keys{std::string(1025, 'k')},
                          Keys(9, key_a)}) {
    EXPECT_THAT(problem({.signing_keys = bad}), HasSubstr("['signing_keys']: must be at most 8"));
    EXPECT_THAT(problem({.signing_keys = bad}), Not(HasSubstr("S3cret")));
  }
  EXPECT_THAT(problem({.signing_keys = {key_a}, .signing_salt = std::string(256, 's')}),
              HasSubstr("['signing_salt']: must be at most 255 bytes"));
}

TEST(CheckValues, SignaturesThatAreAskedForInPartAreRefused) {
  EXPECT_THAT(problem({.signing_salt = "s"}), HasSubstr("['signing_salt']: needs signing_keys"));
  EXPECT_THAT(problem({.sign_integers = true}), HasSubstr("['sign_integers']: needs signing_keys"));
}

}  // namespace
}  // namespace djcache
