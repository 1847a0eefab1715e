// Classes that are read as the data they hold, from hand-written pickles; pickles written by the
// classes themselves are in pickle_foreign_test.cc.
#include <gtest/gtest.h>

#include "codec/pickle_calls_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

// --- Containers.

TEST(PickleClasses, ABuiltinContainerIsMadeOfNothingOrOfOneOther) {
  for (const std::string module : {"__builtin__\n", "builtins\n"}) {
    const auto made = [&](const char* name, const char* of) {
      return unpickled(call(module + name, of) + ".");
    };
    EXPECT_EQ(made("dict", ""), "{}");
    EXPECT_EQ(made("dict", "(Va\nI1\nVb\nI2\nd"), "{'a': 1, 'b': 2}");
    EXPECT_EQ(made("dict", "((Va\nI1\nl(Vb\nI2\nt(Va\nI3\ntl"), "{'a': 3, 'b': 2}");
    EXPECT_EQ(made("dict", "((Va\nI1\ntt"), "{'a': 1}");
    EXPECT_EQ(made("list", ""), "[]");
    EXPECT_EQ(made("list", "(I1\nI2\nl"), "[1, 2]");
    EXPECT_EQ(made("list", "(I1\nI2\nt"), "[1, 2]");
    EXPECT_EQ(made("list", "(Va\nI1\nVb\nI2\nVa\nI3\nd"), "['a', 'b']");
    EXPECT_EQ(made("tuple", ""), "()");
    EXPECT_EQ(made("tuple", "(I1\nI1\nl"), "(1, 1)");
    EXPECT_EQ(made("set", "(I1\nI1\nI2\nl"), "{1, 2}");
    EXPECT_EQ(made("set", "(Va\nI1\nd"), "{'a'}");
    EXPECT_EQ(made("frozenset", "(I1\nI1\nt"), "frozenset({1})");
  }
  const std::string members = call("__builtin__\nset", "(I1\nI1\nI2\nl");
  EXPECT_EQ(unpickled(call("__builtin__\nlist", members) + "."), "[1, 2]");
  EXPECT_EQ(unpickled(call("__builtin__\ntuple", members) + "."), "(1, 2)");
  EXPECT_EQ(unpickled(call("__builtin__\nfrozenset", members) + "."), "frozenset({1, 2})");
  EXPECT_EQ(unpickled(call("__builtin__\nlist", call("__builtin__\nlist", members)) + "."),
            "[1, 2]");
  EXPECT_EQ(unpickled(call("collections\nOrderedDict", "((Va\nI1\nll") + "."), "{'a': 1}")
      << "as Python 2 wrote it";
  EXPECT_EQ(unpickled(call("collections\ndefaultdict", "c__builtin__\nint\n(Va\nI1\nd") + "."),
            "{'a': 1}");
}

TEST(PickleClasses, ABuiltinContainerIsMadeOfNothingElse) {
  for (const std::string name : {"list", "tuple", "dict", "set", "frozenset"}) {
    for (const std::string of : {"I1\n", "Vab\n", "N", "]]"}) {
      expect_refused(call("__builtin__\n" + name, of), "builtins." + name + " at byte ");
    }
  }
  for (const std::string of :
       {"(I1\nl", "((I1\nll", "((I1\nI2\nI3\nll", "(Vab\nl", "(}l", "(I1\nI2\nt"}) {
    expect_refused(call("__builtin__\ndict", of), other_arguments);
  }
  expect_refused(call("__builtin__\ndict", call("__builtin__\nset", "(I1\nl")), other_arguments);
  expect_refused(call("__builtin__\nlist", call("__builtin__\nset", "(]l")), "cannot hash it");
}

TEST(PickleClasses, TheItemsAreThoseOfTheMomentOfTheCall) {
  // pairs = [['a', 1]]; d = dict(pairs); pairs.append('x')
  EXPECT_EQ(
      unpickled("((Va\nI1\nllp0\n0" + call("__builtin__\ndict", "g0\n") + "p1\n0g0\nVx\na0g1\n."),
      "{'a': 1}");
  EXPECT_EQ(
      unpickled("(Va\nI1\ndp0\n0" + call("__builtin__\nlist", "g0\n") + "p1\n0g0\nVx\nI1\ns0g1\n."),
      "['a']");
}

