// The layers around a serializer: thresholds, fallbacks, order, and no cost for caches without
// them.
#include "codec/layered.h"

#include <gtest/gtest.h>

#include "built.h"
#include "codec/codec_fixture.h"
#include "codec/integer_text.h"

namespace djcache::codec {
namespace {

const std::string key = "S3cret key number one";
const std::string long_text(1000, 'x');

bool built(std::initializer_list<Compressor> all) {
  for (const Compressor compressor : all) {
    if (!compressor_table(compressor) && compressor != Compressor::none) return false;
  }
  return true;
}

Options zlib(Serializer serializer = Serializer::json) {
  return {.serializer = serializer, .compressor = Compressor::zlib};
}

class Layers : public testing::Test {
 protected:
  void SetUp() override {
    if (!signing_built || !built({Compressor::zlib, Compressor::zstd, Compressor::lzma})) {
      GTEST_SKIP() << "not everything was built";
    }
  }
};

TEST(PlainCodec, IsWhatOptionsWithoutLayersGet) {
  for (const Serializer serializer : {Serializer::msgpack, Serializer::json, Serializer::raw}) {
    const auto codec = make_codec(Options{.serializer = serializer});
    EXPECT_EQ(dynamic_cast<const LayeredCodec*>(codec.get()), nullptr);
  }
}

TEST(PlainCodec, DoesNotAllocateForSmallValues) {
  const auto codec = make_codec(Options{.serializer = Serializer::json});
  Scratch scratch;
  Encoded encoded;
  Error error;
  Value value = "a short text", out;
  ASSERT_TRUE(codec->encode(value, scratch, encoded, error));
  reset_allocations();
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(codec->encode(value, scratch, encoded, error));
    ASSERT_TRUE(codec->decode(encoded.body, out, error));
  }
  EXPECT_EQ(allocations().count, 0u);
}

TEST_F(Layers, ValuesOverTheThresholdAreCompressed) {
  // "..." of 13 letters are 15 bytes.
  EXPECT_EQ(stored_with(zlib(), std::string(13, 'a')), "\"" + std::string(13, 'a') + "\"");
  EXPECT_TRUE(stored_with(zlib(), std::string(14, 'a')).starts_with("x\x9c"));
  Options options = zlib();
  options.compressor = Compressor::lzma;
  EXPECT_EQ(stored_with(options, std::string(98, 'a')).size(), 100u);
  EXPECT_TRUE(stored_with(options, std::string(99, 'a'))
                  .starts_with("\xfd"
                               "7zXZ"));
  options.compress_min_bytes = 0;
  EXPECT_TRUE(stored_with(options, "")
                  .starts_with("\xfd"
                               "7zXZ"));
  options.compress_min_bytes = 2000;
  EXPECT_EQ(stored_with(options, long_text), "\"" + long_text + "\"");
}

TEST_F(Layers, WrittenIsReadWithEverySerializerAndCompressor) {
  for (const Serializer serializer : {Serializer::msgpack, Serializer::json}) {
    for (const Compressor compressor : {Compressor::none, Compressor::zlib, Compressor::gzip,
                                        Compressor::zstd, Compressor::lz4, Compressor::lzma}) {
      if (!built({compressor})) continue;
      for (const bool is_signed : {false, true}) {
        Options options{.serializer = serializer, .compressor = compressor};
        if (is_signed) options.signing_keys = {key};
        for (const Value& value : {Value(), Value(7), Value(1.5), Value("short"), Value(long_text),
                                   Value::list({1, long_text, "x"}), Value::dict({{"a", true}})}) {
          EXPECT_EQ(read_with(options, stored_with(options, value)), to_string(value));
        }
      }
    }
  }
}

TEST_F(Layers, IntegersAreNeverCompressed) {
  const Value huge = *Value::integer(std::string(1000, '9'));
  EXPECT_EQ(stored_with(zlib(), huge), huge.text());
  Options options = zlib();
  options.signing_keys = {key};
  options.sign_integers = true;
  EXPECT_EQ(stored_with(options, huge).substr(37), huge.text());
}

TEST_F(Layers, ShortValuesOfRawMayLookCompressed) {
  const Options options = zlib(Serializer::raw);
  for (const std::string& bytes : {std::string("x\x9c"), std::string("x\x9c not zlib"),
                                   std::string("x\x9c") + std::string(13, 'a')}) {
    EXPECT_EQ(stored_with(options, Value::bytes(bytes)), bytes);
    EXPECT_EQ(read_with(options, bytes), to_string(Value::bytes(bytes)));
  }
  const std::string longer = std::string("x\x9c") + std::string(14, 'a');
  EXPECT_NE(stored_with(options, Value::bytes(longer)), longer);
  EXPECT_EQ(read_with(options, stored_with(options, Value::bytes(longer))),
            to_string(Value::bytes(longer)));
  EXPECT_TRUE(read_with(options, longer).starts_with("decode_failed: zlib: "));
}

TEST_F(Layers, DamageIsReportedWithTheCompressorsReason) {
  const std::string bytes = stored_with(zlib(), long_text);
  EXPECT_EQ(read_with(zlib(), bytes.substr(0, bytes.size() - 1)),
            "decode_failed: zlib: cut off, its end is missing");
  EXPECT_EQ(read_with(zlib(), bytes + "!"), "decode_failed: zlib: 1 bytes left over after its end");
  std::string changed = bytes;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_EQ(read_with(zlib(), changed), "decode_failed: zlib: incorrect data check");
  EXPECT_EQ(read_with(zlib(), "x\x9c"),
            "decode_failed: zlib: cut off, its end is missing; json: not UTF-8 at byte 1");
}

TEST_F(Layers, ValueThatExpandsOverTheLimitIsTooLarge) {
  Options options = zlib();
  const std::string bytes = stored_with(options, std::string(100'000, 'x'));
  options.value_max_bytes = 50'000;
  EXPECT_EQ(read_with(options, bytes),
            "value_too_large: zlib: a value that expands to more than the limit of 50000 bytes");
  EXPECT_EQ(read_with(options, std::string(50'001, ' ')),
            "value_too_large: a value of 50001 bytes is over the limit of 50000");
}

TEST_F(Layers, FallbacksReadWhatOthersWroteAndNeverWrite) {
  Options options{.serializer = Serializer::json,
                  .compressor = Compressor::zstd,
                  .serializer_fallbacks = {Serializer::msgpack},
                  .compressor_fallbacks = {Compressor::zlib, Compressor::lzma}};
  const Value value = Value::list({long_text, 1, Value::dict({{"a", 1.5}})});
  for (const Serializer serializer : {Serializer::json, Serializer::msgpack}) {
    for (const Compressor compressor :
         {Compressor::none, Compressor::zlib, Compressor::zstd, Compressor::lzma}) {
      const Options writer{.serializer = serializer, .compressor = compressor};
      EXPECT_EQ(read_with(options, stored_with(writer, value)), to_string(value));
    }
  }
  EXPECT_EQ(stored_with(options, value),
            stored_with({.serializer = Serializer::json, .compressor = Compressor::zstd}, value));
  const std::string gzipped =
      stored_with({.serializer = Serializer::json, .compressor = Compressor::gzip}, value);
  EXPECT_TRUE(read_with(options, gzipped).starts_with("decode_failed: no serializer reads it: "));
}

TEST_F(Layers, CompressedEntriesAreReadAfterCompressionWasSwitchedOff) {
  const Options off{.serializer = Serializer::json, .compressor_fallbacks = {Compressor::zlib}};
  EXPECT_EQ(read_with(off, stored_with(zlib(), long_text)), "'" + long_text + "'");
  EXPECT_EQ(stored_with(off, long_text), "\"" + long_text + "\"");
  EXPECT_EQ(read_with(off, "x\x9c damaged, and longer than any threshold"),
            "decode_failed: zlib: invalid stored block lengths; json: not UTF-8 at byte 1");
}

TEST(Fallbacks, NameEveryReasonWhenAllFail) {
  const Options options{.serializer = Serializer::json,
                        .serializer_fallbacks = {Serializer::msgpack}};
  EXPECT_EQ(read_with(options, "\x91"),
            "decode_failed: no serializer reads it: json: not UTF-8 at byte 0; msgpack: list of 1 "
            "items at byte 0 runs past the end (0 bytes left)");
  EXPECT_EQ(read_with(options, "17"), "17");
}

TEST(Fallbacks, RawAtTheEndReadsAnything) {
  const Options options{.serializer = Serializer::json, .serializer_fallbacks = {Serializer::raw}};
  EXPECT_EQ(read_with(options, "plain text"), "b'plain text'");
  EXPECT_EQ(read_with(options, "\"text\""), "'text'");
}

TEST_F(Layers, NothingUnverifiedIsExpanded) {
  Options options = zlib();
  options.signing_keys = {key};
  options.value_max_bytes = 2000;
  const std::string bomb = stored_with(zlib(), std::string(1'000'000, 'x'));
  ASSERT_LT(bomb.size(), 2000u);
  EXPECT_EQ(read_with(options, bomb), "decode_failed: signed: the entry has no signature");
}

TEST_F(Layers, SecretsAreInNoError) {
  Options options = zlib();
  options.signing_keys = {key};
  for (const std::string& bytes : {std::string("x"),
                                   std::string("\xc1"
                                               "djs\x01"),
                                   stored_with(options, long_text) + "x"}) {
    EXPECT_EQ(read_with(options, bytes).find("S3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace djcache::codec
