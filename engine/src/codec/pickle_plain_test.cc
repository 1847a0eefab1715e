// The quick reader against the machine: whatever it reads, the machine reads as the same value.
#include "codec/pickle_plain.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/generator_fixture.h"
#include "codec/pickle.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

std::string pickled(const Value& value, int protocol) {
  Scratch scratch;
  Encoded encoded;
  Error error;
  if (!PickleCodec({}, protocol).encode(value, scratch, encoded, error)) return "";
  return std::string(encoded.head).append(encoded.body);
}

// How many pickles the quick reader read.
class PicklePlain : public ::testing::Test {
 protected:
  void compare(std::string_view bytes, const Limits& limits = {}) {
    Value plain, expected;
    Error error;
    if (!pickle::read_plain(bytes, limits, plain)) {
      ASSERT_TRUE(plain.is_nil());
      return;
    }
    ++read_;
    ASSERT_TRUE(pickle::run_machine(bytes, limits, expected, error))
        << to_hex(bytes) << ": " << error.detail;
    ASSERT_EQ(plain, expected) << to_hex(bytes);
  }
  void expect_plain(const std::string& hex, const Value& expected) {
    const std::size_t before = read_;
    compare(from_hex(hex));
    EXPECT_EQ(read_, before + 1) << hex;
    Value value;
    EXPECT_TRUE(pickle::read_plain(from_hex(hex), {}, value));
    EXPECT_EQ(value, expected);
  }
  void expect_given_up(const std::string& hex, const Limits& limits = {}) {
    Value value;
    EXPECT_FALSE(pickle::read_plain(from_hex(hex), limits, value)) << hex;
    EXPECT_TRUE(value.is_nil());
  }

  std::size_t read_ = 0;
};

TEST_F(PicklePlain, GeneratedValuesAreReadAsTheMachineReadsThem) {
  ValueGenerator generator(20261127);
  for (int i = 0; i < 6000; ++i) compare(pickled(generator.any(), 2 + i % 4));
  EXPECT_GT(read_, 1500u);
}

TEST_F(PicklePlain, GeneratedPicklesWithOneWrongByteAreReadAsTheMachineReadsThem) {
  ValueGenerator generator(7);
  std::size_t changed = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string bytes = pickled(generator.any(), 2 + i % 4);
    if (bytes.empty() || bytes.size() > 4000) continue;
    for (int k = 0; k < 10; ++k, ++changed) {
      std::string wrong = bytes;
      wrong[generator.below(wrong.size())] = static_cast<char>(generator.below(256));
      compare(wrong, {.max_bytes = 1 << 16, .max_depth = 4});
    }
  }
  EXPECT_GT(changed, 5000u);
  EXPECT_GT(read_, 800u);
}

// Random instructions, to find confusions between their bytes.
TEST_F(PicklePlain, RandomInstructionsAreReadAsTheMachineReadsThem) {
  ValueGenerator generator(11);
  constexpr std::string_view ops = "NK\x07]}()\x85\x86\x87teaus\x94q\x88\x8c\x01xh";
  for (int i = 0; i < 200000; ++i) {
    std::string bytes("\x80\x05", 2);
    for (std::size_t k = generator.below(14); k > 0; --k) {
      const char op = ops[generator.below(ops.size())];
      bytes += op;
      if (op == 'K' || op == 'q' || op == 'h') bytes += static_cast<char>(generator.below(4));
    }
    compare(bytes += '.', {.max_bytes = 1 << 16, .max_depth = 3});
  }
  EXPECT_GT(read_, 4000u);
}

TEST_F(PicklePlain, RecordedPicklesAreReadAsTheMachineReadsThem) {
  std::ifstream file(DJCACHE_FIXTURES "/values/pickle.json");
  ASSERT_TRUE(file);
  const TypedJson recorded = TypedJson::parse(file);
  for (const TypedJson& one : recorded["cases"]) {
    for (const auto& [protocol, hex] : one["bytes"].items()) {
      const std::string bytes = from_hex(hex.get<std::string>());
      compare(bytes);
      if (bytes.size() > 300) continue;
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        expect_given_up(to_hex(bytes.substr(0, size)));
      }
    }
  }
  EXPECT_GT(read_, 250u);
}

