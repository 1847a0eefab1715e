// Objects of unknown classes: taken out of a pickle unchanged, written back so that Python finds
// the same object, or read as their data. Python makes the pickles and judges what is written.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"
#include "codec/pickle_outline.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

constexpr Limits refusing{};
constexpr Limits opaque{.foreign = Foreign::opaque};
constexpr Limits data{.foreign = Foreign::data};

// shops.Color(1), on the stack.
const std::string color = "\x8c\x05shops\x8c\x05"s + "Color\x93K\x01\x85R";

std::string read_opaque(const std::string& pickle) {
  return read(pickle, Serializer::pickle, opaque);
}

TEST(PickleOpaque, IsOneObjectAmongData) {
  Value value;
  Error error;
  ASSERT_TRUE(PickleCodec(opaque).decode("\x80\x04}\x8c\x01k" + color + "s.", value, error))
      << error.detail;
  const Value* const found = value.find("k");
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->is(Kind::opaque));
  EXPECT_EQ(found->opaque_class(), "shops.Color");
  EXPECT_EQ(to_string(value), "{'k': <shops.Color>}");
  EXPECT_EQ(to_string(found->kind()), "object");
  EXPECT_EQ(found->as<std::string>(), std::nullopt);
  EXPECT_EQ(found->as_string(), std::nullopt);
  const Value copy = *found;
  EXPECT_EQ(copy, *found);
}

// The objects share their class, and two of them a list that each has twice.
TEST(PickleOpaque, IsTheSameBytesWhateverElseHasItsParts) {
  const std::string make = "\x8c\x05shops\x8c\x05"s + "Color\x93";
  Value value, again;
  Error error;
  ASSERT_TRUE(PickleCodec(opaque).decode(
      "\x80\x04](" + make + "\x94(]\x94h\x01tRh\x00K\x01\x85Rh\x00(h\x01h\x01tRe."s, value, error))
      << error.detail;
  const Value one = Value::opaque("shops.Color\0"s + color);
  const Value pair = Value::opaque("shops.Color\0"s + make + "(]\x94j\0\0\0\0tR"s);
  EXPECT_EQ(value, Value::list({pair, one, pair}));
  ASSERT_TRUE(PickleCodec(opaque).decode(stored(value, Serializer::pickle), again, error))
      << error.detail;
  EXPECT_EQ(again, value);
}

TEST(PickleOpaque, IsRefusedUnlessItIsAskedFor) {
  EXPECT_THAT(read("\x80\x04" + color + ".", Serializer::pickle, refusing),
              HasSubstr("shops.Color at byte"));
  EXPECT_EQ(read_opaque("\x80\x04" + color + "."), "<shops.Color>");
}

TEST(PickleOpaque, IsWrittenByPickleAlone) {
  const Value value = Value::list({Value::opaque("shops.Color\0"s + color)});
  for (const Serializer other : {Serializer::json, Serializer::msgpack}) {
    EXPECT_THAT(stored(value, other), HasSubstr("an object of shops.Color is written by"));
  }
  EXPECT_EQ(read_opaque(stored(value, Serializer::pickle)), "[<shops.Color>]");
  EXPECT_THAT(stored(Value::opaque("no pickle"), Serializer::pickle), HasSubstr("encode_failed"));
}

TEST(PickleOpaque, IsNamedAfterWhatItIsMadeOf) {
  const std::string model = "cdjango.db.models.base\nmodel_unpickle\n((Vshops\nVShop\nttR}b.";
  EXPECT_EQ(read_opaque(model), "<shops.Shop>");
  EXPECT_EQ(read_opaque("ccopyreg\n_reconstructor\n(cshops\nShop\ncbuiltins\nobject\nNtR."),
            "<shops.Shop>");
  EXPECT_EQ(read_opaque("(ishops\nOld\n."), "<shops.Old>");
  EXPECT_EQ(read_opaque("(cshops\nOld\no."), "<shops.Old>");
  EXPECT_EQ(read_opaque("cbuiltins\ngetattr\n(cshops\nColor\nVRED\ntR."), "<shops.Color>");
  EXPECT_EQ(read_opaque("c\x1b[31m\nx\n."), "<?[31m.x>");
}

// Pickles that are not an object of a class, or are truncated, are refused as before.
TEST(PickleOpaque, HidesNothingElse) {
  for (const std::string& pickle :
       {"Pshop\n."s, "\x80\x04}\x8c\x01kPshop\ns."s, "\x80\x04" + color, color + "0.",
        color + color + ".", "\x80\x04" + color + "x.", "\xff\x00\x00\x00\x00."s,
        "]" + color +
            "a\xff\x00\x00\x00\x00"
            "a."s,
        color + "g7\n.", "r\xff\xff\xff\x7f" + color + ".", "\x82\x01" + color + "\x86."}) {
    EXPECT_THAT(read_opaque(pickle), HasSubstr("decode_failed")) << to_hex(pickle);
  }
}

TEST(PickleOpaque, WhatIsCutShortIsRefused) {
  const std::string whole = "\x80\x04]" + color + "a" + color + "a.";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(read_opaque(whole.substr(0, size)), HasSubstr("decode_failed")) << size;
  }
}

