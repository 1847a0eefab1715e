// Signed values: the bytes of the documented Python class, rotation of keys, and refusals.
#include <gtest/gtest.h>

#include "built.h"
#include "codec/codec_fixture.h"
#include "codec/golden_fixture.h"

namespace djcache::codec {
namespace {

const std::string key_a = "S3cret key number one", key_b = "S3cret key number two";

class Signed : public testing::Test {
 protected:
  void SetUp() override {
    if (!signing_built) GTEST_SKIP() << "built without signatures";
  }
};

Options signed_by(std::vector<std::string> keys) {
  return {.serializer = Serializer::msgpack, .signing_keys = std::move(keys)};
}

bool is_refused(const std::string& said) {
  return said.starts_with("decode_failed: signed: ") && said.find("S3cret") == std::string::npos;
}

TEST_F(Signed, BytesAreThoseOfTheDocumentedPythonClass) {
  std::size_t seen = 0;
  for (const TypedJson& one : golden_cases("signed.json")) {
    const Options options{.serializer = Serializer::msgpack,
                          .signing_keys = one["keys"].get<std::vector<std::string>>(),
                          .signing_salt = one["salt"].get<std::string>(),
                          .sign_integers = one["sign_integers"].get<bool>()};
    const Value value = value_of(one["value"]);
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    EXPECT_EQ(to_hex(stored_with(options, value)), to_hex(bytes)) << one["name"];
    EXPECT_EQ(read_with(options, bytes), to_string(value)) << one["name"];
    ++seen;
  }
  EXPECT_GT(seen, 100u);
}

TEST_F(Signed, FirstKeySignsAndAllVerify) {
  const std::string by_a = stored_with(signed_by({key_a, key_b}), "x");
  const std::string by_b = stored_with(signed_by({key_b, key_a}), "x");
  EXPECT_NE(by_a, by_b);
  EXPECT_EQ(by_a, stored_with(signed_by({key_a}), "x"));
  for (const std::string& bytes : {by_a, by_b}) {
    EXPECT_EQ(read_with(signed_by({key_a, key_b}), bytes), "'x'");
    EXPECT_EQ(read_with(signed_by({key_b, key_a}), bytes), "'x'");
  }
  EXPECT_EQ(read_with(signed_by({key_b}), by_a),
            "decode_failed: signed: the signature is wrong: made with another key or salt, or the "
            "entry was changed");
}

TEST_F(Signed, EveryChangedBitIsRefused) {
  const Options options = signed_by({key_a});
  const std::string bytes = stored_with(options, Value::list({"some", "text"}));
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(is_refused(read_with(options, changed))) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(is_refused(read_with(options, bytes.substr(0, size)))) << size;
  }
  EXPECT_TRUE(is_refused(read_with(options, bytes + "x")));
  EXPECT_TRUE(is_refused(read_with(options, bytes + bytes)));
}

TEST_F(Signed, UnsignedEntriesAreRefusedAndTheReasonSaysSo) {
  const Options options = signed_by({key_a});
  EXPECT_EQ(read_with(options, stored("x")), "decode_failed: signed: the entry has no signature");
  EXPECT_EQ(read_with(options, ""), "decode_failed: signed: the entry has no signature");
  EXPECT_EQ(read_with(options,
                      "\xc1"
                      "djs\x01 short"),
            "decode_failed: signed: the signature is cut off");
  EXPECT_EQ(read_with(options,
                      "\xc1"
                      "djs\x02" +
                          std::string(40, 'x')),
            "decode_failed: signed: the signature is of a version that is not known");
}

TEST_F(Signed, SignedEntriesAreReadByNoSerializerAlone) {
  const std::string bytes = stored_with(signed_by({key_a}), "x");
  for (const Serializer serializer : {Serializer::msgpack, Serializer::json}) {
    EXPECT_TRUE(read(bytes, serializer).starts_with("decode_failed: ")) << bytes;
  }
}

TEST_F(Signed, EntriesOfAnotherSaltAreRefused) {
  Options pages = signed_by({key_a}), sessions = pages, longer = pages;
  pages.signing_salt = "pages";
  sessions.signing_salt = "sessions";
  // Salt and payload are together the same bytes as with "pages".
  longer.signing_salt = "page";
  const std::string bytes = stored_with(pages, "x");
  EXPECT_EQ(read_with(pages, bytes), "'x'");
  EXPECT_TRUE(is_refused(read_with(sessions, bytes)));
  EXPECT_TRUE(is_refused(read_with(signed_by({key_a}), bytes)));
  EXPECT_TRUE(is_refused(read_with(longer, std::string(bytes).insert(37, "s"))));
}

TEST_F(Signed, IntegersStayTextSoThatIncrWorks) {
  const Options options = signed_by({key_a});
  EXPECT_EQ(stored_with(options, 42), "42");
  EXPECT_EQ(read_with(options, "43"), "43");
  EXPECT_EQ(stored_with(options, *Value::integer("99999999999999999999")), "99999999999999999999");
}

TEST_F(Signed, UnsignedIntegersCanBeRefused) {
  Options options = signed_by({key_a});
  options.sign_integers = true;
  const std::string bytes = stored_with(options, 42);
  EXPECT_EQ(bytes.substr(37), "42");
  EXPECT_EQ(read_with(options, bytes), "42");
  EXPECT_TRUE(is_refused(read_with(options, "42")));
  EXPECT_TRUE(is_refused(read_with(options, " 42 ")));
  EXPECT_EQ(read_with(signed_by({key_a}), bytes), "42");
}

TEST_F(Signed, RawBytesAreSignedWhateverTheyLookLike) {
  Options options = signed_by({key_a});
  options.serializer = Serializer::raw;
  const std::string bytes = stored_with(options, "42");
  EXPECT_EQ(bytes.size(), 39u);
  EXPECT_EQ(read_with(options, bytes), "b'42'");
  for (const char* digits : {"42", "-1", "0", " 7 "}) {
    EXPECT_TRUE(is_refused(read_with(options, digits))) << digits;
  }
  EXPECT_TRUE(is_refused(read_with(options, "x42")));
  EXPECT_EQ(read_with(options, stored_with(options, "")), "b''");
}

TEST_F(Signed, LongTextIsNotCopied) {
  const Value value = std::string(100'000, 'x');
  Scratch scratch;
  Encoded encoded;
  Error error;
  ASSERT_TRUE(make_codec(signed_by({key_a}))->encode(value, scratch, encoded, error));
  EXPECT_EQ(encoded.body.data(), value.text().data());
  EXPECT_EQ(encoded.head.size(), 37u + 5u);
}

}  // namespace
}  // namespace djcache::codec
