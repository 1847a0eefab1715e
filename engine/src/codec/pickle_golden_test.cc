// Pickles written by CPython (fixtures/values/pickle.json): read at every protocol as the value
// that CPython reads, and written as the same bytes where that is promised.
#include <fstream>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

std::string stored_at(const Value& value, int protocol) {
  Scratch scratch;
  Encoded encoded;
  Error error;
  if (!PickleCodec({}, protocol).encode(value, scratch, encoded, error)) return to_string(error);
  return std::string(encoded.head).append(encoded.body);
}

class PickleGolden : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(DJCACHE_FIXTURES "/values/pickle.json");
    ASSERT_TRUE(file) << DJCACHE_FIXTURES;
    cases_ = TypedJson::parse(file)["cases"];
    ASSERT_GT(cases_.size(), 180u);
  }
  // Calls f(case, protocol, bytes in hex, the expected value).
  template <class F>
  void each(F f) {
    for (const TypedJson& one : cases_) {
      for (const auto& [protocol, hex] : one["bytes"].items()) {
        const bool older = one.contains("older") && one["older"].contains(protocol);
        const std::string name = one["name"], pickle = hex;
        SCOPED_TRACE(name + ", protocol " + protocol);
        f(one, std::stoi(protocol), pickle,
          value_of(older ? one["older"][protocol] : one["value"]));
      }
    }
  }
  TypedJson cases_;
};

TEST_F(PickleGolden, WhatPythonStoredIsReadAsTheSameValueAtEveryProtocol) {
  std::size_t count = 0;
  each([&count](const TypedJson&, int, const std::string& hex, const Value& expected) {
    Value value;
    Error error;
    ASSERT_TRUE(PickleCodec({}).decode(from_hex(hex), value, error)) << error.detail;
    EXPECT_EQ(value, expected);
    ++count;
  });
  EXPECT_GT(count, 1000u);
}

TEST_F(PickleGolden, WhatIsWrittenIsByteForByteWhatPythonWrites) {
  std::size_t count = 0;
  each([&count](const TypedJson& one, int protocol, const std::string& hex, const Value&) {
    const Value value = value_of(one["value"]);
    if (protocol < pickle_protocol_min || !one["same"].get<bool>()) return;
    if (value.is(Kind::integer) || value.is(Kind::big_integer)) return;  // stored as text
    EXPECT_EQ(to_hex(stored_at(value, protocol)), hex);
    ++count;
  });
  EXPECT_GT(count, 600u);
}

TEST_F(PickleGolden, EveryTruncationIsAnErrorThatNamesAPosition) {
  each([](const TypedJson&, int, const std::string& hex, const Value&) {
    const std::string bytes = from_hex(hex);
    if (bytes.size() > 300) return;
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      const std::unique_ptr<char[]> part(new char[size]);
      std::copy_n(bytes.data(), size, part.get());
      Value value;
      Error error;
      ASSERT_FALSE(PickleCodec({}).decode({part.get(), size}, value, error)) << size;
      ASSERT_EQ(error.code, Errc::decode_failed);
      ASSERT_NE(error.detail.find(" at byte "), std::string::npos) << error.detail;
    }
  });
}

}  // namespace
}  // namespace djcache::codec
