// Every way in which an instruction or a constructor can lack what it needs, and rare forms that
// are accepted all the same.
#include <gtest/gtest.h>

#include "codec/pickle_calls_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

const std::string list_class = "c__builtin__\nlist\n", str_class = "c__builtin__\nstr\n",
                  object_class = "c__builtin__\nobject\n", uuid_class = "cuuid\nUUID\n",
                  safe_class = "cdjango.utils.safestring\nSafeString\n",
                  zone_class = "czoneinfo\nZoneInfo\n",
                  unpickle = call("__builtin__\ngetattr", zone_class + "V_unpickle\n");

TEST(PickleRefusals, AnInstructionWhoseArgumentIsCutOffIsRefused) {
  // The instruction without the last byte of its argument.
  const std::string cut[] = {"K",
                             "M\1",
                             "J\1\2\3",
                             "G\1\2\3\4\5\6\7",
                             "h",
                             "j\0\0\0"s,
                             "q",
                             "r\0\0\0"s,
                             "g",
                             "g0",
                             "p",
                             "p0",
                             "I",
                             "I1",
                             "L1L",
                             "F1.5",
                             "V",
                             "Vtext",
                             "c",
                             "cuuid",
                             "cuuid\nUUID",
                             "X\1\0\0"s,
                             "X\1\0\0\0"s,
                             "B\1\0\0"s,
                             "B\1\0\0\0"s,
                             "C",
                             "C\1",
                             "\x8c",
                             "\x8c\1",
                             "\x8a",
                             "\x8a\1",
                             "\x8b\1\0\0"s,
                             "\x8b\1\0\0\0"s,
                             "\x8d\1\0\0\0\0\0\0"s,
                             "\x8e\1\0\0\0\0\0\0"s,
                             "\x95\1\0\0\0\0\0\0"s,
                             "\x96\1\0\0\0\0\0\0"s,
                             "\x80"};
  for (const std::string& pickle : cut) {
    for (const std::string& before : {"N"s, "\x80\2N"s}) {
      EXPECT_TRUE(unpickled(before + pickle).starts_with("decode_failed: pickle: "))
          << to_hex(before + pickle);
    }
  }
}

TEST(PickleRefusals, AnInstructionThatFindsTooLittleOnTheStackIsRefused) {
  const std::string needs[] = {
      "0",    "1",    "2",    "a",    "e",    "s",     "u",    "t",          "l",     "d",
      "\x85", "\x86", "\x87", "\x90", "\x91", "\x94",  "q\0"s, "r\0\0\0\0"s, "p0\n",  "R",
      "b",    "\x81", "\x93", "(e",   "(u",   "(\x90", "(2",   "(a",         "(0q\0"s};
  for (const std::string& pickle : needs) {
    for (const std::string& before : {""s, "\x80\4"s}) {
      EXPECT_TRUE(unpickled(before + pickle + ".").starts_with("decode_failed: pickle: "))
          << to_hex(before + pickle);
    }
  }
}

TEST(PickleRefusals, TheStackMustHoldTheValueAlone) {
  EXPECT_EQ(unpickled("N(."),
            "decode_failed: pickle: STOP at byte 2 with 1 objects instead of one");
  EXPECT_EQ(unpickled("(Nd."), "decode_failed: pickle: a dict at byte 2 with a key without value");
  EXPECT_EQ(unpickled("}Na."),
            "decode_failed: pickle: an instruction at byte 2 adds items to what is no list");
  EXPECT_EQ(unpickled("NNa."),
            "decode_failed: pickle: an instruction at byte 2 adds items to what is no list");
}

TEST(PickleRefusals, ObjectsMayBeDroppedAndDoubled) {
  EXPECT_EQ(unpickled("(0N."), "None") << "a MARK is popped";
  EXPECT_EQ(unpickled("(NN1I7\n."), "7") << "down to the MARK";
  EXPECT_EQ(unpickled("I7\n2\x86."), "(7, 7)");
}

