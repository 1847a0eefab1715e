// Classes of Python and of packages around Django that have no Kind, from pickles that their own
// code wrote (fixtures/values/pickle_foreign.json): read as their data, and written so that Python
// finds an equal object.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "codec/codec_fixture.h"
#include "codec/pickle.h"
#include "codec/typed_fixture.h"

namespace djcache::codec {
namespace {

class PickleForeign : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(DJCACHE_FIXTURES "/values/pickle_foreign.json");
    ASSERT_TRUE(file) << DJCACHE_FIXTURES;
    cases_ = TypedJson::parse(file)["cases"];
    ASSERT_FALSE(cases_.empty());
  }
  TypedJson cases_;
};

TEST_F(PickleForeign, IsReadAsItsDataFromEveryPickler) {
  for (const TypedJson& one : cases_) {
    for (const auto& [pickler, hex] : one["bytes"].items()) {
      SCOPED_TRACE(one["name"].get<std::string>() + ", protocol " + pickler);
      Value value;
      Error error;
      ASSERT_TRUE(PickleCodec({}).decode(from_hex(hex.get<std::string>()), value, error))
          << error.detail;
      EXPECT_EQ(value, value_of(one["value"]));
    }
  }
}

#ifdef DJCACHE_PYTHON_FOREIGN
// Python compares if the packages are installed.
TEST_F(PickleForeign, IsWrittenAsWhatPythonFindsEqual) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("djcache-foreign-" + std::to_string(getpid()) + ".jsonl");
  std::ofstream out(path);
  for (const TypedJson& one : cases_) {
    if (!one["equal"].get<bool>()) continue;
    for (int protocol = pickle_protocol_min; protocol <= pickle_protocol_max; ++protocol) {
      const PickleCodec codec({}, protocol);
      const TypedJson line{{"name", one["name"]},
                           {"bytes", to_hex(stored_by(codec, value_of(one["value"])))}};
      out << line.dump() << '\n';
    }
  }
  out.close();
  EXPECT_EQ(std::system((DJCACHE_PYTHON_FOREIGN " --equal " + path.string()).c_str()), 0);
  std::filesystem::remove(path);
}
#endif

TEST_F(PickleForeign, EveryPartOfItIsRefusedOrRead) {
  for (const TypedJson& one : cases_) {
    for (const auto& [pickler, hex] : one["bytes"].items()) {
      const std::string bytes = from_hex(hex.get<std::string>());
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        Value value;
        Error error;
        ASSERT_FALSE(PickleCodec({}).decode({bytes.data(), size}, value, error)) << size;
      }
    }
  }
}

}  // namespace
}  // namespace djcache::codec
