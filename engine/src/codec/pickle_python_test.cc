// Generated values against this machine's Python: it must read what djcache writes, and the other
// way round. pickle_values.py is the other side.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/generator_fixture.h"
#include "codec/pickle.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

constexpr int value_count = 3000;

class PicklePython : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("djcache-pickle-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return folder_ / "values.jsonl"; }
  int python(const std::string& arguments) const {
    return std::system((DJCACHE_PYTHON_PICKLES " " + arguments).c_str());
  }
  void write(std::ostream& out, const Value& value, int protocol, bool same) {
    Scratch scratch;
    Encoded encoded;
    Error error;
    if (!PickleCodec({}, protocol).encode(value, scratch, encoded, error)) {
      // The generator makes signaling NaNs as keys. Nothing else is refused.
      ASSERT_NE(error.detail.find("Python cannot hash it"), std::string::npos) << error.detail;
      ++refused_;
      return;
    }
    const TypedJson line{{"value", typed(as_python_keeps_it(value, protocol))},
                         {"protocol", protocol},
                         {"same", same},
                         {"bytes", to_hex(std::string(encoded.head).append(encoded.body))}};
    out << line.dump() << '\n';
  }

  int refused_ = 0;

 private:
  std::filesystem::path folder_;
};

TEST_F(PicklePython, ReadsWhatIsWritten) {
  ValueGenerator generator(20261125);
  std::ofstream out(file());
  for (int i = 0; i < value_count; ++i) {
    const int protocol = pickle_protocol_min + i % 4;
    // In a list: integers are stored as text, not as pickles.
    write(out, Value::list({generator.any()}), protocol, false);
  }
  out.close();
  EXPECT_LT(refused_, value_count / 10);
  EXPECT_EQ(python("--read " + file()), 0);
}

// Values long enough for several batches and frames.
TEST_F(PicklePython, WritesTheSameBytesForLongValues) {
  Value::List numbers, lines, members;
  Value::Items items;
  for (int i = 0; i < 2001; ++i) {
    numbers.push_back(i);
    members.push_back(i);
    items.emplace_back(i, 2.5 * i);
    std::string line(250, '.');
    lines.push_back(line.append(std::to_string(i)));
  }
  std::ofstream out(file());
  for (int protocol = pickle_protocol_min; protocol <= pickle_protocol_max; ++protocol) {
    write(out, Value::list(numbers), protocol, true);
    write(out, Value::tuple(numbers), protocol, true);
    write(out, Value::dict(items), protocol, true);
    write(out, Value::list(lines), protocol, true);
    write(out, Value::list({Value::set(members), Value::frozenset(members)}), protocol, true);
    for (const std::size_t size : {254, 255, 256, 257, 65'520, 65'535, 65'536, 65'537, 200'000}) {
      write(out, std::string(size, 's'), protocol, true);
      write(out, Value::bytes(std::string(size, '\xff')), protocol, true);
      write(out, Value::list({"before", std::string(size, 's'), "after"}), protocol, true);
    }
  }
  out.close();
  EXPECT_EQ(python("--read " + file()), 0);
}

TEST_F(PicklePython, WritesTheSameBytesForBatchesThatAreJustFull) {
  std::ofstream out(file());
  for (const int size : {999, 1000, 1001, 2000}) {
    Value::List members;
    Value::Items items;
    for (int i = 0; i < size; ++i) {
      members.push_back(i);
      items.emplace_back(i, true);
    }
    for (int protocol = pickle_protocol_min; protocol <= pickle_protocol_max; ++protocol) {
      write(out, Value::list(members), protocol, true);
      write(out, Value::dict(items), protocol, true);
      write(out, Value::list({Value::set(members), Value::frozenset(members)}), protocol, true);
    }
  }
  out.close();
  EXPECT_EQ(python("--read " + file()), 0);
}

TEST_F(PicklePython, WritesWhatIsReadAsTheSameValue) {
  ASSERT_EQ(python("--make 20261125 " + std::to_string(value_count) + " > " + file()), 0);
  std::ifstream lines(file());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const TypedJson json = TypedJson::parse(line);
    const std::string bytes = json["bytes"];
    Value value;
    Error error;
    if (!PickleCodec({}).decode(from_hex(bytes), value, error)) {
      // Keys that are NaN are different in Python. Nothing else is refused.
      ASSERT_NE(error.detail.find(" has NaN twice"), std::string::npos)
          << error.detail << ": " << bytes;
      ++refused_;
      continue;
    }
    ASSERT_EQ(value, value_of(json["value"])) << bytes;
  }
  EXPECT_EQ(count, value_count);
  EXPECT_LT(refused_, value_count / 10);
}

}  // namespace
}  // namespace djcache::codec
