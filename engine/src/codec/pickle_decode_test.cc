// Pickles that no pickler of Django's writes: each is refused with reason and position, within the
// limits, or read as CPython reads it.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

std::string unpickled(std::string_view bytes, const Limits& limits = {}) {
  return read(bytes, Serializer::pickle, limits);
}

TEST(PickleDecode, AGlobalThatIsNotListedIsNamedAndNeverLookedUp) {
  EXPECT_EQ(unpickled("cos\nsystem\n(S'id'\ntR."),
            "decode_failed: pickle: os.system at byte 0 is not on the list of what may be built");
  EXPECT_EQ(unpickled("\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R."s),
            "decode_failed: pickle: os.system at byte 16 is not on the list of what may be built");
  EXPECT_EQ(
      unpickled("cbuiltins\neval\n)R."),
      "decode_failed: pickle: builtins.eval at byte 0 is not on the list of what may be built");
  EXPECT_EQ(unpickled("cmyapp.models\nUser\n)R."),
            "decode_failed: pickle: myapp.models.User at byte 0 is not on the list of what may be "
            "built");
  EXPECT_EQ(unpickled("\x80\x04\x8c\x08zoneinfo\x8c\x12ZoneInfo._unpickle\x93."s),
            "decode_failed: pickle: zoneinfo.ZoneInfo._unpickle at byte 32 is not on the list of "
            "what may be built");
}

