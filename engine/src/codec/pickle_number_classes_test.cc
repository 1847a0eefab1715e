// Numbers that are made by calls, from hand-written pickles: Python's own and numpy's.
#include <gtest/gtest.h>

#include "codec/pickle_calls_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

TEST(PickleClasses, BuiltinNumbersAreMadeOfNumbers) {
  const auto made = [](const std::string& name, const std::string& of) {
    return unpickled(call("__builtin__\n" + name, of) + ".");
  };
  EXPECT_EQ(made("int", ""), "0");
  EXPECT_EQ(made("int", "I5\n"), "5");
  EXPECT_EQ(made("int", "I01\n"), "1");
  EXPECT_EQ(made("long", "L99999999999999999999L\n"), "99999999999999999999");
  EXPECT_EQ(made("float", ""), "0.0");
  EXPECT_EQ(made("float", "F1.5\n"), "1.5");
  EXPECT_EQ(made("float", "I9007199254740993\n"), "9007199254740992.0");
  EXPECT_EQ(made("float", "I01\n"), "1.0");
  EXPECT_EQ(made("bool", ""), "False");
  EXPECT_EQ(made("bool", "I01\n"), "True");
  EXPECT_EQ(made("bool", "I7\n"), "True");
  EXPECT_EQ(made("bool", "I0\n"), "False");
  EXPECT_EQ(made("complex", "F1\nF-2\n"), "(1.0, -2.0)");
  EXPECT_EQ(made("complex", "I1\n"), "(1.0, 0.0)");
  EXPECT_EQ(made("complex", ""), "(0.0, 0.0)");
  EXPECT_EQ(made("str", "Vx\n"), "'x'");
  for (const auto& [name, of] :
       {std::pair("int", "V1\n"), std::pair("int", "I1\nI10\n"), std::pair("float", "V1\n"),
        std::pair("float", "I1\nI1\n"), std::pair("bool", "Vx\n"), std::pair("bool", "I1\nI1\n"),
        std::pair("complex", "V1\n"), std::pair("complex", "I1\nI1\nI1\n"),
        std::pair("str", "I1\n"), std::pair("bytes", "I9\n")}) {
    expect_refused(call("__builtin__\n"s + name, of), "builtins."s + name + " at byte ");
  }
}

TEST(PickleClasses, AFractionIsItsText) {
  const auto fraction = [](const std::string& of) {
    return unpickled(call("fractions\nFraction", of) + ".");
  };
  EXPECT_EQ(fraction("I1\nI3\n"), "'1/3'");
  EXPECT_EQ(fraction("I-7\nI1\n"), "'-7'");
  EXPECT_EQ(fraction("I0\nI1\n"), "'0'");
  EXPECT_EQ(fraction("I-9223372036854775808\nI9223372036854775807\n"),
            "'-9223372036854775808/9223372036854775807'");
  EXPECT_EQ(fraction("V-1/3\n"), "'-1/3'");
  EXPECT_EQ(fraction("V3\n"), "'3'");
  for (const std::string of :
       {"I2\nI4\n", "I0\nI2\n", "I1\nI0\n", "I1\nI-3\n", "V2/4\n", "V1/03\n", "V1.5\n", "V\n",
        "V1/\n", "V/3\n", "V1/x\n", "V99999999999999999999\n", "I1\nL99999999999999999999L\n",
        "L99999999999999999999L\nI1\n", "I1\n", "I1\nI2\nI3\n"}) {
    expect_refused(call("fractions\nFraction", of), other_arguments);
  }
}