TEST(PickleClasses, WhatIsCopiedIsPaidFor) {
  std::string pairs = "(", items = "(";
  for (int i = 0; i < 200; ++i) {
    pairs += "(I" + std::to_string(i) + "\nNt";
    items += "I" + std::to_string(i) + "\nN";
  }
  for (const auto& [of, name] : {std::pair(pairs + "l", "dict"), std::pair(items + "d", "list")}) {
    std::string pickle = of + "p0\n0";
    for (int i = 0; i < 100; ++i) pickle += call("__builtin__\n"s + name, "g0\n") + "0";
    pickle += "N.";
    EXPECT_EQ(unpickled(pickle), "None");
    EXPECT_NE(unpickled(pickle, {.max_bytes = pickle.size()}).find("the copies"),
              std::string::npos);
  }
}

TEST(PickleClasses, ADequeKeepsItsLastItemsOnly) {
  const auto deque = [](const std::string& arguments, const std::string& more = "") {
    return unpickled(call("collections\ndeque", arguments) + more + ".");
  };
  EXPECT_EQ(deque(")I2\n", "(I1\nI2\nI3\ne"), "[2, 3]");
  EXPECT_EQ(deque(")I2\n", "I1\naI2\naI3\na"), "[2, 3]");
  EXPECT_EQ(deque(")I0\n", "(I1\ne"), "[]");
  EXPECT_EQ(deque(")I9\n", "(I1\ne"), "[1]");
  EXPECT_EQ(deque(")N", "(I1\ne"), "[1]");
  EXPECT_EQ(deque("(I1\nI2\nI3\nlI2\n"), "[2, 3]");
  EXPECT_EQ(deque(call("collections\ndeque", "(I1\nI2\nI3\nlI2\n")), "[2, 3]");
  EXPECT_EQ(deque(call("collections\ndeque", "(I1\nI2\nI3\nlI2\n") + "I1\n"), "[3]");
  EXPECT_EQ(deque(call("collections\ndeque", "(I1\nI2\nI3\nlI2\n") + "I5\n"), "[2, 3]");
  EXPECT_EQ(unpickled("(" + call("collections\ndeque", "(I1\nI2\nlI1\n") + "(I3\nI4\nl" +
                      call("collections\ndeque", "(I5\nI6\nlI1\n") + "t."),
            "([2], [3, 4], [6])");
  expect_refused(call("collections\ndeque", ")I-1\n"), other_arguments);
  expect_refused(call("collections\ndeque", ")Vx\n"), other_arguments);
}

TEST(PickleClasses, ARangeIsAListOfItsNumbers) {
  const auto range = [](const std::string& arguments) {
    return unpickled(call("__builtin__\nxrange", arguments) + ".");
  };
  EXPECT_EQ(range("I0\nI5\nI1\n"), "[0, 1, 2, 3, 4]");
  EXPECT_EQ(range("I3\n"), "[0, 1, 2]");
  EXPECT_EQ(range("I3\nI5\n"), "[3, 4]");
  EXPECT_EQ(range("I5\nI0\nI-2\n"), "[5, 3, 1]");
  EXPECT_EQ(range("I0\nI5\nI9\n"), "[0]");
  EXPECT_EQ(range("I5\nI0\nI1\n"), "[]");
  EXPECT_EQ(range("I0\nI5\nI-1\n"), "[]");
  EXPECT_EQ(range("I-9223372036854775808\nI9223372036854775807\nI9223372036854775807\n"),
            "[-9223372036854775808, -1, 9223372036854775806]");
  EXPECT_EQ(range("I9223372036854775807\nI-9223372036854775808\nI-9223372036854775808\n"),
            "[9223372036854775807, -1]");
  for (const std::string of :
       {"", "I0\nI5\nI0\n", "I0\nI5\nI1\nI1\n", "F1.5\n", "L99999999999999999999L\n"}) {
    expect_refused(call("builtins\nrange", of), other_arguments);
  }
  expect_refused(call("builtins\nrange", "I9223372036854775807\n"), "a range at byte ");
  expect_refused(call("builtins\nrange", "I10000000\n"), "a range at byte ");
}

// --- Django.