// Each object has a copy of what it shares, so a short pickle may ask for much: within its bounds.
TEST(PickleOpaque, SharingIsBoundedByTheSizeOfThePickle) {
  std::string pickle = "]V" + std::string(10'000, 'x') + "\nq\x00"s + "0";
  pickle += "cshops\nShop\nq\x01"s + "0";
  for (int i = 0; i < 2000; ++i) pickle += "h\x01h\x00\x85Ra"s;
  EXPECT_THAT(read_opaque(pickle + "."), HasSubstr("take more than the limit"));
  // And an object that contains itself many times.
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "(]q" + std::string(1, static_cast<char>(i % 200));
  EXPECT_THAT(read_opaque("cshops\nShop\n" + deep + "."), HasSubstr("decode_failed"));
}

TEST(PickleOpaque, DepthTakesNoStack) {
  constexpr int depth = 50'000;
  std::string pickle;
  for (int i = 0; i < depth; ++i) pickle += "cs\nS\n";
  pickle += ")";
  for (int i = 0; i < depth; ++i) pickle += "\x81\x85";
  pickle.pop_back();
  EXPECT_EQ(read_opaque(pickle + "."), "<s.S>");
}

TEST(PickleOpaque, ObjectsThatAreTheDataOfEachOtherEnd) {
  const auto read_data = [](const std::string& pickle) {
    return read(pickle, Serializer::pickle, data);
  };
  // An object whose state is itself, and two whose states are each other.
  EXPECT_EQ(read_data("cs\nS\n)\x81q\x00h\x00"
                      "b."s),
            "<s.S>");
  EXPECT_EQ(read_data("cs\nA\n)\x81q\x00"
                      "cs\nB\n)\x81h\x00"
                      "bb."s),
            "<s.A>");
  std::string deep;
  constexpr int depth = 50'000;
  for (int i = 0; i < depth; ++i) deep += "cs\nS\n";
  deep += "K\x01";
  for (int i = 0; i < depth; ++i) deep += "\x85\x81";
  EXPECT_EQ(read_data(deep + "."), "<s.S>");
}

#ifdef DJCACHE_PYTHON_OPAQUE
class PickleOpaqueOfPython : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            ("djcache-opaque-" + std::to_string(getpid()) + ".jsonl");
    ASSERT_EQ(std::system((DJCACHE_PYTHON_OPAQUE " --write " + path_.string()).c_str()), 0);
    std::ifstream in(path_);
    for (std::string line; std::getline(in, line);) cases_.push_back(TypedJson::parse(line));
    ASSERT_GT(cases_.size(), 100u);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_;
  std::vector<TypedJson> cases_;
};

TEST_F(PickleOpaqueOfPython, IsWrittenBackAsItWas) {
  std::ofstream out(path_);
  for (TypedJson& one : cases_) {
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    SCOPED_TRACE(one.dump().substr(0, 200));
    Value value;
    Error error;
    ASSERT_TRUE(PickleCodec(opaque).decode(bytes, value, error)) << error.detail;
    ASSERT_TRUE(value.is(Kind::opaque)) << to_string(value, 200);
    // Older protocols use Python 2's names, and a partial() of a class.
    if (one["protocol"].get<int>() >= 4) {
      EXPECT_EQ(value.opaque_class(), one["class"].get<std::string>());
    }
    const Value around = Value::list({"before", value, Date{2020, 1, 2}, value});
    for (int protocol = pickle_protocol_min; protocol <= pickle_protocol_max; ++protocol) {
      const std::string written = stored_by(PickleCodec(opaque, protocol), around);
      one["written"] = to_hex(written);
      out << one.dump() << '\n';
      Value again;
      ASSERT_TRUE(PickleCodec(opaque).decode(written, again, error)) << error.detail;
      EXPECT_EQ(again.as_list()->at(0), Value("before"));
      EXPECT_EQ(again.as_list()->at(1).opaque_class(), value.opaque_class());
    }
  }
  out.close();
  EXPECT_EQ(std::system((DJCACHE_PYTHON_OPAQUE " --check " + path_.string()).c_str()), 0);
}

TEST_F(PickleOpaqueOfPython, IsReadAsItsDataWhereItHasSome) {
  for (const TypedJson& one : cases_) {
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    SCOPED_TRACE(one.dump().substr(0, 200));
    Value value;
    Error error;
    ASSERT_TRUE(PickleCodec(data).decode(bytes, value, error)) << error.detail;
    if (!one.contains("data")) continue;
    EXPECT_EQ(value, value_of(one["data"]));
  }
}

TEST_F(PickleOpaqueOfPython, EveryPartOfItIsRefused) {
  for (const TypedJson& one : cases_) {
    const std::string bytes = from_hex(one["bytes"].get<std::string>());
    for (std::size_t size = 0; size < std::min<std::size_t>(bytes.size(), 300); ++size) {
      Value value;
      Error error;
      ASSERT_FALSE(PickleCodec(opaque).decode({bytes.data(), size}, value, error)) << size;
    }
  }
}
#endif

}  // namespace
}  // namespace djcache::codec