TEST(PickleClasses, ADecimalIsOneThatPythonHolds) {
  for (const std::string text :
       {"1e999999999999999999", "9.99e999999999999999999", "1e-1999999999999999997",
        "0e999999999999999999", "0.00e-1999999999999999995", "0.01e1000000000000000001", "-NaN123",
        "00012e0000000000000000000005"}) {
    EXPECT_TRUE(Value::decimal(text)) << text;
    EXPECT_EQ(unpickled(call("decimal\nDecimal", "V" + text + "\n") + "."),
              "Decimal('" + text + "')");
  }
  for (const std::string text :
       {"1e1000000000000000000", "10e999999999999999999", "1e-1999999999999999998",
        "0e1000000000000000000", "0.00e-1999999999999999996", "1e99999999999999999999",
        "-1E-99999999999999999999999", "0e-99999999999999999999"}) {
    EXPECT_FALSE(Value::decimal(text)) << text;
    expect_refused(call("decimal\nDecimal", "V" + text + "\n"), other_arguments);
  }
}

TEST(PickleClasses, AnAddressIsItsText) {
  const auto address = [](const std::string& name, const std::string& of) {
    return unpickled(call("ipaddress\n" + name, of) + ".");
  };
  EXPECT_EQ(address("IPv4Address", "I16909060\n"), "'1.2.3.4'");
  EXPECT_EQ(address("IPv4Address", "V1.2.3.4\n"), "'1.2.3.4'");
  EXPECT_EQ(address("IPv4Address", "L4294967295L\n"), "'255.255.255.255'");
  EXPECT_EQ(address("IPv6Address", "I0\n"), "'::'");
  EXPECT_EQ(address("IPv6Address", "I1\n"), "'::1'");
  EXPECT_EQ(address("IPv6Address", "L338288524927261089654018896841347694592L\n"), "'fe80::'");
  EXPECT_EQ(address("IPv6Address", "V1:0:0:2:0:0:0:3\n"), "'1:0:0:2::3'");
  EXPECT_EQ(address("IPv6Address", "V1:0:2:3:4:5:6:7\n"), "'1:0:2:3:4:5:6:7'");
  EXPECT_EQ(address("IPv6Address", "V::ffff:1.2.3.4\n"), "'::ffff:102:304'");
  EXPECT_EQ(address("IPv6Address", "VFE80:0:0:0:1:0:0:0\n"), "'fe80::1:0:0:0'");
  EXPECT_EQ(address("IPv4Network", "V10.0.0.0/8\n"), "'10.0.0.0/8'");
  EXPECT_EQ(address("IPv4Network", "V0.0.0.0/0\n"), "'0.0.0.0/0'");
  EXPECT_EQ(address("IPv6Network", "Vfe80::/64\n"), "'fe80::/64'");
  EXPECT_EQ(address("IPv4Interface", "V10.0.0.1/8\n"), "'10.0.0.1/8'");
  EXPECT_EQ(address("IPv6Interface", "Vfe80::1/128\n"), "'fe80::1/128'");
  for (const auto& [name, of] :
       {std::pair("IPv4Address", "I4294967296\n"),
        std::pair("IPv4Address", "I-1\n"),
        std::pair("IPv4Address", "V1.2.3\n"),
        std::pair("IPv4Address", "V01.2.3.4\n"),
        std::pair("IPv4Address", "V1.2.3.4/8\n"),
        std::pair("IPv4Address", ""),
        std::pair("IPv4Address", "N"),
        std::pair("IPv4Address", "V1.2.3.4\nV1\n"),
        std::pair("IPv6Address", "L340282366920938463463374607431768211456L\n"),
        std::pair("IPv6Address", "Vfe80::1%eth0\n"),
        std::pair("IPv4Network", "V10.0.0.1/8\n"),
        std::pair("IPv4Network", "V10.0.0.0\n"),
        std::pair("IPv4Network", "V10.0.0.0/33\n"),
        std::pair("IPv4Network", "V10.0.0.0/08\n"),
        std::pair("IPv4Network", "V10.0.0.0/-1\n"),
        std::pair("IPv4Network", "V10.0.0.0/\n"),
        std::pair("IPv4Network", "V10.0.0.0/8x\n"),
        std::pair("IPv4Network", "I1\n"),
        std::pair("IPv6Network", "V10.0.0.0/8\n"),
        std::pair("IPv6Interface", "Vfe80::1/129\n")}) {
    expect_refused(call("ipaddress\n"s + name, of), "ipaddress."s + name + " at byte ");
  }
  expect_refused(call("ipaddress\nIPv4Address", "V" + std::string(60, '1') + "\n"),
                 other_arguments);
  expect_refused("\x80\4" + call("ipaddress\nIPv4Address",
                                 "X\x09\0\0\0"
                                 "1.2.3.4\0x"s),
                 other_arguments);
}