TEST(PickleRefusals, AnArgumentThatWasUsedIsNotChangedAnyMore) {
  const std::string used = "(Nlp0\n" + call("__builtin__\nset", "g0\n") + "0";
  EXPECT_EQ(unpickled("]0" + used + "g0\nNa.").substr(0, 41),
            "decode_failed: pickle: an instruction at ");
  EXPECT_NE(unpickled("]0" + used + "g0\nNa.").find("an argument that was already used"),
            std::string::npos);
  EXPECT_NE(unpickled("]0" + used + "g0\n(e.").find("2 objects instead of one"), std::string::npos)
      << "nothing is added";
}

TEST(PickleRefusals, TheMemoMayBeFilledInAnyOrder) {
  EXPECT_EQ(unpickled("(I1\np2\nI2\np0\nI3\np2\ng2\ng0\nt."), "(1, 2, 3, 3, 2)");
  const std::string refused[] = {
      "g\n.",   "g1\n.", "gx\n.",      "g-1\n.", "g99999999999999999999999\n.",
      "Npx\n.", "Np\n.", "j\5\0\0\0."s};
  for (const std::string& pickle : refused) {
    EXPECT_NE(unpickled(pickle).find(" memo entry "), std::string::npos) << pickle;
  }
}

TEST(PickleRefusals, TextThatIsNoNumberIsRefused) {
  for (const std::string pickle : {"Fx\n.", "F\n.", "F1.5x\n.", "F1e999\n."}) {
    EXPECT_EQ(unpickled(pickle), "decode_failed: pickle: a float at byte 0 is no number in text")
        << pickle;
  }
}

TEST(PickleRefusals, AnEscapeIsFourOrEightHexDigitsOfACharacter) {
  EXPECT_EQ(unpickled("V\\u00E9\\U0001f600\\\n."), "'é\xF0\x9F\x98\x80\\\\'");
  for (const std::string text :
       {"\\u00", "\\u00 1", "\\u00:1", "\\u00g1", "\\U00110000", "\\ud800", "\\U0001f60"}) {
    EXPECT_EQ(unpickled("V" + text + "\n."),
              "decode_failed: pickle: an escape at byte 1 is none, or stands for a lone surrogate")
        << text;
  }
}

TEST(PickleRefusals, BytesThatAreNoUtf8AreToldFromSurrogates) {
  EXPECT_NE(unpickled("\x80\4\x8c\2\xed\x80."s).find("is not UTF-8"), std::string::npos);
  EXPECT_NE(unpickled("\x80\4\x8c\2\xffx."s).find("is not UTF-8"), std::string::npos);
  EXPECT_NE(unpickled("\x80\4\x8c\3\xed\xa0\x80."s).find("lone surrogate"), std::string::npos);
}

TEST(PickleRefusals, NewObjExIsNamed) {
  EXPECT_NE(unpickled("NN}\x92.").find("NEWOBJ_EX"), std::string::npos);
}

TEST(PickleRefusals, NamesBeyondAsciiAreNotPrinted) {
  EXPECT_EQ(unpickled("co\x7fs\nx\xff\n.").substr(0, 35), "decode_failed: pickle: o?s.x? at by");
}

TEST(PickleRefusals, AStackGlobalNeedsTwoTexts) {
  for (const std::string& pickle : {"NX\1\0\0\0x\x93."s, "X\1\0\0\0xN\x93."s}) {
    EXPECT_NE(unpickled(pickle).find("STACK_GLOBAL at byte "), std::string::npos) << pickle;
  }
}

TEST(PickleRefusals, OnlyAListedClassIsCalledAndWithATuple) {
  EXPECT_NE(unpickled("N)R.").find("a call at byte 2 of what is no class"), std::string::npos);
  EXPECT_NE(unpickled(uuid_class + "NR.").find(" without a tuple"), std::string::npos);
  EXPECT_NE(unpickled(uuid_class + "]\x81.").find(" without a tuple"), std::string::npos);
}