TEST(PickleClasses, AMultiValueDictIsADictOfItsLists) {
  for (const std::string cls :
       {"cdjango.utils.datastructures\nMultiValueDict\n", "cdjango.http.request\nQueryDict\n"}) {
    const std::string filled = cls + ")\x81Vk\np7\nVy\ns";
    EXPECT_EQ(unpickled(filled + "}V_data\n(g7\n(Vx\nVy\nldsb."), "{'k': ['x', 'y']}");
    EXPECT_EQ(unpickled(cls + ")\x81}V_data\n}sb."), "{}");
    EXPECT_EQ(
        unpickled("ccopy_reg\n_reconstructor\n(" + cls + "c__builtin__\ndict\n(Vk\np0\n(Vx\nldtR."),
        "{'k': ['x']}");
    EXPECT_EQ(unpickled("ccopy_reg\n_reconstructor\n(" + cls +
                        "c__builtin__\ndict\n(Vk\np0\n(Vx\nldtR}V_data\n(g0\n(Vz\nldsb."),
              "{'k': ['z']}");
    expect_refused(filled, "has no lists");
    for (const std::string state : {"N", "}", "}V_data\nNs", "}V_data\n]s", "}V_data\n}s",
                                    "}V_data\n(Vk\n(Vx\nlds", "}V_data\n(Vother\n(Vx\nlds"}) {
      expect_refused(filled + state + "b", "gets a state without the lists of its keys");
    }
    expect_refused(cls + "(I1\nt\x81", other_arguments);
    expect_refused(filled + "}V_data\n(g7\n(Vx\nldsbVz\nNs", "an argument that was already used");
  }
}

TEST(PickleClasses, ALazyTextMayBeMadeByWhatGivesATextAsItIs) {
  const std::string proxy = "cdjango.utils.functional\n_lazy_proxy_unpickle\n(";
  for (const std::string function :
       {"c__builtin__\nstr\n", "c__builtin__\nunicode\n", "cdjango.utils.encoding\nforce_text\n",
        "cdjango.utils.safestring\nmark_safe\n", "cdjango.utils.translation\nugettext\n"}) {
    EXPECT_EQ(unpickled(proxy + function + "(Vabc\nt}c__builtin__\nstr\ntR."), "'abc'");
    EXPECT_EQ(unpickled(proxy + function +
                        "(Vabc\nt}c__builtin__\nstr\ncdjango.utils.safestring\nSafeText\ntR."),
              "'abc'");
  }
  EXPECT_EQ(unpickled(call("django.utils.functional\nunpickle_lazyobject", "(I1\nl") + "."), "[1]");
  expect_refused(call("django.utils.functional\nunpickle_lazyobject", ""), other_arguments);
}

// --- Zones of dateutil.

const std::string datetime_head =
                      "\x80\3cdatetime\ndatetime\n(C\x0a\x07\xe4\x07\x01\x0c\0\0\0\0\0"s,
                  hour = call("datetime\ntimedelta", "I0\nI3600\nI0\n"),
                  tzinfo = "cdatetime\ntzinfo\n";

TEST(PickleClasses, AZoneOfDateutilIsItsOffset) {
  const std::string utc = "datetime.datetime(2020, 7, 1, 12, 0, tzinfo=datetime.timezone.utc)";
  const auto noon_in = [](const std::string& zone) {
    return unpickled(datetime_head + zone + "tR.");
  };
  EXPECT_EQ(noon_in("cdateutil.tz.tz\ntzutc\n)\x81"), utc);
  EXPECT_EQ(noon_in(call("dateutil.tz\ntzutc", "")), utc);
  EXPECT_EQ(noon_in(call("copy_reg\n_reconstructor",
                         "cdateutil.tz.tz\ntzutc\n" + tzinfo + tzinfo + ")R")),
            utc);
  const std::string offset = "cdateutil.tz.tz\ntzoffset\n)\x81";
  const std::string plain =
      "datetime.datetime(2020, 7, 1, 12, 0, "
      "tzinfo=datetime.timezone(datetime.timedelta(seconds=3600)))";
  EXPECT_EQ(noon_in(offset + "}V_name\nNsV_offset\n" + hour + "sb"), plain);
  EXPECT_EQ(noon_in(call("copy_reg\n_reconstructor",
                         "cdateutil.tz.tz\ntzoffset\n" + tzinfo + tzinfo + ")R") +
                    "}V_name\nNsV_offset\n" + hour + "sb"),
            plain);
  for (const std::string& state :
       {"N"s, "}"s, "}V_name\nNs"s, "}V_offset\n" + hour + "s",
        "}V_name\nI1\nsV_offset\n" + hour + "s", "}V_name\nNsV_offset\nI3600\ns"s,
        "}V_name\nNsV_offset\n" + call("datetime\ntimedelta", "I1\nI0\nI0\n") + "s",
        "}V_name\nNsV_offset\n" + call("datetime\ntimedelta", "I2\nI0\nI0\n") + "s"}) {
    expect_refused(offset + state + "b", "dateutil.tz.tz.tzoffset at byte ");
  }
  expect_refused(datetime_head + offset + "tR", other_arguments);
  expect_refused(datetime_head + "cuuid\nUUID\n)\x81tR", other_arguments);
  expect_refused(offset,
                 "dateutil.tz.tz.tzoffset in the container at byte 0 is no value by itself");
  expect_refused(call("copy_reg\n_reconstructor", "cuuid\nUUID\n" + tzinfo + tzinfo + ")R"),
                 other_arguments);
  expect_refused(call("copy_reg\n_reconstructor", "cdateutil.tz.tz\ntzutc\n" + tzinfo + "N"),
                 other_arguments);
  expect_refused(call("datetime\ntzinfo", "I1\n"), other_arguments);
}

