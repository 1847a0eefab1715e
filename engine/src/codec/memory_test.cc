// Reading one value, even from hostile bytes, never takes more than four times value_max_bytes, its
// bytes included.
#include <thread>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/compressor.h"

namespace djcache::codec {
namespace {

constexpr Limits limits{.max_bytes = 2u << 20};
// For error texts and memory that is kept from value to value.
constexpr std::size_t slack = 64 * 1024;

// Buffers are kept per thread, so only a new thread shows the whole need.
std::size_t peak_of(const Codec& codec, std::string_view bytes, bool& is_read) {
  std::size_t peak = 0;
  std::thread([&] {
    Value value;
    Error error;
    reset_allocations();
    is_read = codec.decode(bytes, value, error);
    peak = allocations().peak_bytes;
  }).join();
  return peak;
}

// Repeated as often as it fits.
std::string filled(const std::string& head, std::string_view piece, std::string_view tail) {
  std::string all = head;
  while (all.size() + piece.size() + tail.size() <= limits.max_bytes) all += piece;
  return all.append(tail);
}

std::string pickle_of(const std::string& head, std::string_view piece, std::string_view tail) {
  return filled("\x80\x04" + head, piece, std::string(tail) + '.');
}

std::string call_of(const std::string& function, const std::string& arguments) {
  return pickle_of('c' + function + "\n\x94" + "0(" + arguments + "t\x94" + "0(",
                   std::string("h\0h\x01R", 5), "t");
}

std::vector<std::string> pickles() {
  using namespace std::string_literals;
  const std::string text = "\x8c\x29" + std::string(41, 'x');
  std::string numbers;
  for (int i = 0; i < 300'000; ++i) numbers += {'J', char(i), char(i >> 8), char(i >> 16), 0};
  return {
      pickle_of("", "]", ""),
      pickle_of("", "}", ""),
      pickle_of("", ")", ""),
      pickle_of("", "(", ""),
      pickle_of("(", "N", "t"),
      pickle_of("(", "N\x94", "t"),
      pickle_of("N", "\x94", ""),
      pickle_of("N", "\x85", ""),
      pickle_of("]", "(Ne", ""),
      pickle_of("]", "Na", ""),
      pickle_of("}", "(NNu", ""),
      pickle_of("]\x94"
                "0]\x94"
                "0(",
                "h\0Nah\1Na"s, "t"),
      pickle_of("Nr\xf0\xff\x1f\0"s, "N", ""),
      pickle_of("(", text, "t"),
      pickle_of("]", text + 'a', ""),
      pickle_of("(", text + '\x94', "\x91"),
      pickle_of("(", numbers, "\x91"),
      pickle_of("(", "K\x01\x85", "\x91"),
      filled("(V", "\xe9", "\nt."),
      call_of("datetime\ndatetime", "C\x0a\x07\xe4\x01\x01\x01\x01\x01\0\0\0"s),
      call_of("fractions\nFraction",
              "\x8c\x13"
              "1234567890123456/17"),
      call_of("builtins\ncomplex", ""),
      call_of("builtins\nstr", text),
      call_of("builtins\nlist", ""),
      // A value that just fits.
      "\x80\x04(" + std::string(limits.max_elements(), 'N') + "t.",
      "\x80\x04(" + numbers.substr(0, 5 * limits.max_elements()) + "\x91.",
  };
}

void expect_bounded(const Codec& codec, const std::string& bytes) {
  bool is_read = false;
  const std::size_t peak = peak_of(codec, bytes, is_read);
  EXPECT_LE(peak + bytes.size(), 4 * limits.max_bytes + slack) << to_hex(bytes.substr(0, 20));
}

TEST(Memory, OfAnyPickleIsFourTimesTheLimit) {
  const auto codec = make_codec(Serializer::pickle, limits);
  for (const std::string& bytes : pickles()) expect_bounded(*codec, bytes);
}

TEST(Memory, OfWhatIsCompressedAsWell) {
  for (const Compressor compressor : {Compressor::zlib, Compressor::zstd}) {
    const CompressorTable* const table = compressor_table(compressor);
    if (!table) continue;
    Options options;
    options.serializer = Serializer::pickle;
    options.value_max_bytes = limits.max_bytes;
    options.compressor = compressor;
    const auto codec = make_codec(options);
    for (const std::string& bytes : pickles()) {
      std::string compressed, reason;
      ASSERT_TRUE(table->compress(bytes, compressed, reason)) << reason;
      bool is_read = false;
      const std::size_t peak = peak_of(*codec, compressed, is_read);
      EXPECT_LE(peak, 4 * limits.max_bytes + slack) << to_hex(bytes.substr(0, 20));
    }
  }
}

TEST(Memory, OfAnyJsonIsFourTimesTheLimit) {
  const auto codec = make_codec(Serializer::json, limits);
  std::string items = "[1";
  for (std::size_t i = 1; i < limits.max_elements(); ++i) items += ",1";
  const std::string text = '"' + std::string(41, 'x') + '"', item = ",\"" + std::string(8, 'x');
  std::string keys = "{\"\":1";
  for (std::size_t i = 1; i < limits.max_elements() / 2; ++i) {
    keys += item + std::to_string(i) + "\":1";
  }
  for (const std::string& bytes :
       {items + ']', filled("[1", ",1", "]"), filled("[" + text, ',' + text, "]"),
        filled("[1", ",[]", "]"), keys + '}'}) {
    expect_bounded(*codec, bytes);
  }
}

TEST(Memory, OfAnyMsgpackIsFourTimesTheLimit) {
  const auto codec = make_codec(Serializer::msgpack, limits);
  const DateTime datetime{.date = {2026, 1, 1}, .time = {}};
  Value::List members;
  for (std::size_t i = 0; i < limits.max_elements(); ++i) members.push_back(1000 * i);
  for (const Value& value : {Value::list(Value::List(limits.max_elements())), Value::set(members),
                             Value::list(Value::List(limits.max_elements() / 3, datetime)),
                             Value::list(Value::List(40'000, std::string(41, 'x')))}) {
    const std::string bytes = stored(value, Serializer::msgpack, limits);
    bool is_read = false;
    EXPECT_LE(peak_of(*codec, bytes, is_read) + bytes.size(), 4 * limits.max_bytes + slack);
    EXPECT_TRUE(is_read);
  }
}

// Every value that may be written can be read again, whatever uses its memory.
TEST(Memory, IsEnoughForAllThatIsWritten) {
  const std::size_t count = limits.max_elements();
  const DateTime datetime{.date = {2026, 1, 1}, .time = {}};
  Value::List numbers, pairs, members;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(i);
  for (std::size_t i = 0; i < count / 3; ++i) {
    pairs.push_back(Value::tuple({i, std::to_string(i)}));
    members.push_back(Value::frozenset({i, std::to_string(i)}));
  }
  const Value values[] = {
      Value::list(numbers),
      Value::set(numbers),
      Value::list(pairs),
      Value::set(pairs),
      Value::set(members),
      Value::list(Value::List(count / 3, datetime)),
      Value::list(Value::List(count, "short")),
      Value::list(Value::List(40'000, std::string(45, 'x'))),
  };
  for (const Value& value : values) {
    for (const auto serializer : {Serializer::pickle, Serializer::msgpack}) {
      const std::string bytes = stored(value, serializer, limits);
      EXPECT_EQ(read(bytes, serializer, limits).find("_failed"), std::string::npos)
          << to_string(value, 40) << to_hex(bytes.substr(0, 90));
    }
  }
}

}  // namespace
}  // namespace djcache::codec
