// MsgpackCodec::decode: every head, every error with its position, and hostile bytes.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

struct Case {
  const char* hex;
  const char* read;
};

void expect(const Case& c) { EXPECT_EQ(read(from_hex(c.hex)), c.read) << c.hex; }

TEST(MsgpackDecode, ReadsEveryHead) {
  const Case cases[] = {
      {"c0", "None"},
      {"c2", "False"},
      {"c3", "True"},
      {"91 00", "[0]"},
      {"91 7f", "[127]"},
      {"ff", "-1"},
      {"e0", "-32"},
      {"cc ff", "255"},
      {"cd ffff", "65535"},
      {"ce ffffffff", "4294967295"},
      {"cf 7fffffffffffffff", "9223372036854775807"},
      {"cf ffffffffffffffff", "18446744073709551615"},
      {"d0 80", "-128"},
      {"d1 8000", "-32768"},
      {"d2 80000000", "-2147483648"},
      {"d3 8000000000000000", "-9223372036854775808"},
      {"ca 3fc00000", "1.5"},
      {"cb 3ff8000000000000", "1.5"},
      {"a0", "''"},
      {"a2 c3a9", "'\u00e9'"},
      {"d9 01 61", "'a'"},
      {"da 0001 61", "'a'"},
      {"db 00000001 61", "'a'"},
      {"c4 01 ff", "b'\\xff'"},
      {"c5 0001 ff", "b'\\xff'"},
      {"c6 00000001 ff", "b'\\xff'"},
      {"90", "[]"},
      {"dc 0001 c0", "[None]"},
      {"dd 00000001 c0", "[None]"},
      {"80", "{}"},
      {"81 a161 c0", "{'a': None}"},
      {"de 0001 01 c0", "{1: None}"},
      {"df 00000001 c0 c0", "{None: None}"},
  };
  for (const Case& c : cases) expect(c);
}

TEST(MsgpackDecode, ReadsExtensions) {
  const Case cases[] = {
      {"d4 01 90", "()"},
      {"c7 02 01 91 c0", "(None,)"},
      {"c8 0002 01 91 c0", "(None,)"},
      {"c9 00000002 01 91 c0", "(None,)"},
      {"d4 02 90", "set()"},
      {"d4 03 90", "frozenset()"},
      {"c7 05 02 94 01 02 01 02", "{1, 2}"},
      {"c7 05 03 94 01 02 01 02", "frozenset({1, 2})"},
      {"c7 01 04 37", "7"},
      {"c7 14 04 3138343436373434303733373039353531363136", "18446744073709551616"},
      {"d6 06 07e8 02 1d", "datetime.date(2024, 2, 29)"},
      {"d7 07 01 02 03 01 0000000a", "datetime.time(1, 2, 3, 10, fold=1)"},
      {"c7 0c 05 07e8021d 01020300 00000000", "datetime.datetime(2024, 2, 29, 1, 2, 3)"},
      {"d8 07 01020300 00000000 0000000000000000",
       "datetime.time(1, 2, 3, tzinfo=datetime.timezone.utc)"},
      {"c7 13 07 01020300 00000000 8000000000000000 434554",
       "datetime.time(1, 2, 3, tzinfo=zoneinfo.ZoneInfo(key='CET'))"},
      {"c7 0c 08 ffffffff 00000001 00000002",
       "datetime.timedelta(days=-1, seconds=1, microseconds=2)"},
      {"c7 04 09 312e3530", "Decimal('1.50')"},
      {"d8 0a 123456789abcdef0123456789abcdef0", "UUID('12345678-9abc-def0-1234-56789abcdef0')"},
      {"d6 ff 00000000", "datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"},
      {"d7 ff 00009c40 00000001",
       "datetime.datetime(1970, 1, 1, 0, 0, 1, 10, tzinfo=datetime.timezone.utc)"},
      {"c7 0c ff 000003e8 ffffffffffffffff",
       "datetime.datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=datetime.timezone.utc)"},
  };
  for (const Case& c : cases) expect(c);
}