// --- numpy.

std::string dtype(const std::string& code, const std::string& order) {
  return call("numpy\ndtype", "V" + code + "\nI00\nI01\n") + "(I3\nV" + order +
         "\nNNNI-1\nI-1\nI0\ntb";
}
std::string scalar(const std::string& type, const std::string& bytes) {
  return "\x80\3" + call("numpy.core.multiarray\nscalar",
                         type + "C" + static_cast<char>(bytes.size()) + bytes);
}

TEST(PickleClasses, AScalarOfNumpyIsItsNumber) {
  const auto number = [](const char* code, const char* order, const char* hex) {
    return unpickled(scalar(dtype(code, order), from_hex(hex)) + ".");
  };
  EXPECT_EQ(number("b1", "|", "01"), "True");
  EXPECT_EQ(number("b1", "|", "00"), "False");
  EXPECT_EQ(number("i1", "|", "ff"), "-1");
  EXPECT_EQ(number("u1", "|", "ff"), "255");
  EXPECT_EQ(number("i2", "<", "feff"), "-2");
  EXPECT_EQ(number("i2", ">", "fffe"), "-2");
  EXPECT_EQ(number("u2", "<", "feff"), "65534");
  EXPECT_EQ(number("i4", "<", "05000000"), "5");
  EXPECT_EQ(number("u4", ">", "80000000"), "2147483648");
  EXPECT_EQ(number("i8", "<", "0000000000000080"), "-9223372036854775808");
  EXPECT_EQ(number("u8", "<", "0500000000000000"), "5");
  EXPECT_EQ(number("u8", "<", "ffffffffffffffff"), "18446744073709551615");
  EXPECT_EQ(number("u8", ">", "8000000000000000"), "9223372036854775808");
  EXPECT_EQ(number("f2", "<", "003c"), "1.0");
  EXPECT_EQ(number("f2", ">", "c500"), "-5.0");
  EXPECT_EQ(number("f2", "<", "0100"), "5.960464477539063e-08");
  EXPECT_EQ(number("f2", "<", "007c"), "inf");
  EXPECT_EQ(number("f2", "<", "00fc"), "-inf");
  EXPECT_EQ(number("f2", "<", "007e"), "nan");
  EXPECT_EQ(number("f2", "<", "0080"), "-0.0");
  EXPECT_EQ(number("f4", "<", "0000a040"), "5.0");
  EXPECT_EQ(number("f8", "<", "0000000000001440"), "5.0");
  EXPECT_EQ(number("c8", "<", "0000803f00000040"), "(1.0, 2.0)");
  EXPECT_EQ(number("c8", ">", "3f80000040000000"), "(1.0, 2.0)");
  EXPECT_EQ(number("c16", "<", "000000000000f03f0000000000000040"), "(1.0, 2.0)");
  EXPECT_EQ(unpickled("\x80\3" +
                      call("numpy._core.multiarray\nscalar", dtype("i1", "|") + "C\1\5"s) + "."),
            "5");
}