TEST(PickleDecode, NamesInErrorsAreCutAndPrintable) {
  EXPECT_EQ(unpickled("cos\x1b[31m\nx\n."),
            "decode_failed: pickle: os?[31m.x at byte 0 is not on the list of what may be built");
  EXPECT_LT(unpickled("c" + std::string(100'000, 'm') + "\nx\n.").size(), 300u);
}

TEST(PickleDecode, GetattrIsTheOneOfZoneInfoOnly) {
  EXPECT_EQ(unpickled("cbuiltins\ngetattr\n(czoneinfo\nZoneInfo\nV__class__\ntR."),
            "decode_failed: pickle: builtins.getattr at byte 50 is called with arguments that its "
            "pickles do not have");
  EXPECT_EQ(unpickled("cbuiltins\ngetattr\n(cdatetime\ndatetime\nV_unpickle\ntR."),
            "decode_failed: pickle: builtins.getattr at byte 50 is called with arguments that its "
            "pickles do not have");
}

TEST(PickleDecode, WhatRefersOutsideOfThePickleIsRefused) {
  EXPECT_EQ(unpickled("Pname\n."),
            "decode_failed: pickle: instruction 0x50 at byte 0 (PERSID, BINPERSID) names an object "
            "outside of the pickle");
  EXPECT_NE(unpickled("NQ.").find("PERSID"), std::string::npos);
  EXPECT_NE(unpickled("\x80\x02\x82\x01."s).find("EXT1"), std::string::npos);
  EXPECT_NE(unpickled("\x80\x05\x97."s).find("NEXT_BUFFER"), std::string::npos);
  EXPECT_NE(unpickled("(iuuid\nUUID\n.").find("INST"), std::string::npos);
  EXPECT_EQ(unpickled("\xff."), "decode_failed: pickle: instruction 0xff at byte 0 is unknown");
}

TEST(PickleDecode, ValuesThatContainThemselvesAreAnError) {
  EXPECT_EQ(unpickled("\x80\x05]\x94h\x00"s + "a."),
            "decode_failed: pickle: a list at byte 2 contains itself");
  EXPECT_EQ(unpickled("\x80\x05}\x94Nh\x00s."s),
            "decode_failed: pickle: a dict at byte 2 contains itself");
  // Through a tuple, as CPython writes it: t = ([],); t[0].append(t)
  EXPECT_EQ(unpickled("\x80\x05]\x94h\x00\x85\x94"s + "a0h\x01."),
            "decode_failed: pickle: a tuple at byte 6 contains itself");
}

TEST(PickleDecode, ContainersFilledAfterTheyWereRememberedAreSeenFull) {
  // a = []; b = [a]; a.append(1) through the memo; b
  EXPECT_EQ(unpickled("\x80\x02]q\x00"
                      "0]q\x01h\x00"
                      "ah\x00K\x01"
                      "a0."s),
            "[[1]]");
  EXPECT_EQ(unpickled("\x80\x02]q\x00(h\x00h\x00K\x07"
                      "e."s),
            "decode_failed: pickle: a list at byte 2 contains itself");
  // d = {}; [d, d]; d['a'] = 1, then d['a'] = 2
  EXPECT_EQ(unpickled("\x80\x02](}q\x00h\x00h\x00X\x01\0\0\0aK\x01s0h\x00X\x01\0\0\0aK\x02s0e."s),
            "[{'a': 2}, {'a': 2}]");
}

TEST(PickleDecode, TheMemoIsBounded) {
  EXPECT_EQ(unpickled("\x80\x02Nr\xff\xff\xff\xff."s),
            "decode_failed: pickle: memo entry 4294967295 at byte 3 is out of range");
  EXPECT_EQ(unpickled("\x80\x02h\x07."s),
            "decode_failed: pickle: memo entry 7 at byte 2 was never put there");
  EXPECT_EQ(unpickled("\x80\x02Nq\x05"s + "0h\x02."),
            "decode_failed: pickle: memo entry 2 at byte 6 was never put there");
  EXPECT_EQ(unpickled("Np1x\n."), "decode_failed: pickle: a memo entry at byte 1 without a number");
}

// Ten levels of ten references each to the level before: ten thousand million numbers.
TEST(PickleDecode, SharedObjectsCannotTakeMoreMemoryThanTheLimit) {
  constexpr std::size_t limit = 1 << 20;
  std::string bytes = "\x80\x02]q\x00K\x01"s + "a";
  for (char level = 1; level <= 10; ++level) {
    bytes += "0]q"s + level + "(";
    for (int i = 0; i < 10; ++i) bytes += "h"s + static_cast<char>(level - 1);
    bytes += "e";
  }
  bytes += ".";
  unpickled("N.");
  reset_allocations();
  EXPECT_NE(unpickled(bytes, {.max_bytes = limit})
                .find(": the copies of what it shares take more memory than the limit allows"),
            std::string::npos);
  EXPECT_LT(allocations().peak_bytes, 2 * limit);

  std::string texts = "\x80\x02("s + "X\x10\x27\0\0"s + std::string(10'000, 'x') + "q\0"s;
  for (int i = 0; i < 1000; ++i) texts += "h\0"s;
  texts += "t.";
  reset_allocations();
  EXPECT_NE(unpickled(texts, {.max_bytes = limit}).find("the copies"), std::string::npos);
  EXPECT_LT(allocations().peak_bytes, 2 * limit);
  EXPECT_NE(unpickled(texts, {.max_bytes = 10 * limit}).find("xxx"), std::string::npos);

  // The same list in a thousand sets.
  std::string sets =
      "\x80\x02(c__builtin__\nset\nq\x00"
      "0]q\x01("s;
  for (int i = 0; i < 1000; ++i) sets += "K"s + static_cast<char>(i);
  sets += "e0";
  for (int i = 0; i < 1000; ++i) sets += "h\0h\x01\x85R"s;
  sets += "t.";
  reset_allocations();
  EXPECT_NE(unpickled(sets, {.max_bytes = limit}).find("the copies"), std::string::npos);
  EXPECT_LT(allocations().peak_bytes, 2 * limit);
}

TEST(PickleDecode, DepthIsLimited) {
  const auto nested = [](std::size_t depth) {
    return "\x80\x02"s + std::string(depth, ']') + std::string(depth - 1, 'a') + ".";
  };
  EXPECT_EQ(unpickled(nested(3)), "[[[]]]");
  EXPECT_EQ(unpickled(nested(64)).substr(0, 3), "[[[");
  EXPECT_EQ(unpickled(nested(65)),
            "decode_failed: pickle: nested deeper than 64 levels at byte 66");
  EXPECT_NE(unpickled(nested(1'000'000)).find("nested deeper"), std::string::npos);
  EXPECT_EQ(unpickled("\x80\x02"s + std::string(1'000'000, '(') + "."),
            "decode_failed: pickle: STOP at byte 1000002 with 0 objects instead of one");
}

TEST(PickleDecode, SizesAreCheckedBeforeMemoryIsReserved) {
  reset_allocations();
  EXPECT_EQ(unpickled("\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff."s),
            "decode_failed: pickle: a piece of 18446744073709551615 bytes at byte 2 runs past the "
            "end (1 bytes left)");
  EXPECT_EQ(unpickled("\x80\x04\x95\xff\0\0\0\0\0\0\0N."s),
            "decode_failed: pickle: frame of 255 bytes at byte 2 runs past the end (2 bytes left)");
  EXPECT_LT(allocations().peak_bytes, 100'000u);
  EXPECT_EQ(unpickled("N."s + std::string(100, 'x'), {.max_bytes = 50}),
            "value_too_large: a value of 102 bytes is over the limit of 50");
}

TEST(PickleDecode, WhatIsLeftOverOrMissingIsAnError) {
  EXPECT_EQ(unpickled("N.N"), "decode_failed: pickle: 1 bytes left over at byte 2, after STOP");
  EXPECT_EQ(unpickled("NN."),
            "decode_failed: pickle: STOP at byte 2 with 2 objects instead of one");
  EXPECT_EQ(unpickled("\x80\x05N"s), "decode_failed: pickle: no STOP at byte 3, the end");
  EXPECT_EQ(unpickled(""), "decode_failed: pickle: empty, there is no value");
  EXPECT_EQ(unpickled("a."),
            "decode_failed: pickle: an instruction at byte 0 needs 2 objects that are not there");
  EXPECT_EQ(unpickled("](NNa."),
            "decode_failed: pickle: an instruction at byte 4 adds items to "
            "what is no list");
  EXPECT_EQ(unpickled("}(Nu."), "decode_failed: pickle: a dict at byte 3 with a key without value");
  EXPECT_EQ(unpickled("e."),
            "decode_failed: pickle: an instruction at byte 0 needs a MARK before it");
  EXPECT_EQ(unpickled("\x80\x06N."s),
            "decode_failed: pickle: protocol 6 at byte 0: 5 is the newest that is read");
}

TEST(PickleDecode, TextsAreCheckedAndTheFaultIsPlaced) {
  EXPECT_EQ(unpickled("\x80\x04\x8c\x05xx\xed\xa0\x80."s),
            "decode_failed: pickle: a str at byte 6 holds a lone surrogate");
  EXPECT_EQ(unpickled("\x80\x04\x8c\x02x\xff."s),
            "decode_failed: pickle: a str at byte 5 is not UTF-8");
  EXPECT_EQ(unpickled("Vab\\ud800\n."),
            "decode_failed: pickle: an escape at byte 3 is none, or stands for a lone surrogate");
  EXPECT_EQ(unpickled("Va\\u00e9\\\\u0041\\x\n."), "'aé\\\\\\\\u0041\\\\x'");
}

TEST(PickleDecode, NumbersInTextAreNumbers) {
  EXPECT_EQ(unpickled("(I1\nI01\nI00\nL-5L\nF1.5\nFnan\nF-inf\nF1e+16\nt."),
            "(1, True, False, -5, 1.5, nan, -inf, 1e+16)");
  EXPECT_NE(unpickled("I1x\n.").find("an int at byte 0 is no decimal text"), std::string::npos);
  EXPECT_NE(unpickled("Fnan(1)\n.").find("a float at byte 0"), std::string::npos);
  EXPECT_NE(unpickled("L" + std::string(4301, '9') + "\n.").find("more digits"), std::string::npos);
  EXPECT_NE(
      unpickled("\x80\x02\x8b\xfc\x06\0\0"s + std::string(1788, '\x7f') + ".").find("more digits"),
      std::string::npos);
}

TEST(PickleDecode, WhatPythonCannotHashIsNoKey) {
  EXPECT_EQ(unpickled("}]Ns."),
            "decode_failed: pickle: a list at byte 1 is a key or a member of a "
            "set: Python cannot hash it");
  EXPECT_NE(unpickled("\x80\x04\x8f(]\x85\x90."s).find("cannot hash"), std::string::npos);
}

TEST(PickleDecode, ConstructorsTakeOnlyWhatTheirPicklesHave) {
  for (const char* const pickle :
       {"cdatetime\ndatetime\n(I2020\nI1\nI1\ntR.", "cdecimal\nDecimal\n(Vabc\ntR.",
        "cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I1\nI0\nI0\ntRtR.",
        "cdatetime\ntimedelta\n(I0\nI86400\nI0\ntR.", "ccollections\nOrderedDict\n(I1\ntR.",
        "ccollections\nCounter\n(]tR.", "c__builtin__\nset\n(I1\ntR.", "cuuid\nUUID\n(V1\ntR.",
        "c_codecs\nencode\n(Vx\nVrot13\ntR."}) {
    EXPECT_NE(unpickled(pickle).find("is called with arguments that its pickles do not have"),
              std::string::npos)
        << pickle << unpickled(pickle);
  }
  EXPECT_NE(unpickled("cuuid\nUUID\n)\x81.").find("has no bits"), std::string::npos);
  EXPECT_NE(unpickled("cuuid\nUUID\n)\x81}b.").find("without its 128 bits"), std::string::npos);
  EXPECT_NE(unpickled("]}b.").find("sets the state of an object without one"), std::string::npos);
  EXPECT_NE(unpickled("cuuid\nUUID\n.").find("is a class or function"), std::string::npos);
  EXPECT_NE(unpickled("cpytz\n_UTC\n)R.").find("is no value by itself"), std::string::npos);
}

TEST(PickleDecode, DjangosIntegersArePlainText) {
  EXPECT_EQ(unpickled("42"), "42");
  EXPECT_EQ(unpickled(" -1_000\n"), "-1000");
  EXPECT_EQ(stored(42, Serializer::pickle), "42");
  EXPECT_EQ(to_hex(stored(true, Serializer::pickle)), "8005882e");
}

TEST(PickleDecode, ReadingAllocatesNothingButTheValue) {
  // A typical session of Django, a list of 100 numbers, a text of 1 KiB.
  Value::Items session;
  for (const char* const key : {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}) {
    session.emplace_back(key, std::string(60, 'x'));
  }
  session.emplace_back("cart", Value::list({Value::dict({{"sku", "A-1"}, {"n", 2}})}));
  Value::List numbers;
  for (int i = 0; i < 100; ++i) numbers.push_back(i);
  for (const Value& value : {Value::dict(std::move(session)), Value::list(std::move(numbers)),
                             Value(std::string(1024, 'x'))}) {
    const PickleCodec codec(Limits{});
    Scratch scratch;
    Encoded encoded;
    Error error;
    ASSERT_TRUE(codec.encode(value, scratch, encoded, error));
    const std::string bytes(encoded.body);
    Value read;
    ASSERT_TRUE(codec.decode(bytes, read, error));
    reset_allocations();
    const Value copy = read;  // the same number of blocks
    const std::size_t needed = allocations().count;
    reset_allocations();
    ASSERT_TRUE(codec.decode(bytes, read, error));
    EXPECT_LE(allocations().count, needed);
    reset_allocations();
    ASSERT_TRUE(codec.encode(value, scratch, encoded, error));
    EXPECT_EQ(allocations().count, 0u);
  }
}

}  // namespace
}  // namespace djcache::codec