TEST(PickleRefusals, EveryConstructorRefusesEveryOtherKindOfArgument) {
  const std::string nothing, one = "I1\n", two = "I1\nI2\n", text = "Vx\n", list = "]",
                             long_name = "V" + std::string(300, 'n') + "\n";
  const std::string day = call("datetime\ntimedelta", "I0\nI0\nI0\n");
  const std::string date_state = bytes_of("\\u0007\\u00e4\\u0001\\u0001");
  const std::string time_state(bytes_of("\\u0001\\u0001\\u0001\\u0000\\u0000\\u0000"));
  const std::string datetime_state =
      bytes_of("\\u0007\\u00e4\\u0001\\u0001\\u0001\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::string bad_time_state = bytes_of("\\u0019\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::string bad_hour =
      bytes_of("\\u0007\\u00e4\\u0001\\u0001\\u0019\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::string folded_hour =
      bytes_of("\\u0007\\u00e4\\u0001\\u0001\\u0081\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::string bad_month =
      bytes_of("\\u0007\\u00e4\\u0000\\u0001\\u0001\\u0001\\u0001\\u0000\\u0000\\u0000");
  const std::pair<std::string, std::string> calls[] = {
      {"collections\nOrderedDict", one},
      {"collections\ndefaultdict", two},
      {"collections\ndefaultdict", one},
      {"collections\nCounter", "}}"},
      {"collections\nCounter", one},
      {"collections\ndeque", "]NN"},
      {"__builtin__\nset", "]]"},
      {"__builtin__\nset", one},
      {"__builtin__\nfrozenset", "]]"},
      {"__builtin__\nbytes", text},
      {"__builtin__\nbytearray", one},
      {"__builtin__\nbytearray", text},
      {"_codecs\nencode", text},
      {"_codecs\nencode", one + "Vlatin1\n"},
      {"_codecs\nencode", text + one},
      {"datetime\ndatetime", nothing},
      {"datetime\ndatetime", text},
      {"datetime\ndatetime", date_state},
      {"datetime\ndatetime", bad_hour},
      {"datetime\ndatetime", folded_hour},
      {"datetime\ndatetime", bad_month},
      {"datetime\ndatetime", datetime_state + one},
      {"datetime\ndatetime", datetime_state + "NN"},
      {"datetime\ntime", nothing},
      {"datetime\ntime", text},
      {"datetime\ntime", date_state},
      {"datetime\ntime", bad_time_state},
      {"datetime\ntime", time_state + one},
      {"datetime\ndate", nothing},
      {"datetime\ndate", text},
      {"datetime\ndate", time_state},
      {"datetime\ndate", date_state + one},
      {"datetime\ntimedelta", two},
      {"datetime\ntimedelta", text + two},
      {"datetime\ntimedelta", one + text + one},
      {"datetime\ntimedelta", two + text},
      {"datetime\ntimedelta", "I4294967296\n" + two},
      {"datetime\ntimedelta", one + "I4294967296\n" + one},
      {"datetime\ntimedelta", two + "I-4294967296\n"},
      {"datetime\ntimezone", nothing},
      {"datetime\ntimezone", one},
      {"datetime\ntimezone", day + "Vx\nVy\n"},
      {"datetime\ntimezone", day + one},
      {"datetime\ntimezone", day + long_name},
      {"__builtin__\ngetattr", zone_class},
      {"__builtin__\ngetattr", zone_class + one},
      {"pytz\n_p", nothing},
      {"pytz\n_p", one},
      {"pytz\n_p", "V\n"},
      {"pytz\n_p", long_name},
      {"pytz\n_p", "V../../etc/passwd\n"},
      {"pytz\n_p", "VEurope/Paris\nI540\n"},
      {"pytz\n_p", "VEurope/Paris\nVx\nI0\n"},
      {"pytz\n_p", "VEurope/Paris\nI540\nVx\n"},
      {"pytz\n_p", "VEurope/Paris\nI540\nNVLMT\n"},
      {"pytz\n_p", "VEurope/Paris\nI540\nI0\nI1\n"},
      {"pytz\n_p", "VEurope/Paris\nI540\nI0\nVLMT\nN"},
      {"pytz\n_p", "VEurope/Paris\nI86400\nI0\nVLMT\n"},
      {"pytz\n_p", "VEurope/Paris\nI-86400\nI0\nVLMT\n"},
      {"pytz\n_UTC", one},
      {"pytz\nFixedOffset", nothing},
      {"pytz\nFixedOffset", text},
      {"decimal\nDecimal", nothing},
      {"decimal\nDecimal", one},
      {"copy_reg\n_reconstructor", uuid_class + object_class},
      {"copy_reg\n_reconstructor", uuid_class + "NN"},
      {"copy_reg\n_reconstructor", uuid_class + object_class + one},
      {"copy_reg\n_reconstructor", one + str_class + text},
      {"copy_reg\n_reconstructor", safe_class + object_class + text},
      {"copy_reg\n_reconstructor", safe_class + str_class + one},
  };
  for (const auto& [global, arguments] : calls) {
    const std::string pickle = call(global, arguments) + ".";
    EXPECT_NE(unpickled(pickle).find("is called with arguments that its pickles do not have"),
              std::string::npos)
        << pickle << "\n"
        << unpickled(pickle);
  }
  for (const std::string arguments : {"", "VUTC\n", "VUTC\nV1\n", "VUTC\nI-1\n", "VUTC\nI256\n",
                                      "I1\nI1\n", "V../UTC\nI1\n", "VUTC\nI1\nI1\n"}) {
    EXPECT_NE(
        unpickled(unpickle + "(" + arguments + "tR.").find("zoneinfo.ZoneInfo._unpickle at byte "),
        std::string::npos)
        << arguments;
  }
  EXPECT_NE(unpickled("c_codecs\nencode\n(V\\u0100\nVlatin1\ntR.")
                .find(" of a character that is none, above U+00FF"),
            std::string::npos);
}

// days * 86,400,000,000 and minutes * 60 overflow their types unless checked before.
TEST(PickleRefusals, AnOffsetFarOutOfRangeDoesNotWrapIntoIt) {
  for (const std::string days : {"999999999", "-999999999", "213503983", "1", "-2"}) {
    const std::string delta = call("datetime\ntimedelta", "I" + days + "\nI0\nI0\n");
    EXPECT_NE(unpickled("(" + call("datetime\ntimezone", delta) + "t.")
                  .find("datetime.timezone at byte "),
              std::string::npos)
        << days;
  }
  for (const std::string minutes : {"1440", "-1440", "71582788", "2147483647", "-2147483648"}) {
    EXPECT_NE(unpickled(call("pytz\nFixedOffset", "I" + minutes + "\n") + ".")
                  .find("pytz.FixedOffset at byte "),
              std::string::npos)
        << minutes;
  }
}

TEST(PickleRefusals, ANewObjectIsAUuidOrASafeStringWithoutMore) {
  EXPECT_EQ(unpickled(safe_class + ")\x81."), "''");
  EXPECT_EQ(unpickled(safe_class + "(Vx\nt\x81."), "'x'");
  EXPECT_EQ(unpickled("ccopy_reg\n_reconstructor\n(" + safe_class + str_class + "Vx\ntR."), "'x'");
  for (const std::string& pickle : {safe_class + "(I1\nt\x81.", safe_class + "(Vx\nVy\nt\x81.",
                                    uuid_class + "(I1\nt\x81.", "cdecimal\nDecimal\n)\x81."s}) {
    EXPECT_NE(unpickled(pickle).find("is called with arguments"), std::string::npos) << pickle;
  }
}

TEST(PickleRefusals, ALazyTextIsItsOwnSource) {
  const std::string proxy = "cdjango.utils.functional\n_lazy_proxy_unpickle\n(";
  const std::string gettext = "cdjango.utils.translation\ngettext\n",
                    pgettext = "cdjango.utils.translation\npgettext\n";
  EXPECT_EQ(unpickled(proxy + gettext + "(Vx\nt}" + str_class + "tR."), "'x'");
  EXPECT_EQ(unpickled(proxy + pgettext + "(Vcontext\nVx\nt}" + str_class + "tR."), "'x'");
  for (const std::string& arguments :
       {gettext + "(Vx\nt}", gettext + "(Vx\nt}" + list_class, gettext + "Vx\n}" + str_class,
        gettext + "(Vx\ntN" + str_class, gettext + "]}" + str_class, gettext + ")}" + str_class,
        pgettext + "(Vx\nt}" + str_class, list_class + "(Vx\nt}" + str_class,
        gettext + "(Vx\nt}Vk\nI1\ns" + str_class, gettext + "(I1\nt}" + str_class}) {
    EXPECT_NE(unpickled(proxy + arguments + "tR.").find("is called with arguments"),
              std::string::npos)
        << arguments;
  }
}

TEST(PickleRefusals, RarerFormsOfTheListedClassesAreRead) {
  EXPECT_EQ(unpickled(call("collections\ndefaultdict", "N") + "."), "{}");
  EXPECT_EQ(unpickled(call("_codecs\nencode", "Vx\nVlatin-1\n") + "."), "b'x'");
  EXPECT_EQ(unpickled(call("__builtin__\nbytearray", bytes_of("x")) + "."), "b'x'");
  EXPECT_EQ(unpickled(call("__builtin__\nbytearray", "Vx\nVlatin1\n") + "."), "b'x'");
  const std::string state =
      bytes_of("\\u0007\\u00e4\\u0001\\u0001\\u0001\\u0001\\u0001\\u0000\\u0000\\u0000");
  EXPECT_EQ(unpickled(call("datetime\ndatetime", state + "N") + "."),
            unpickled(call("datetime\ndatetime", state) + "."));
  const auto zoned = [&](const std::string& zone) {
    return unpickled(call("datetime\ndatetime", state + zone) + ".");
  };
  const std::string hour = call("datetime\ntimedelta", "I0\nI3600\nI0\n");
  EXPECT_EQ(zoned(call("pytz\nFixedOffset", "I60\n")), zoned(call("datetime\ntimezone", hour)));
  EXPECT_EQ(zoned(call("datetime\ntimezone", hour + "V\n")),
            zoned(call("datetime\ntimezone", hour)));
}

TEST(PickleRefusals, AUuidIsMadeOfAnIntegerOf128Bits) {
  const auto uuid_with = [](const std::string& state) {
    return unpickled(uuid_class + ")\x81" + state + "b.");
  };
  EXPECT_EQ(uuid_with("}Vint\nI1\ns"), "UUID('00000000-0000-0000-0000-000000000001')");
  EXPECT_EQ(uuid_with("}Vint\nL" + std::string(20, '0') + "L\ns]Na0Vis_safe\nNs"),
            "UUID('00000000-0000-0000-0000-000000000000')");
  for (const std::string& state :
       {"I1\n"s, "]"s, "}"s, "}Vint\nVx\ns"s, "}Vint\nI-1\ns"s, "}I1\nI1\ns"s, "}Vno\nI1\ns"s,
        "}Vint\nL" + std::string(40, '9') + "L\ns"}) {
    EXPECT_NE(uuid_with(state).find("gets a state without its 128 bits"), std::string::npos)
        << state;
  }
}

TEST(PickleRefusals, ASignalingNanIsNoMemberOfASet) {
  const std::string nan = call("decimal\nDecimal", "VsNaN\n");
  EXPECT_EQ(unpickled("(" + nan + "t."), "(Decimal('sNaN'),)");
  EXPECT_NE(unpickled(call("__builtin__\nset", "(" + nan + "l") + ".").find("cannot hash it"),
            std::string::npos);
  EXPECT_EQ(unpickled(call("__builtin__\nset", "(" + call("decimal\nDecimal", "V1\n") + "l") + "."),
            "{Decimal('1')}");
  EXPECT_EQ(
      unpickled(call("__builtin__\nset", "(" + call("__builtin__\nfrozenset", "") + "l") + "."),
      "{frozenset()}");
}

TEST(PickleRefusals, IntegersOfAnySizePythonConvertsAreRead) {
  EXPECT_EQ(unpickled("\x80\2\x8a\x09"s + std::string(9, '\0') + "."), "0");
  for (std::uint32_t size = 1780; size < 1792; ++size) {
    const std::string said =
        unpickled("\x80\2\x8b" + little(size) + std::string(size, '\x7f') + ".");
    if (size < 1786) {
      EXPECT_FALSE(said.starts_with("decode_failed")) << size;
    } else {
      EXPECT_NE(said.find("has more digits than Python converts"), std::string::npos) << size;
    }
  }
}

}  // namespace
}  // namespace djcache::codec