TEST(MsgpackDecode, ErrorsSayWhatAndWhere) {
  const Case cases[] = {
      {"", "decode_failed: msgpack: empty, there is no value"},
      {"c1", "decode_failed: msgpack: 0xc1 at byte 0 is not in the format"},
      {"91 c1", "decode_failed: msgpack: 0xc1 at byte 1 is not in the format"},
      {"c0 c0 c0", "decode_failed: msgpack: 2 bytes left over at byte 1, after the value"},
      {"a3 61 62",
       "decode_failed: msgpack: string of 3 bytes at byte 0 runs past the end (2 bytes left)"},
      {"91 c4 05 61",
       "decode_failed: msgpack: bytes of 5 bytes at byte 1 runs past the end (1 bytes left)"},
      {"da 00",
       "decode_failed: msgpack: a size of 2 bytes at byte 0 runs past the end (1 bytes left)"},
      {"91 cb 00",
       "decode_failed: msgpack: a float of 8 bytes at byte 1 runs past the end (1 bytes left)"},
      {"d1 00",
       "decode_failed: msgpack: an integer of 2 bytes at byte 0 runs past the end (1 bytes left)"},
      {"92 c0",
       "decode_failed: msgpack: list of 2 items at byte 0 runs past the end (1 bytes left)"},
      {"81 c0",
       "decode_failed: msgpack: dict of 2 keys and values at byte 0 runs past the end (1 bytes "
       "left)"},
      {"92 a1 61", "decode_failed: msgpack: an item is missing at byte 3, the end"},
      {"92 91 c0",
       "decode_failed: msgpack: list of 1 items at byte 1 runs past the end (1 bytes left)"},
      {"a3 61 ff 62", "decode_failed: msgpack: string at byte 0 is not UTF-8 at byte 2"},
      {"91 a1 80", "decode_failed: msgpack: string at byte 1 is not UTF-8 at byte 2"},
      {"d4 2a 00", "decode_failed: msgpack: extension type 42 at byte 0 is unknown"},
      {"d4 00 00", "decode_failed: msgpack: extension type 0 at byte 0 is unknown"},
      {"91 d4 fe 00", "decode_failed: msgpack: extension type -2 at byte 1 is unknown"},
      {"d4 0b 00", "decode_failed: msgpack: extension type 11 at byte 0 is unknown"},
      {"d4",
       "decode_failed: msgpack: extension type of 1 bytes at byte 0 runs past the end (0 bytes "
       "left)"},
      {"d8 0a 00",
       "decode_failed: msgpack: extension of 16 bytes at byte 0 runs past the end (1 bytes left)"},
      {"d4 01 c0", "decode_failed: msgpack: extension type 1 at byte 0 does not hold an array"},
      {"d5 02 90 c0",
       "decode_failed: msgpack: 1 bytes left over at byte 3, after the members of an extension"},
      {"c7 00 01", "decode_failed: msgpack: an item is missing at byte 3, the end"},
      {"d4 01 91 c0",
       "decode_failed: msgpack: list of 1 items at byte 2 runs past the end (0 bytes left)"},
      {"68 65 6c 6c 6f",
       "decode_failed: msgpack: the first byte, 0x68, starts neither a decimal integer nor any "
       "other stored value"},
      {"05",
       "decode_failed: msgpack: the first byte, 0x05, starts neither a decimal integer nor any "
       "other stored value"},
  };
  for (const Case& c : cases) expect(c);
}

TEST(MsgpackDecode, ExtensionPayloadsAreChecked) {
  const char* const cases[] = {
      "c7 00 04",                                        // no digits
      "c7 02 04 2b31",                                   // a plus sign
      "c7 01 04 ff",                                     // no text
      "d6 06 07e8 02 1e",                                // February 30
      "d6 06 0000 01 01",                                // year 0
      "d5 06 07e8",                                      // too short
      "c7 05 06 07e8 02 1d 00",                          // too long
      "d7 07 18 00 00 00 00000000",                      // 24 o'clock
      "d7 07 00 00 00 02 00000000",                      // fold 2
      "d7 07 00 00 00 00 000f4240",                      // a million microseconds
      "d6 07 00 00 00 00",                               // too short
      "c7 09 07 00000000 00000000 00",                   // a zone cut short
      "d8 07 00000000 00000000 8000000000000000",        // an empty zone
      "d8 07 00000000 00000000 7fffffffffffffff",        // an offset of years
      "d8 07 00000000 00000000 000000141dd76000",        // 24 hours
      "c7 11 07 00000000 00000000 0000000000000000 ff",  // a name that is not UTF-8
      "c7 0b 05 07e8021d 010203 00000000",               // too short
      "c7 0c 08 00000000 00015180 00000000",             // 86400 seconds
      "c7 0c 08 00000000 00000000 ffffffff",             // negative microseconds
      "c7 0c 08 3b9aca00 00000000 00000000",             // a billion days
      "d7 08 00000000 00000000",                         // too short
      "c7 00 09",                                        // an empty decimal
      "c7 03 09 312c35",                                 // 1,5
      "d7 0a 0000000000000000",                          // half a uuid
      "d5 ff 0000",                                      // a timestamp of 2 bytes
      "d7 ff ee6b2800 00000001",                         // a billion nanoseconds
      "c7 0c ff 3b9aca00 0000000000000000",              // the same
      "c7 0c ff 00000000 7fffffffffffffff",              // beyond year 9999
  };
  for (const char* hex : cases) {
    const std::string text = read(from_hex(hex));
    EXPECT_TRUE(text.starts_with("decode_failed: msgpack: extension type ") &&
                text.ends_with(" at byte 0 has a payload that is not valid for it"))
        << hex << ": " << text;
  }
}

