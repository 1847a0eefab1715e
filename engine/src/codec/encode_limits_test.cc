// The limits of the encoders: wherever in a value one is reached, the value is refused, and the
// reason names the limit.
#include <gtest/gtest.h>

#include <bit>

#include "codec/codec_fixture.h"
#include "codec/json.h"
#include "codec/msgpack.h"
#include "codec/pickle.h"

namespace djcache::codec {
namespace {

const TimeZone berlin{.offset_us = std::nullopt, .name = "Europe/Berlin"};
const TimeZone paris{.offset_us = std::nullopt, .name = "Europe/Paris"};
const TimeZone labelled{.offset_us = 3'600'000'000, .name = "label"};
const TimeZone behind{.offset_us = -3'600'000'000, .name = {}};

Value datetime(const TimeZone& zone) {
  DateTime made{{2024, 2, 29}, {1, 2, 3, 0, 4, {}}};
  made.time.zone = zone;
  return made;
}

// Every value with a form of its own in some serializer, and values that repeat.
Value::List all_kinds() {
  Value::List all{nullptr,
                  true,
                  -1,
                  300,
                  70'000,
                  std::int64_t{1} << 40,
                  1.5,
                  "text",
                  std::string(300, 'x'),
                  "é\n\"\\",
                  Value::bytes("b"),
                  Value::bytes(""),
                  Value::bytes("\xff"),
                  *Value::integer("123456789012345678901234567890"),
                  *Value::integer("18446744073709551615"),
                  *Value::integer("-" + std::string(700, '7')),
                  Value::list({}),
                  Value::list({1}),
                  Value::list({1, "a"}),
                  Value::tuple({}),
                  Value::tuple({1}),
                  Value::tuple({1, 2, "a", 4}),
                  Value::dict({}),
                  Value::dict({{"a", 1}}),
                  Value::dict({{"a", 1}, {2, "b"}, {nullptr, 1.5}}),
                  Value::set({1}),
                  Value::set({1, 2}),
                  Value::frozenset({1}),
                  Value::frozenset({1, 2}),
                  Date{2024, 2, 29},
                  Time{1, 2, 3, 0, 4, {}},
                  TimeDelta{1, 2, 3},
                  *Value::decimal("1.50"),
                  Uuid{},
                  Uuid{}};
  // A value that needs exactly the space it asks for.
  all.insert(
      all.end(),
      {Value::list({nullptr}), Value::list({nullptr, true}), Value::tuple({nullptr}),
       Value::tuple({true, true, true, 1.5}), Value::dict({{nullptr, true}}),
       Value::dict({{nullptr, true}, {1.5, true}}), Value::set({nullptr}),
       Value::set({nullptr, 1.5}), Value::frozenset({nullptr}), Value::frozenset({nullptr, 1.5})});
  for (const TimeZone& zone : {paris, labelled, behind}) all.push_back(datetime(zone));
  all.push_back(Value::list({datetime(paris), datetime(paris), datetime(berlin), datetime(paris)}));
  return all;
}

Value::List json_kinds() {
  return {nullptr,
          true,
          -1,
          1.5,
          "text",
          "é\n",
          *Value::integer("123456789012345678901234567890"),
          Value::list({1, 2}),
          Value::list({}),
          Value::dict({{"a", 1}, {"b", "c"}}),
          Value::dict({{1, 2}}),
          Value::dict({{nullptr, 2}}),
          Date{2024, 2, 29},
          Time{1, 2, 3, 0, 4, {}},
          TimeDelta{1, 2, 3},
          *Value::decimal("1.50"),
          Uuid{},
          datetime(behind)};
}

struct Outcome {
  bool encoded = false;
  std::size_t size = 0;
  Error error;
};

Outcome encode(const Codec& codec, const Value& value) {
  Scratch scratch;
  Encoded out;
  Outcome outcome;
  outcome.encoded = codec.encode(value, scratch, out, outcome.error);
  outcome.size = out.size();
  return outcome;
}

void expect_too_large(const Outcome& outcome) {
  ASSERT_FALSE(outcome.encoded);
  ASSERT_EQ(outcome.error.code, Errc::value_too_large) << outcome.error.detail;
  ASSERT_NE(outcome.error.detail.find("limit of "), std::string::npos);
}

// Every limit of bytes below the size of the value.
template <class MakeCodec>
void expect_every_smaller_limit_refused(const Value& value, MakeCodec make) {
  const Outcome whole = encode(make(Limits{}), value);
  ASSERT_TRUE(whole.encoded) << whole.error.detail;
  EXPECT_TRUE(encode(make(Limits{.max_bytes = whole.size}), value).encoded);
  for (std::size_t limit = 0; limit < whole.size; ++limit) {
    expect_too_large(encode(make(Limits{.max_bytes = limit}), value));
  }
}

// msgpack's encoder lets its buffer exceed the limit slightly, by the heads of as many levels as
// allowed: so few levels, with something long in front.
TEST(EncodeLimits, EveryLimitBelowWhatMsgpackTakesIsKept) {
  for (const Value& value : all_kinds()) {
    const auto make = [](const Limits& limits) {
      return MsgpackCodec({.max_bytes = limits.max_bytes, .max_depth = 4});
    };
    expect_every_smaller_limit_refused(value, make);
    expect_every_smaller_limit_refused(Value::list({std::string(100, 'x'), value, value}), make);
  }
}

TEST(EncodeLimits, EveryLimitBelowWhatJsonTakesIsKept) {
  for (const Value& value : json_kinds()) {
    const auto make = [](const Limits& limits) { return JsonCodec(limits); };
    expect_every_smaller_limit_refused(value, make);
    expect_every_smaller_limit_refused(Value::list({"first", value, "last"}), make);
  }
}

// A pickle is written as far as the buffer reaches; the limit is only checked to enlarge it, and at
// the end. So a text in front of `value` is lengthened step by step, until a buffer at the limit
// has ended at each instruction. 64 bytes are the slack of the Writer.
void expect_every_instruction_keeps_the_limit(int protocol, Value::List before, const Value& value,
                                              std::size_t full) {
  const std::size_t limit = full - 64;
  const PickleCodec codec({.max_bytes = limit}, protocol);
  before.push_back(value);
  before.push_back(value);
  const std::size_t own = encode(PickleCodec({}, protocol), Value::list(before)).size;
  const std::size_t from = own < full - 40 ? full - 40 - own : 0;
  const std::size_t pair = encode(PickleCodec({}, protocol), Value::list({value, value})).size;
  for (std::size_t nones = from; nones < std::min(1010 - before.size(), from + pair + 60);
       ++nones) {
    Value::List whole(nones);
    whole.insert(whole.end(), before.begin(), before.end());
    const Outcome outcome = encode(codec, Value::list(std::move(whole)));
    if (outcome.encoded) {
      ASSERT_LE(outcome.size, limit);
    } else {
      expect_too_large(outcome);
    }
  }
}

TEST(EncodeLimits, EveryInstructionOfPickleKeepsTheLimit) {
  for (const int protocol : {2, 3, 5}) {
    for (const Value& value : all_kinds()) {
      expect_every_instruction_keeps_the_limit(protocol, {}, value, 1024);
    }
  }
}

// Before protocol 4 memo numbers are written out, and are longer above 255.
TEST(EncodeLimits, TheLongNumbersOfTheMemoOfPickleKeepTheLimit) {
  constexpr std::size_t full = 8192;
  const Value values[] = {Value::bytes("\xff"), Value::set({nullptr}),   Date{2024, 2, 29},
                          TimeDelta{1, 2, 3},   *Value::decimal("1.50"), Uuid{},
                          datetime(paris),      datetime(labelled)};
  for (const Value& value : values) {
    Value::List before(300, Value("t"));
    const Value pair = Value::list({Value::list(before), value, value});
    before.emplace_back(std::string(full - encode(PickleCodec({}, 2), pair).size - 40, 'x'));
    expect_every_instruction_keeps_the_limit(2, before, value, full);
  }
}

TEST(EncodeLimits, TheBatchesOfPickleKeepTheLimit) {
  Value::List numbers;
  Value::Items items;
  for (int i = 0; i < 1000; ++i) {
    numbers.push_back(i + 0.5);
    items.emplace_back(i, 1.5);
  }
  for (int protocol = 2; protocol <= 5; ++protocol) {
    for (const Value& value : {Value::list(numbers), Value::set(numbers), Value::dict(items)}) {
      constexpr std::size_t full = 16'384;
      const PickleCodec codec({.max_bytes = full - 64}, protocol);
      // Short texts, so that the buffer doubles instead of growing by what it needs.
      Value::List before{value};
      std::size_t own = 0;
      while ((own = encode(PickleCodec({}, protocol), Value::list(before)).size) < full - 200) {
        before.insert(before.begin(), std::string(100, 'x'));
      }
      for (std::size_t nones = full - own - 20; nones < full - own + 40; ++nones) {
        Value::List whole(nones);
        whole.insert(whole.end(), before.begin(), before.end());
        const Outcome outcome = encode(codec, Value::list(std::move(whole)));
        if (outcome.encoded) {
          ASSERT_LE(outcome.size, full - 64);
        } else {
          expect_too_large(outcome);
        }
      }
    }
  }
}

// A full frame is followed by another, here so near to the end of the buffer that its head does not
// fit.
TEST(EncodeLimits, TheHeadOfAFrameOfPickleKeepsTheLimit) {
  // The protocol, the head of the first frame, and the most that fits into it.
  constexpr std::size_t frame_full = 2 + 9 + (64u << 10);
  const Value delta = TimeDelta{1, 2, 3}, first = std::string(16'000, 'x');
  const std::size_t before =
      encode(PickleCodec({}, 5), Value::list({delta, datetime({}), first})).size - 2;
  for (std::size_t less = 0; less < 10; ++less) {
    const std::size_t size = frame_full - before - 6 - less;
    const std::size_t limit = before + size + 14 - 64;
    for (std::size_t nones = 0; nones < 10; ++nones) {
      for (const Value& last : {Value(), Value("text"), delta, datetime({})}) {
        Value::List whole{delta, datetime({}), first, std::string(size, 'y')};
        whole.resize(whole.size() + nones);
        whole.push_back(last);
        expect_too_large(
            encode(PickleCodec({.max_bytes = limit}, 5), Value::list(std::move(whole))));
      }
    }
  }
}

TEST(EncodeLimits, EveryContainerCountsItsItemsAndItsDepth) {
  Value::List numbers;
  Value::Items items;
  for (int i = 0; i < 1100; ++i) {
    numbers.push_back(i);
    items.emplace_back(i, i);
  }
  const Value many[] = {Value::list(numbers), Value::tuple(numbers), Value::set(numbers),
                        Value::frozenset(numbers), Value::dict(items)};
  const Value deep[] = {Value::list({Value::list({Value::list({})})}),
                        Value::list({Value::tuple({Value::tuple({})})}),
                        Value::list({Value::tuple({Value::set({})})}),
                        Value::list({Value::tuple({Value::frozenset({})})}),
                        Value::list({Value::dict({{1, Value::dict({})}})})};
  for (const Serializer serializer : {Serializer::msgpack, Serializer::pickle, Serializer::json}) {
    for (const Value& value : many) {
      if (serializer == Serializer::json && (value.is(Kind::set) || value.is(Kind::frozenset)))
        continue;
      EXPECT_NE(stored(value, serializer, {.max_bytes = 2048}).find("items in all containers"),
                std::string::npos)
          << to_string(value.kind());
    }
    for (const Value& value : deep) {
      const Limits limits{.max_depth = 2};
      if (serializer == Serializer::json &&
          stored(value, serializer).starts_with("encode_failed")) {
        continue;
      }
      EXPECT_NE(stored(value, serializer, limits).find("nested deeper than 2 levels"),
                std::string::npos)
          << to_string(value);
    }
  }
}

TEST(EncodeLimits, WhatPythonCannotHoldIsRefusedByEverySerializer) {
  const Value impossible[] = {Date{0, 0, 0},
                              DateTime{{2024, 13, 1}, {}},
                              Time{25, 0, 0, 0, 0, {}},
                              TimeDelta{1'000'000'000, 0, 0},
                              Value("\xff"),
                              *Value::integer(std::string(5000, '9'))};
  for (const Serializer serializer : {Serializer::msgpack, Serializer::pickle, Serializer::json}) {
    for (const Value& value : impossible) {
      for (const Value& whole :
           {value, Value::list({value}), Value::dict({{"k", value}}), Value::tuple({1, value})}) {
        EXPECT_TRUE(stored(whole, serializer).starts_with("encode_failed: "))
            << to_string(whole, 80);
      }
    }
  }
  EXPECT_NE(stored(datetime({.offset_us = std::nullopt, .name = std::string(256, 'z')}),
                   Serializer::pickle)
                .find("a time zone with a name of 256 bytes"),
            std::string::npos);
}

TEST(EncodeLimits, WhatPythonCannotHashIsNoKeyAndNoMember) {
  for (const Serializer serializer : {Serializer::msgpack, Serializer::pickle}) {
    for (const Value& value :
         {Value::list({}), Value::dict({}), Value::set({}), *Value::decimal("sNaN")}) {
      for (const Value& whole :
           {Value::set({value}), Value::frozenset({value}), Value::dict({{value, 1}}),
            Value::set({Value::tuple({1, value})})}) {
        EXPECT_NE(stored(whole, serializer).find("Python cannot hash it"), std::string::npos)
            << to_string(whole);
      }
    }
  }
}

TEST(EncodeLimits, AnIntegerHasItsLimitToo) {
  const Value big = *Value::integer(std::string(100, '7'));
  for (const Serializer serializer : {Serializer::msgpack, Serializer::pickle, Serializer::json}) {
    for (const Value& value : {big, Value(1'000'000)}) {
      EXPECT_TRUE(stored(value, serializer, {.max_bytes = 6}).starts_with("value_too_large: "));
    }
  }
}

TEST(EncodeLimits, ABufferThatWasHugeOnceIsGivenBack) {
  const PickleCodec codec{Limits{}};
  Scratch scratch;
  Encoded out;
  Error error;
  ASSERT_TRUE(codec.encode(std::string(3u << 20, 'x'), scratch, out, error));
  ASSERT_GT(scratch.body.capacity(), 3u << 20);
  ASSERT_TRUE(codec.encode("x", scratch, out, error));
  EXPECT_LT(scratch.body.capacity(), 1u << 20);
}

}  // namespace
}  // namespace djcache::codec