TEST_F(PicklePlain, TheCorpusIsReadAsTheMachineReadsIt) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(DJCACHE_FIXTURES "/corpus/pickle")) {
    std::ifstream file(entry.path(), std::ios::binary);
    compare(std::string(std::istreambuf_iterator<char>(file), {}));
    ++files;
  }
  EXPECT_GT(files, 100u);
}

TEST_F(PicklePlain, ReadsASessionWithoutTheMachine) {
  // pickle.dumps({"_auth_user_id": "12", "n": [1, 2.5, None, True, -1], "t": (b"x", {})}, 5)
  expect_plain(
      "80 05 95 40 00 00 00 00 00 00 00 7d 94 28 8c 0d 5f 61 75 74 68 5f 75 73 65 72 5f 69 64 94 "
      "8c "
      "02 31 32 94 8c 01 6e 94 5d 94 28 4b 01 47 40 04 00 00 00 00 00 00 4e 88 4a ff ff ff ff 65 "
      "8c "
      "01 74 94 43 01 78 94 7d 94 86 94 75 2e",
      Value::dict({{"_auth_user_id", "12"},
                   {"n", Value::list({1, 2.5, Value(), true, -1})},
                   {"t", Value::tuple({Value::bytes("x"), Value::dict()})}}));
}

TEST_F(PicklePlain, OfEqualKeysInSeveralBatchesTheLastStays) {
  // {"a": 1, "b": 2}, then {"a": 3} into the same dict.
  expect_plain("80 05 7d 28 8c 01 61 4b 01 8c 01 62 4b 02 75 28 8c 01 61 4b 03 75 2e",
               Value::dict({{"a", 3}, {"b", 2}}));
}

TEST_F(PicklePlain, ReadsItemsThatComeOneByOne) {
  expect_plain("80 05 7d 4b 01 29 4b 02 86 73 2e",
               Value::dict({{1, Value::tuple({Value::tuple(), 2})}}));
  expect_plain("80 05 5d 4b 01 61 4e 61 2e", Value::list({1, Value()}));
}

TEST_F(PicklePlain, ATextIsReadAgainFromTheMemo) {
  expect_plain("80 04 5d 94 28 8c 01 61 94 68 01 68 01 65 2e", Value::list({"a", "a", "a"}));
}

TEST_F(PicklePlain, LeavesToTheMachineWhatItDoesNotPlainlyUnderstand) {
  expect_given_up("49 31 0a 2e");                             // protocol 0
  expect_given_up("80 02 63 61 0a 62 0a 2e");                 // a class
  expect_given_up("80 05 5d 94 28 5d 94 68 01 65 2e");        // a list that is referenced twice
  expect_given_up("80 05 7d 5d 4b 01 73 2e");                 // a list as a key
  expect_given_up("80 05 8c 02 c3 28 2e");                    // not UTF-8
  expect_given_up("80 05 4b 01 2e 2e");                       // bytes left over
  expect_given_up("80 05 4b 01");                             // no STOP
  expect_given_up("80 05 71 00 2e");                          // nothing to memoize
  expect_given_up("80 05 5d 5d 85 61 2e", {.max_depth = 2});  // too deep
}

TEST_F(PicklePlain, AllocatesNothingButTheValue) {
  const std::string bytes = pickled(
      Value::dict({{"list", Value::list({1, 2, Value::tuple({"x", std::string(100, 'y')})})}}), 5);
  Value warm;
  ASSERT_TRUE(pickle::read_plain(bytes, {}, warm));
  reset_allocations();
  Value value;
  ASSERT_TRUE(pickle::read_plain(bytes, {}, value));
  EXPECT_EQ(allocations().count, 4u);  // dict, list, tuple, text
}

}  // namespace
}  // namespace djcache::codec
