// The quick way for a str alone: the same bytes as the writer's, the same values as the machine's.
#include "codec/pickle_whole_text.h"

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"
#include "codec/pickle_encoder.h"

namespace djcache::codec {
namespace {

std::string written(const Value& value, int protocol) {
  std::string body;
  Error error;
  pickle::Writer writer(body, protocol, 1u << 20);
  std::string_view bytes;
  if (!pickle::Encoder(writer, {}, error).encode(value, 0) || !writer.finish(bytes)) return "";
  return std::string(bytes);
}

std::string quickly(std::string_view text, int protocol) {
  std::string bytes(pickle::whole_text_max, '?');
  bytes.resize(pickle::write_whole_text(text, protocol, bytes.data()));
  return bytes;
}

TEST(PickleWholeText, IsWrittenAsTheWriterDoesItAndReadBack) {
  for (const int protocol : {4, 5}) {
    for (std::size_t size = 0; size <= 255; ++size) {
      std::string text(size, 'a');
      for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
      const std::string bytes = quickly(text, protocol);
      ASSERT_EQ(bytes, written(text, protocol)) << size;
      Value value;
      ASSERT_TRUE(pickle::read_whole_text(bytes, value)) << size;
      ASSERT_EQ(value, Value(text));
    }
  }
  EXPECT_EQ(quickly("\xc3\xa9t\xc3\xa9 \xf0\x9f\x8d\x9e", 5),
            written("\xc3\xa9t\xc3\xa9 \xf0\x9f\x8d\x9e", 5));
  EXPECT_EQ(quickly("no UTF-8: \xff", 5), "");
  EXPECT_EQ(quickly(std::string(256, 'x'), 5), "");
}

TEST(PickleWholeText, LongTextsAreRead) {
  for (const std::size_t size : {256u, 1024u, 60'000u}) {
    const Value text(std::string(size, 'x'));
    Value value;
    EXPECT_TRUE(pickle::read_whole_text(written(text, 5), value)) << size;
    EXPECT_EQ(value, text);
  }
}

// Whatever a byte is changed to, and wherever it is cut, the result is the machine's.
TEST(PickleWholeText, ChangedBytesAreReadAsTheMachineReadsThem) {
  std::size_t read = 0;
  const auto compare = [&read](std::string_view bytes) {
    Value quick, expected;
    Error error;
    if (!pickle::read_whole_text(bytes, quick)) return;
    ++read;
    ASSERT_TRUE(pickle::run_machine(bytes, {}, expected, error))
        << to_hex(bytes) << ": " << error.detail;
    ASSERT_EQ(quick, expected) << to_hex(bytes);
  };
  for (const std::string& text :
       {std::string(), std::string("a"), std::string("bread and wine"), std::string(260, 'x')}) {
    const std::string bytes = written(text, 5);
    for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 40); ++at) {
      compare(bytes.substr(0, at));
      compare(bytes.substr(at));
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(byte);
        compare(changed);
        changed[changed.size() - 1 - at % 2] = static_cast<char>(byte);
        compare(changed);
      }
    }
    compare(bytes + ".");
  }
  EXPECT_GT(read, 1000u);
}

}  // namespace
}  // namespace djcache::codec