TEST(MsgpackDecode, ATooLongBigIntegerIsRefused) {
  const std::string digits(4301, '9');
  EXPECT_EQ(
      read(from_hex("91c810cd04") + digits),
      "decode_failed: msgpack: extension type 4 at byte 1 has a payload that is not valid for it");
  EXPECT_EQ(read(from_hex("91c810cc04") + digits.substr(1)).substr(0, 4), "[999");
}

TEST(MsgpackDecode, WhatPythonCannotHashIsNoKeyAndNoMember) {
  const Case cases[] = {
      {"81 90 01", "list at byte 1"},
      {"81 80 01", "dict at byte 1"},
      {"81 d4 02 90 01", "set at byte 1"},
      {"81 c7 02 01 91 90 01", "list at byte 5"},              // in a tuple
      {"81 c7 06 01 91 c7 02 01 91 80 01", "dict at byte 9"},  // in a tuple of a tuple
      {"81 c7 02 03 91 90 01", "list at byte 5"},              // in a frozenset
      {"81 c7 05 09 734e614e31 01", "signaling NaN at byte 1"},
      {"c7 02 02 91 90", "list at byte 4"},  // a member of a set
      {"c7 04 02 91 d4 02 90", "set at byte 4"},
      {"c7 02 03 91 80", "dict at byte 4"},
      {"92 81 01 02 81 90 01", "list at byte 5"},  // behind a dict that is one
  };
  for (const Case& c : cases) {
    EXPECT_EQ(read(from_hex(c.hex)), "decode_failed: msgpack: a " + std::string(c.read) +
                                         " is a key or a member of a set: Python cannot hash it")
        << c.hex;
  }
}

TEST(MsgpackDecode, WhatPythonHashesIsAKeyAlsoBesideWhatItDoesNot) {
  const Case cases[] = {
      {"81 d4 01 90 90", "{(): []}"},
      {"81 c7 03 01 92 01 02 81 01 90", "{(1, 2): {1: []}}"},
      {"81 d4 03 90 80", "{frozenset(): {}}"},
      {"82 01 90 02 80", "{1: [], 2: {}}"},
      {"c7 04 02 91 d4 03 90", "{frozenset()}"},
      {"92 d4 02 90 90", "[set(), []]"},
  };
  for (const Case& c : cases) expect(c);
}

TEST(MsgpackDecode, TheLastOfEqualKeysWins) {
  EXPECT_EQ(read(from_hex("83 a161 01 a162 02 a161 03")), "{'a': 3, 'b': 2}");
}

TEST(MsgpackDecode, FailureLeavesNilAndSaysNothingOfTheKey) {
  Value value = "before";
  Error error;
  EXPECT_FALSE(make_codec(Serializer::msgpack, {})->decode("\xc1", value, error));
  EXPECT_TRUE(value.is_nil());
  EXPECT_EQ(error.code, Errc::decode_failed);
}

TEST(MsgpackDecode, AllocatesNothingForScalarsAndShortText) {
  const auto codec = make_codec(Serializer::msgpack, {});
  Value value;
  Error error;
  const std::string inputs[] = {from_hex("c3"), "123456", from_hex("cb3ff8000000000000"),
                                stored(std::string(40, 'x')), stored(Uuid{})};
  reset_allocations();
  for (const std::string& input : inputs) ASSERT_TRUE(codec->decode(input, value, error));
  EXPECT_EQ(allocations().count, 0u);
}

TEST(MsgpackDecode, LimitsTheDepth) {
  for (const char* head : {"91", "81c0"}) {
    const Limits limits{.max_bytes = 32u << 20, .max_depth = 3};
    const std::string one = from_hex(head);
    EXPECT_FALSE(read(one + one + one + '\xc0', Serializer::msgpack, limits).starts_with("decode"));
    EXPECT_EQ(read(one + one + one + one + '\xc0', Serializer::msgpack, limits),
              "decode_failed: msgpack: nested deeper than 3 levels at byte " +
                  std::to_string(3 * one.size()));
  }
  const Limits flat{.max_bytes = 100, .max_depth = 0};
  EXPECT_EQ(read("\xc0", Serializer::msgpack, flat), "None");
  EXPECT_EQ(read("\x90", Serializer::msgpack, flat),
            "decode_failed: msgpack: nested deeper than 0 levels at byte 0");
}