TEST(PickleClasses, ATypeOfNumpyWithoutNumbersIsRefused) {
  for (const std::string code : {"M8", "m8", "S3", "U2", "V4", "O8", "f16", "g", ""}) {
    expect_refused(dtype(code, "<"), "numpy.dtype at byte ");
  }
  const std::string i8 = call("numpy\ndtype", "Vi8\nI00\nI01\n");
  expect_refused(call("numpy\ndtype", "Vi8\n"), other_arguments);
  expect_refused(call("numpy\ndtype", "I1\nI00\nI01\n"), other_arguments);
  for (const std::string state :
       {"N", "]", "(I3\nt", "(I4\nV<\nNNNI-1\nI-1\nI0\nt", "(V3\nV<\nNNNI-1\nI-1\nI0\nt",
        "(I3\nV|\nNNNI-1\nI-1\nI0\nt", "(I3\nI1\nNNNI-1\nI-1\nI0\nt",
        "(I3\nV<\nI1\nNNI-1\nI-1\nI0\nt", "(I3\nV<\nNI1\nNI-1\nI-1\nI0\nt",
        "(I3\nV<\nNNI1\nI-1\nI-1\nI0\nt"}) {
    expect_refused(i8 + state + "b", "gets a state that no number has");
  }
  expect_refused(dtype("i1", "<"), "gets a state that no number has");
  expect_refused(dtype("i8", "<"), "numpy.dtype in the container at byte 0 is no value by itself");
  expect_refused(scalar(i8, std::string(8, '\0')), other_arguments);
  expect_refused(scalar(dtype("i8", "<"), std::string(7, '\0')), other_arguments);
  expect_refused(scalar("cuuid\nUUID\n)\x81", std::string(8, '\0')), other_arguments);
  expect_refused(scalar("N", std::string(8, '\0')), other_arguments);
  expect_refused(call("numpy.core.multiarray\nscalar", dtype("i8", "<") + "N"), other_arguments);
  expect_refused(call("numpy.core.multiarray\nscalar", dtype("i8", "<")), other_arguments);
}

// --- CPython's behaviour with odd numbers.

TEST(PickleClasses, IntegersInTextAreDecimalWithoutLeadingZeros) {
  EXPECT_EQ(unpickled("(I-0\nI00\nI01\nI000\nI-00\nI0\nL0L\nL000L\nL-0L\nt."),
            "(False, False, True, 0, 0, 0, 0, 0, 0)");
  for (const std::string pickle : {"I010\n.", "I-01\n.", "L01L\n.", "I-010\n.", "I08\n."}) {
    EXPECT_NE(unpickled(pickle).find(" starts with a zero"), std::string::npos) << pickle;
  }
  for (const std::string pickle :
       {"I\n.", "I-\n.", "I+1\n.", "I1_0\n.", "I 1\n.", "I0x1\n.", "L\n.", "LL\n."}) {
    EXPECT_NE(unpickled(pickle).find(" is no decimal text"), std::string::npos) << pickle;
  }
}

TEST(PickleClasses, TwoKeysThatAreNanAreRefusedAsOneWouldBeLost) {
  const std::string nan = "G\x7f\xf8\0\0\0\0\0\0"s,
                    decimal_nan = call("decimal\nDecimal", "VNaN\n");
  EXPECT_EQ(unpickled("\x80\4}(" + nan + "K\1u."), "{nan: 1}");
  EXPECT_EQ(unpickled("\x80\4}(" + nan + "K\1K\1K\2K\1K\3u."), "{nan: 1, 1: 3}");
  for (const std::string& pickle :
       {"}(" + nan + "K\1" + nan + "K\2u", "\x8f(" + nan + nan + "\x90", "(" + nan + nan + "\x91",
        "}(" + decimal_nan + "K\1" + decimal_nan + "K\2u",
        "}(" + nan + "\x85K\1" + nan + "\x85K\2u", "\x8f((" + nan + "\x91(" + nan + "\x91\x90"}) {
    expect_refused("\x80\4" + pickle, " has NaN twice");
  }
  EXPECT_EQ(unpickled("\x80\4}(" + nan + "K\1\x86K\1" + nan + "K\2\x86K\2u."),
            "{(nan, 1): 1, (nan, 2): 2}");
  EXPECT_EQ(unpickled("\x80\4(" + nan + nan + "t."), "(nan, nan)");
  EXPECT_EQ(unpickled("\x80\4](}(" + nan + "K\1u}(" + nan + "K\1ue."), "[{nan: 1}, {nan: 1}]");
}

}  // namespace
}  // namespace djcache::codec
