// Time zones in pickles: no datetime is read or written as another instant, and names of zones are
// nothing but names.
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;

constexpr std::int64_t second = 1'000'000;

// 2020-07-01 12:00 with a zone that GLOBAL and REDUCE make from the arguments.
std::string noon_in(std::string_view global, std::string_view arguments) {
  return "\x80\3cdatetime\ndatetime\n(C\x0a\x07\xe4\x07\x01\x0c\0\0\0\0\0c"s.append(global)
      .append("\n(")
      .append(arguments)
      .append("tRtR.");
}

Value noon(const TimeZone& zone) {
  DateTime made{{2020, 7, 1}, {.hour = 12}};
  made.time.zone = zone;
  return made;
}

Value unpickled(std::string_view bytes) {
  Value value;
  Error error;
  EXPECT_TRUE(make_codec(Serializer::pickle, {})->decode(bytes, value, error)) << error.detail;
  return value;
}

TEST(PickleZones, TheOffsetThatPytzPickledCounts) {
  const std::string lmt = noon_in("pytz\n_p", "VEurope/Paris\nI540\nI0\nVLMT\n");
  EXPECT_EQ(unpickled(lmt), noon({540 * second, "Europe/Paris"}));
  EXPECT_EQ(unpickled(noon_in("pytz\n_p", "VEurope/Paris\nI-540\nI0\nN")),
            noon({-540 * second, "Europe/Paris"}));
  EXPECT_EQ(unpickled(noon_in("pytz\n_p", "VEurope/Paris\nI540\nI0\n")),
            noon({540 * second, "Europe/Paris"}));
  EXPECT_EQ(stored(unpickled(lmt), Serializer::json), "\"2020-07-01T12:00:00+00:09\"");
}

TEST(PickleZones, AZoneOfPytzWithoutAnOffsetIsItsName) {
  const Value named = noon({std::nullopt, "Etc/GMT+5"});
  EXPECT_EQ(unpickled(noon_in("pytz\n_p", "VEtc/GMT+5\n")), named);
  EXPECT_EQ(unpickled(noon_in("pytz\n_p", "VEtc/GMT+5\nNI0\nVx\n")), named);
}

TEST(PickleZones, ATimeOfDayInAZoneOfPytzHasNoOffset) {
  EXPECT_EQ(unpickled("\x80\3cdatetime\ntime\n(C\6\1\2\0\0\0\0cpytz\n_p\n(VEurope/Paris\nI540\n"
                      "I0\nVLMT\ntRtR."s),
            Value(Time{.hour = 1, .minute = 2, .zone = {std::nullopt, "Europe/Paris"}}));
}

// Whatever the label looks like.
TEST(PickleZones, AnOffsetIsReadAndWrittenAsItIs) {
  for (const char* const label : {"", "CEST", "Europe/Paris", "America/New_York", "+02:00", "a b",
                                  "../../etc/passwd", "/", "\xe2\x82\xac"}) {
    for (const std::int64_t offset : {0 * second, 540 * second, -86'399 * second, second / 2}) {
      const Value value = noon({offset, label});
      for (const int protocol : {2, 3, 4, 5}) {
        const std::string bytes = stored_by(*make_codec(Serializer::pickle, {}, protocol), value);
        EXPECT_EQ(bytes.find("ZoneInfo"), bytes.npos) << label;
        EXPECT_EQ(unpickled(bytes), value);
      }
    }
  }
}

TEST(PickleZones, AZoneWithoutAnOffsetIsWrittenByItsName) {
  for (const char* const name : {"Europe/Paris", "UTC", "Etc/GMT-14", "America/Argentina/Ushuaia",
                                 "America/Port-au-Prince", "posix/Europe/Paris"}) {
    const std::string bytes = stored(noon({std::nullopt, name}), Serializer::pickle);
    EXPECT_NE(bytes.find("ZoneInfo"), bytes.npos);
    EXPECT_EQ(unpickled(bytes), noon({std::nullopt, name}));
  }
}

TEST(PickleZones, ANameThatIsAPathElsewhereIsNeitherReadNorWritten) {
  for (const std::string& name : {"../../etc/passwd"s, "/etc/localtime"s, "Europe/../../x"s, "."s,
                                  ".."s, "a/./b"s, "Europe//Paris"s, "Europe/Paris/"s, "/"s,
                                  "C:\\zone"s, "a b"s, "a\nb"s, "a\0b"s, "\xc3\xa9"s, "~/x"s}) {
    for (const Serializer serializer : {Serializer::pickle, Serializer::msgpack}) {
      for (const Value& value :
           {noon({std::nullopt, name}), Value(Time{.zone = {std::nullopt, name}})}) {
        EXPECT_TRUE(stored(value, serializer).ends_with("that Python cannot hold")) << name;
      }
    }
    const std::string text = "X"s + static_cast<char>(name.size()) + "\0\0\0"s + name;
    for (const std::string& pickle :
         {noon_in("pytz\n_p", text), noon_in("pytz\n_p", text + "I540\nI0\nVLMT\n"),
          "\x80\3c__builtin__\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR("s + text +
              "I1\ntR."}) {
      EXPECT_NE(read(pickle, Serializer::pickle)
                    .find(" is called with arguments that its pickles do not have"),
                std::string::npos)
          << name;
    }
    std::string packed(12 + 8, '\0');  // a time, and an unknown offset
    packed[12] = '\x80';
    packed = packed.substr(4).append(name);
    EXPECT_TRUE(read("\xc7"s + static_cast<char>(packed.size()) + "\7" + packed)
                    .starts_with("decode_failed: "))
        << name;
  }
}

}  // namespace
}  // namespace djcache::codec