TEST(MsgpackDecode, LimitsTheSize) {
  const Limits limits{.max_bytes = 3, .max_depth = 64};
  EXPECT_EQ(read(from_hex("92c0c0"), Serializer::msgpack, limits), "[None, None]");
  EXPECT_EQ(read(from_hex("93c0c0c0"), Serializer::msgpack, limits),
            "value_too_large: a value of 4 bytes is over the limit of 3");
}

// --- Hostile bytes.

// The peak memory of decoding. The error texts and the table of keys take a little, too.
std::size_t peak_of(const std::string& bytes, std::size_t max_depth = 64) {
  const auto codec =
      make_codec(Serializer::msgpack, {.max_bytes = 32u << 20, .max_depth = max_depth});
  Value value;
  Error error;
  reset_allocations();
  codec->decode(bytes, value, error);
  return allocations().peak_bytes;
}

TEST(MsgpackBomb, DeclaredCountsReserveNothing) {
  for (const char* hex :
       {"dd ffffffff", "df ffffffff", "dc ffff", "de ffff", "c6 ffffffff", "db ffffffff",
        "c9 ffffffff 01", "dd 7fffffff c0 c0", "df 80000000 c0 c0"}) {
    EXPECT_LT(peak_of(from_hex(hex)), 1000u) << hex;
    EXPECT_TRUE(read(from_hex(hex)).starts_with("decode_failed: msgpack: ")) << hex;
  }
}

TEST(MsgpackBomb, EachLevelCannotReserveTheSameBytesAgain) {
  // 60 nested lists, each of which claims all the remaining bytes.
  const std::size_t size = 1'000'000;
  std::string bytes;
  for (int level = 0; level < 60; ++level) {
    const auto left = static_cast<std::uint32_t>(size - bytes.size() - 5);
    bytes += '\xdd';
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(left >> shift);
  }
  bytes.resize(size, '\xc0');
  EXPECT_LT(peak_of(bytes), 50 * size);
  EXPECT_TRUE(read(bytes).starts_with(
      "decode_failed: msgpack: list of 999990 items at byte 5 runs past the end"));
}

TEST(MsgpackBomb, AByteCostsAtMostAHundredBytes) {
  const std::size_t size = 1'000'000;
  std::string list = from_hex("dd000f423b");
  list.resize(size, '\xc0');
  EXPECT_FALSE(read(list).starts_with("decode"));
  EXPECT_LT(peak_of(list), 50 * size);
  std::string dict = from_hex("df0007a11d");
  dict.resize(size - 1, '\xc0');
  EXPECT_EQ(read(dict), "{None: None}");
  EXPECT_LT(peak_of(dict), 100 * size);
  std::string lists = from_hex("dd000f423b");
  lists.resize(size, '\x90');
  EXPECT_LT(peak_of(lists), 100 * size);
}

TEST(MsgpackBomb, DeepNestingEndsAtTheLimit) {
  const std::size_t size = 10'000'000;
  for (const char* head : {"91", "81", "dc0001", "d501", "c7ff01", "81c0"}) {
    std::string bytes;
    const std::string one = from_hex(head);
    while (bytes.size() < size) bytes += one;
    EXPECT_TRUE(read(bytes).starts_with("decode_failed: msgpack: ")) << head;
    EXPECT_LT(peak_of(bytes), 100'000u) << head;
    EXPECT_TRUE(read(bytes, Serializer::msgpack, {.max_bytes = 32u << 20, .max_depth = SIZE_MAX})
                    .starts_with("decode_failed: msgpack: "))
        << head;
  }
  EXPECT_EQ(read(std::string(size, '\x91')),
            "decode_failed: msgpack: nested deeper than 64 levels at byte 64");
}

TEST(MsgpackBomb, ManyEqualKeysAreNotQuadratic) {
  // 200,000 keys that differ in their last digits only, then the same keys again.
  std::string bytes = from_hex("df00061a80");
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 200'000; ++i) bytes += stored(std::to_string(1'000'000 + i)) + '\xc0';
  }
  Value value;
  Error error;
  ASSERT_TRUE(make_codec(Serializer::msgpack, {})->decode(bytes, value, error)) << error.detail;
  EXPECT_EQ(value.as_dict()->size(), 200'000u);
}

}  // namespace
}  // namespace djcache::codec
