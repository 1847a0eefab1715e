#include "src/backup/dump_file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace djcache::conformance {
namespace {

namespace fs = std::filesystem;

const DumpSource source{.host = "127.0.0.1", .port = 6379, .db = 9, .with_credentials = true};

class DumpFile : public testing::Test {
 protected:
  DumpFile() {
    char name[] = "/tmp/djcache-dump-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ + "/a.dump";
  }
  ~DumpFile() override { fs::remove_all(folder_); }

  void write(const std::vector<DumpedKey>& keys) {
    auto writer = DumpWriter::create(path_, source);
    ASSERT_TRUE(writer) << writer.problem;
    for (const DumpedKey& key : keys) ASSERT_TRUE(writer->add(key));
    const auto finished = writer->finish();
    ASSERT_TRUE(finished) << finished.problem;
  }
  std::string bytes() {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }
  std::string problem_of(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    return DumpReader::open(path_).problem;
  }

  std::string folder_, path_;
};

const std::vector<DumpedKey> three_keys{
    {"a", "dump of a", 0},
    {std::string("b\0\r\n\xff", 5), std::string(70'000, '\0'), 1'790'000'000'123},
    {"", "", 1}};

TEST_F(DumpFile, GivesBackWhatWasWritten) {
  write(three_keys);
  auto reader = DumpReader::open(path_);
  ASSERT_TRUE(reader) << reader.problem;
  EXPECT_EQ(reader->keys(), 3u);
  EXPECT_EQ(reader->source().host, source.host);
  EXPECT_EQ(reader->source().port, source.port);
  EXPECT_EQ(reader->source().db, source.db);
  EXPECT_TRUE(reader->source().with_credentials);
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(reader->rewind());
    for (const DumpedKey& expected : three_keys) {
      const auto key = reader->next();
      ASSERT_TRUE(key) << reader->problem();
      EXPECT_EQ(key->key, expected.key);
      EXPECT_EQ(key->dump, expected.dump);
      EXPECT_EQ(key->expires_at_ms, expected.expires_at_ms);
    }
    EXPECT_FALSE(reader->next());
    EXPECT_EQ(reader->problem(), "");
  }
}

TEST_F(DumpFile, IsForItsOwnerAlone) {
  write(three_keys);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(DumpFile, HasItsNameOnlyWhenItIsComplete) {
  {
    auto writer = DumpWriter::create(path_, source);
    ASSERT_TRUE(writer) << writer.problem;
    ASSERT_TRUE(writer->add(three_keys[0]));
    EXPECT_FALSE(fs::exists(path_));
  }
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(DumpFile, ReplacesNoOther) {
  write(three_keys);
  const std::string before = bytes();
  EXPECT_FALSE(DumpWriter::create(path_, source));
  EXPECT_EQ(bytes(), before);
}

TEST_F(DumpFile, IsRefusedWhenAByteIsAnother) {
  write({{"a", "dump of a", 0}, {"key", "dump", 77}});
  const std::string whole = bytes();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int flip : {1, 0x80}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      EXPECT_NE(problem_of(damaged), "") << "byte " << i;
    }
  }
  EXPECT_EQ(problem_of(whole), "");
}

TEST_F(DumpFile, IsRefusedWhenItIsCutShortOrGoesOn) {
  write({{"a", "dump of a", 0}});
  const std::string whole = bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(problem_of(whole.substr(0, size)), "") << size << " bytes";
  }
  EXPECT_NE(problem_of(whole + "x"), "");
}

TEST_F(DumpFile, ThatIsNotThereOrAFolderIsRefused) {
  EXPECT_NE(DumpReader::open(folder_ + "/none").problem, "");
  EXPECT_NE(DumpReader::open(folder_).problem, "");
  EXPECT_NE(DumpReader::open("/dev/null").problem, "");
}

TEST_F(DumpFile, CannotBeCreatedInAFolderThatIsNotThere) {
  EXPECT_NE(DumpWriter::create(folder_ + "/none/a.dump", source).problem, "");
}

TEST_F(DumpFile, OnAFullDiskIsAProblemAndNoFile) {
  auto writer = DumpWriter::create(path_, source);
  ASSERT_TRUE(writer);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  (void)writer->add(three_keys[1]);
  EXPECT_FALSE(writer->finish());
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_DFL);
  writer.value.reset();
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace djcache::conformance
