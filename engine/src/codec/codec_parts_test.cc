// Codecs when one of their parts fails, and entries that are damaged or foreign.
#include <gtest/gtest.h>

#include "built.h"
#include "codec/codec_fixture.h"
#include "codec/embedded.h"
#include "codec/json.h"
#include "codec/layered.h"

#ifdef DJCACHE_WITH_LZMA
#include <lzma.h>
#endif
#ifdef DJCACHE_WITH_OPENSSL
#include <openssl/evp.h>
#endif

namespace djcache::codec {
namespace {

using namespace std::string_literals;

struct FailingSigner final : Signer {
  bool sign(std::string_view, std::string_view, char*) const override { return false; }
  bool verify(std::string_view, std::string_view&, std::string& reason) const override {
    reason = "no";
    return false;
  }
};

// A serializer that refuses for a reason other than unreadable bytes.
struct TooLarge final : Codec {
  bool encode(const Value&, Scratch&, Encoded&, Error& error) const override {
    error = {Errc::value_too_large, "too large"};
    return false;
  }
  bool decode(std::string_view, Value&, Error& error) const override {
    error = {Errc::value_too_large, "too large"};
    return false;
  }
};

const CompressorTable failing_table = {
    "failing", [](std::string_view) { return false; },
    [](std::string_view, std::string&, std::string& reason) { return reason = "broken", false; },
    [](std::string_view, std::size_t, std::string&, std::string&) { return Expansion::damaged; }};

LayeredCodec::Layers layers_of_json() {
  LayeredCodec::Layers layers;
  layers.serializers.push_back(std::make_unique<JsonCodec>(Limits{}));
  return layers;
}

TEST(CodecParts, ACompressorThatFailsIsNamed) {
  LayeredCodec::Layers layers = layers_of_json();
  layers.compressor = &failing_table;
  const LayeredCodec codec(std::move(layers), {});
  EXPECT_EQ(stored_by(codec, "text"), "encode_failed: failing: broken");
}

TEST(CodecParts, ASignatureThatCannotBeMadeFailsTheValue) {
  LayeredCodec::Layers layers = layers_of_json();
  layers.signer = std::make_unique<FailingSigner>();
  const LayeredCodec codec(std::move(layers), {});
  EXPECT_EQ(stored_by(codec, "text"), "encode_failed: signed: the library failed");
}

TEST(CodecParts, ASerializerThatFailsEndsTheLayersToo) {
  LayeredCodec::Layers layers = layers_of_json();
  layers.compressor = &failing_table;
  const LayeredCodec codec(std::move(layers), {});
  EXPECT_TRUE(stored_by(codec, Value::set({1})).starts_with("encode_failed: json: "));
}

TEST(CodecParts, OnlyWhatIsUnreadableGoesToTheNextSerializer) {
  LayeredCodec::Layers layers;
  layers.serializers.push_back(std::make_unique<TooLarge>());
  layers.serializers.push_back(std::make_unique<JsonCodec>(Limits{}));
  const LayeredCodec codec(std::move(layers), {});
  EXPECT_EQ(read_by(codec, "null"), "value_too_large: too large");
}

TEST(CodecParts, ALongReasonOfASerializerIsShortened) {
  const Options options{.serializer = Serializer::pickle,
                        .serializer_fallbacks = {Serializer::json}};
  const std::string said =
      read_with(options, "c" + std::string(500, 'm') + "\n" + std::string(500, 'n') + "\n.");
  EXPECT_NE(said.find("...; json: "), std::string::npos) << said;
}

TEST(CodecParts, AScalarIsCompressedFromItsHeadAlone) {
  if (!compressor_table(Compressor::zlib)) GTEST_SKIP() << "built without zlib";
  const Options options{
      .serializer = Serializer::msgpack, .compressor = Compressor::zlib, .compress_min_bytes = 0};
  EXPECT_EQ(read_with(options, stored_with(options, 1.5)), "1.5");
}

TEST(CodecParts, TheProtocolOfPickleIsThatOfTheOptions) {
  EXPECT_EQ(stored_with({.serializer = Serializer::pickle, .pickle_protocol = 2}, nullptr),
            "\x80\2N."s);
  EXPECT_EQ(stored_with({.serializer = Serializer::pickle}, nullptr), "\x80\5N."s);
}

TEST(CodecParts, NoneAmongTheCompressorsIsPassedOver) {
  const Options options{.serializer = Serializer::json, .compressor_fallbacks = {Compressor::none}};
  EXPECT_EQ(read_with(options, "null"), "None");
}

TEST(CodecParts, TheNullCodecReadsNothing) {
  Value value = "old";
  Error error;
  EXPECT_TRUE(NullCodec().decode("anything", value, error));
  EXPECT_TRUE(value.is_nil());
}

TEST(CodecParts, TheEmbeddedCodecBoundsItsLimits) {
  const auto codec = make_embedded_codec({.max_bytes = SIZE_MAX, .max_depth = SIZE_MAX});
  Value deep;
  for (int i = 0; i < 1001; ++i) deep = Value::list({std::move(deep)});
  EXPECT_NE(stored_by(*codec, deep).find("nested deeper than 1000 levels"), std::string::npos);
}

TEST(CodecParts, TextThatOnlyBeginsLikeZlibIsNotExpanded) {
  if (!compressor_table(Compressor::zlib)) GTEST_SKIP() << "built without zlib";
  const auto* table = compressor_table(Compressor::zlib);
  EXPECT_TRUE(table->has_head("\x78\x9c"));
  EXPECT_FALSE(table->has_head("\x78")) << "too short";
  EXPECT_FALSE(table->has_head("\x78\x9d")) << "the checksum of the head is wrong";
  EXPECT_FALSE(table->has_head("\x78\xbb")) << "with a dictionary that nobody has";
}

TEST(CodecParts, CompressedDataThatIsCutAnywhereIsRefused) {
  const std::string text(300'000, 'x');
  for (const Compressor which :
       {Compressor::zlib, Compressor::gzip, Compressor::zstd, Compressor::lz4, Compressor::lzma}) {
    const CompressorTable* const table = compressor_table(which);
    if (!table) continue;
    for (const std::string& whole : {text, text.substr(0, 4096)}) {
      std::string bytes, out, reason;
      ASSERT_TRUE(table->compress(whole, bytes, reason)) << reason;
      ASSERT_EQ(table->expand(bytes, whole.size(), out, reason), Expansion::done);
      ASSERT_EQ(out, whole);
      const std::size_t step = std::max<std::size_t>(1, bytes.size() / 200);
      for (std::size_t size = 0; size < bytes.size(); size += step) {
        ASSERT_EQ(table->expand(bytes.substr(0, size), whole.size(), out, reason),
                  Expansion::damaged)
            << table->name << " " << size << " of " << bytes.size();
      }
      ASSERT_EQ(table->expand(bytes.substr(0, bytes.size() - 4), whole.size(), out, reason),
                Expansion::damaged);
    }
  }
}

#ifdef DJCACHE_WITH_LZMA
TEST(CodecParts, AnXzStreamOfAnotherKindIsRefusedForWhatItIs) {
  const auto* table = compressor_table(Compressor::lzma);
  std::string bytes, out, reason;
  ASSERT_TRUE(table->compress("text", bytes, reason));
  // The flags of the stream, and their checksum: an unknown kind.
  bytes[6] = 1;
  const std::uint32_t checksum =
      lzma_crc32(reinterpret_cast<const std::uint8_t*>(bytes.data()) + 6, 2, 0);
  for (int i = 0; i < 4; ++i) bytes[8 + i] = static_cast<char>(checksum >> (8 * i));
  EXPECT_EQ(table->expand(bytes, 100, out, reason), Expansion::damaged);
  EXPECT_EQ(reason, "has options that are not supported");
}

TEST(CodecParts, AnXzStreamThatWantsTooMuchMemoryIsRefused) {
  const auto* table = compressor_table(Compressor::lzma);
  const std::string text = "text";
  std::string bytes(1000, '\0'), out, reason;
  std::size_t size = 0;
  ASSERT_EQ(lzma_easy_buffer_encode(
                9, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                text.size(), reinterpret_cast<std::uint8_t*>(bytes.data()), &size, bytes.size()),
            LZMA_OK);
  bytes.resize(size);
  EXPECT_EQ(table->expand(bytes, 100, out, reason), Expansion::damaged);
  EXPECT_EQ(reason, "wants a dictionary that is too large for value_max_bytes");
  EXPECT_EQ(table->expand(bytes, 100u << 20, out, reason), Expansion::done);
}
#endif

#ifdef DJCACHE_WITH_OPENSSL
TEST(CodecParts, WithoutAnHmacNothingIsStoredOrReadUnsigned) {
  // As on a system whose OpenSSL lacks the allowed algorithms.
  ASSERT_TRUE(EVP_set_default_properties(nullptr, "provider=nobody"));
  const Options options{.serializer = Serializer::json, .signing_keys = {"S3cret"}};
  const auto codec = make_codec(options);
  ASSERT_TRUE(EVP_set_default_properties(nullptr, ""));
  EXPECT_EQ(stored_by(*codec, "text"), "encode_failed: signed: cannot make signatures");
  EXPECT_EQ(read_by(*codec, "null"), "decode_failed: signed: cannot make signatures");
}
#endif

TEST(CodecParts, AnExponentWithAPlusIsRead) {
  EXPECT_EQ(read("[1e+999, -1e+999, 1e+2]", Serializer::json), "[inf, -inf, 100.0]");
}

TEST(CodecParts, JsonOfTooManyOrTooDeepContainersIsRefused) {
  std::string dict = "{";
  for (int i = 0; i < 600; ++i) dict += "\"\":1,";
  dict.back() = '}';
  EXPECT_NE(read(dict, Serializer::json, {.max_bytes = dict.size()}).find("over the limit"),
            std::string::npos)
      << dict.size();
  EXPECT_NE(read("{\"a\":{\"a\":{}}}", Serializer::json, {.max_depth = 2}).find("nested deeper"),
            std::string::npos);
}

}  // namespace
}  // namespace djcache::codec