TEST(PickleClasses, AStateOfManyItemsIsNotSearched) {
  std::string state = "(Vint\nI1\n";
  for (int i = 0; i < 20; ++i) state += "I" + std::to_string(i) + "\nN";
  expect_refused("cuuid\nUUID\n)\x81" + state + "db", "gets a state without its 128 bits");
}

// --- Python 2.

TEST(PickleClasses, AStrOfPython2IsTextWhileItIsAscii) {
  EXPECT_EQ(unpickled("\x80\2U\x0f{\"test\":\"test\"}q\1."s), "'{\"test\":\"test\"}'");
  EXPECT_EQ(unpickled("\x80\2T\3\0\0\0abc."s), "'abc'");
  EXPECT_EQ(unpickled("S'abc'\n."), "'abc'");
  EXPECT_EQ(unpickled("S\"it's\"\n."), "\"it's\"");
  EXPECT_EQ(unpickled("S''\n."), "''");
  EXPECT_EQ(unpickled("S'\\\\ \\' \\\" \\a\\b\\f\\n\\r\\t\\v \\x41 \\101 \\7 \\0018 \\q'\n."),
            "'\\\\ \\' \" \\x07\\x08\\x0c\\n\\r\\t\\x0b A A \\x07 \\x018 \\\\q'");
  for (const std::string& pickle : {"\x80\2U\1\xe9."s, "\x80\2T\1\0\0\0\xff."s, "S'\xe9'\n."s,
                                    "S'\\xe9'\n."s, "S'\\351'\n."s, "S'\\777'\n."s}) {
    EXPECT_NE(unpickled(pickle).find("a str of Python 2 at byte "), std::string::npos);
    EXPECT_NE(unpickled(pickle).find(" is not ASCII"), std::string::npos) << unpickled(pickle);
  }
  for (const std::string pickle :
       {"S\n.", "S'\n.", "Sabc\n.", "S'abc\n.", "S'abc\"\n.", "Sabc'\n."}) {
    EXPECT_NE(unpickled(pickle).find(" is not between quotes"), std::string::npos) << pickle;
  }
  for (const std::string pickle : {"S'\\x4'\n.", "S'\\xg1'\n.", "S'\\x'\n."}) {
    EXPECT_NE(unpickled(pickle).find(" has an escape that is none"), std::string::npos) << pickle;
  }
  for (const std::string& cut : {"U"s, "U\1"s, "T\1\0\0"s, "T\1\0\0\0"s, "S'abc'"s}) {
    EXPECT_TRUE(unpickled("N" + cut).starts_with("decode_failed: pickle: "));
  }
}

TEST(PickleClasses, ADateOfPython2HasAStrForItsState) {
  EXPECT_EQ(unpickled("cdatetime\ndate\n(S'\\x07\\x7f\\x01\\x02'\ntR."),
            "datetime.date(1919, 1, 2)");
  EXPECT_EQ(unpickled("cdatetime\ntime\n(S'\\x01\\x02\\x03\\x00\\x00\\x00'\ntR."),
            "datetime.time(1, 2, 3)");
  EXPECT_EQ(
      unpickled("cdatetime\ndatetime\n(S'\\x07\\x7f\\x01\\x02\\x03\\x04\\x05\\x00\\x00\\x00'\ntR."),
      "datetime.datetime(1919, 1, 2, 3, 4, 5)");
  expect_refused("cdatetime\ndate\n(V\\u0007\\u00e4\\u0001\\u0002\ntR", other_arguments);
}

// --- Names in errors.

TEST(PickleClasses, AClassInAContainerIsCalledByItsOwnName) {
  for (const std::string name : {"int", "list", "dict", "tuple", "float", "bool", "str"}) {
    expect_refused("}Vk\nc__builtin__\n" + name + "\ns",
                   "builtins." + name + " in the container at byte 0 is a class or function");
  }
  expect_refused("}Vk\ncdecimal\nDecimal\ns", "decimal.Decimal in the container at byte 0");
}

}  // namespace
}  // namespace djcache::codec
