// Every allocation of reading, writing, comparing, hashing, printing, copying and destroying a
// value fails once. The outcome is std::bad_alloc or the result, and never the end of the program.
#include <new>
#include <thread>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/generator_fixture.h"
#include "value/hash.h"

namespace djcache::codec {
namespace {

// Calls f(n) on threads without kept buffers while the n-th allocation fails, until none is left to
// fail. Returns how many there were.
template <class F>
std::size_t with_each_failing(F f) {
  bool failed = true;
  std::size_t n = 0;
  while (failed) {
    ++n;
    std::thread([&] {
      fail_allocation(n);
      try {
        f();
        failed = false;
      } catch (const std::bad_alloc&) {
      }
      fail_allocation(0);
    }).join();
  }
  return n - 1;
}

// Deeper than recursive destruction goes, with something in every place.
Value nested(int levels) {
  Value inner = 1;
  for (int i = 0; i < levels; ++i) {
    Value::List members;
    members.push_back("a text that is too long for its place in a value");
    members.push_back(std::move(inner));
    inner = Value::tuple(std::move(members));
  }
  return Value::set({std::move(inner)});
}

std::vector<Value> values() {
  std::vector<Value> all = {
      Value::set({Value::tuple({1, 2}), Value::tuple({3, 4})}),
      Value::dict({{Value::frozenset({Value::tuple({1}), Value::frozenset({2, 3})}), 1},
                   {Value::frozenset({4, 5}), Value::dict({{"k", Value::list({nullptr})}})}}),
      nested(60),
      *Value::integer("-123456789012345678901234567890"),
  };
  const auto codec = make_codec(Serializer::pickle, {});
  ValueGenerator generator(20261201);
  for (int i = 0; i < 8; ++i) all.push_back(generator.storable(*codec));
  return all;
}

TEST(R04Values, AreReadAndWrittenWhateverAllocationFails) {
  Options layered;
  layered.serializer = Serializer::msgpack;
  layered.signing_keys = {"0123456789abcdef0123456789abcdef"};
  std::vector<std::unique_ptr<const Codec>> codecs;
  for (const int protocol : {2, 5}) {
    codecs.push_back(make_codec(Serializer::pickle, {}, protocol));
  }
  codecs.push_back(make_codec(Serializer::msgpack, {}));
  codecs.push_back(make_codec(Serializer::json, {}));
  codecs.push_back(make_codec(layered));
  std::size_t failures = 0;
  for (const Value& value : values()) {
    for (const auto& codec : codecs) {
      failures += with_each_failing([&] {
        Scratch scratch;
        Encoded encoded;
        Error error;
        codec->encode(value, scratch, encoded, error);
      });
      const std::string bytes = stored_by(*codec, value);
      failures += with_each_failing([&] {
        Value read;
        Error error;
        codec->decode(bytes, read, error);
      });
    }
  }
  EXPECT_GT(failures, 500u);
}

TEST(R04Values, AreComparedHashedPrintedCopiedAndDestroyedWhateverAllocationFails) {
  std::size_t failures = 0;
  for (const Value& value : values()) {
    const Value same = value;
    failures += with_each_failing([&] { EXPECT_TRUE(value == same); });
    failures += with_each_failing([&] { value::hash(value); });
    failures += with_each_failing([&] { to_string(value); });
    failures += with_each_failing([&] { Value(value).find(same); });
  }
  EXPECT_GT(failures, 100u);
}

TEST(R04Values, AreDestroyedWithoutAnyAllocation) {
  for (Value& value : values()) {
    fail_allocation(1);
    value = Value();
    fail_allocation(0);
  }
}

TEST(R04Values, ARefusalThatFindsNoMemoryForItsReasonThrows) {
  for (const std::string_view bytes : {"\x80\x04(]](e.", "\x80\x04}q\x00h\x00h\x00s.", "(dp0\n"}) {
    for (const auto serializer : {Serializer::pickle, Serializer::msgpack, Serializer::json}) {
      EXPECT_GT(with_each_failing([&] { read(bytes, serializer); }), 0u);
    }
  }
}

}  // namespace
}  // namespace djcache::codec
