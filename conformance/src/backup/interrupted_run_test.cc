// Runs the suite against a database with keys, and ends it in every way in which a program can end.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "src/backup/kept_keys.h"

extern char** environ;

namespace djcache::conformance {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// The suite as a process; its stdout and stderr are read together.
class RunningSuite {
 public:
  explicit RunningSuite(std::vector<std::string> words) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    words.insert(words.begin(), DJCACHE_CONFORMANCE_PROGRAM);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    EXPECT_EQ(::posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    fd_ = ends[0];
  }
  ~RunningSuite() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    (void)wait();
    if (fd_ >= 0) ::close(fd_);
  }

  void signal(int number) { ::kill(pid_, number); }

  void stop_reading() { ::close(std::exchange(fd_, -1)); }

  // The exit code, or the negated number of the signal that ended it.
  int wait() {
    if (fd_ >= 0) (void)read_until("\xff the end");
    if (pid_ > 0) {
      int status = 0;
      ::waitpid(pid_, &status, 0);
      pid_ = -1;
      code_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }
    return code_;
  }

  // Reads its output until it contains the text or the process has ended.
  bool read_until(const std::string& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 50s;
    while (output.find(wanted) == std::string::npos) {
      pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
      ::poll(&readable, 1, 1000);
      if (std::chrono::steady_clock::now() > deadline) return false;
      char chunk[4096];
      if (readable.revents == 0) continue;
      const ssize_t n = ::read(fd_, chunk, sizeof chunk);
      if (n <= 0) return false;
      output.append(chunk, static_cast<std::size_t>(n));
    }
    return true;
  }

  std::string output;

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  int code_ = 0;
};

class InterruptedRun : public testing::Test {
 protected:
  static constexpr int db = 2;

  InterruptedRun() {
    char name[] = "/tmp/djcache-run-test-XXXXXX";
    folder_ = ::mkdtemp(name);
    auto started = harness::RedisServer::start();
    EXPECT_TRUE(started) << started.problem;
    server_ = std::move(started.value);
    for (int each = 0; each < 4; ++each) {
      store_keys(*server_, each, each == db ? many_keys : few_keys);
    }
    for (int each = 0; each < 4; ++each) kept_.emplace_back(*server_, each);
  }
  ~InterruptedRun() override { fs::remove_all(folder_); }

  std::vector<std::string> words(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"--location", server_->url(db), "--allow-flush", "--dump-folder",
                                 folder_,      "--backend",      "redis",         "-v"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  // Waits until cases are being replayed, which implies that the database has been emptied.
  void play_a_while(RunningSuite& suite) {
    ASSERT_TRUE(suite.read_until(".dump\n")) << suite.output;
    EXPECT_EQ(suite.output.find("passed  "), std::string::npos) << "a case before the file's name";
    ASSERT_TRUE(suite.read_until("passed  ")) << suite.output;
    auto inspector = look_at(*server_, db);
    ASSERT_FALSE(inspector->raw("text"));
  }
  void expect_all_kept() {
    for (const KeptKeys& kept : kept_) kept.expect_kept(*server_);
  }
  std::vector<std::string> files() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(folder_)) found.push_back(entry.path());
    return found;
  }

  std::string folder_;
  std::unique_ptr<harness::RedisServer> server_;
  std::vector<KeptKeys> kept_;
};

class EndedBySignal : public InterruptedRun, public testing::WithParamInterface<int> {};

TEST_P(EndedBySignal, PutsTheKeysBack) {
  RunningSuite suite(words());
  ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
  suite.signal(GetParam());
  EXPECT_EQ(suite.wait(), 128 + GetParam()) << suite.output;
  expect_all_kept();
  EXPECT_TRUE(files().empty());
}

TEST_P(EndedBySignal, PutsTheKeysBackHoweverOftenItComes) {
  RunningSuite suite(words());
  ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
  // A stopped server delays the restore, so that the other signals arrive in the middle of it.
  ASSERT_TRUE(server_->stop());
  for (int i = 0; i < 5; ++i) suite.signal(GetParam());
  for (const int other : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) suite.signal(other);
  ASSERT_TRUE(server_->cont());
  suite.signal(GetParam());
  EXPECT_GE(suite.wait(), 128) << suite.output;
  expect_all_kept();
  EXPECT_TRUE(files().empty());
}

INSTANTIATE_TEST_SUITE_P(Each, EndedBySignal, testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT));

TEST_F(InterruptedRun, ThatWasKilledIsPutBackByRestore) {
  RunningSuite suite(words());
  ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
  suite.signal(SIGKILL);
  EXPECT_EQ(suite.wait(), -SIGKILL);
  ASSERT_EQ(files().size(), 1u);
  const std::string file = files().front();
  EXPECT_NE(suite.output.find("--restore " + file), std::string::npos) << suite.output;
  for (int again = 0; again < 2; ++again) {
    RunningSuite restore({"--restore", file});
    EXPECT_EQ(restore.wait(), 0) << restore.output;
    expect_all_kept();
    EXPECT_TRUE(fs::exists(file));
  }
}

TEST_F(InterruptedRun, WhoseServerIsGoneKeepsTheFile) {
  RunningSuite suite(words());
  ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
  server_->kill9();
  ASSERT_TRUE(suite.read_until("failed  ")) << suite.output;
  suite.signal(SIGTERM);
  EXPECT_EQ(suite.wait(), 2) << suite.output;
  EXPECT_NE(suite.output.find("could not be put back"), std::string::npos) << suite.output;
  ASSERT_EQ(files().size(), 1u);
  ASSERT_TRUE(server_->restart());
  RunningSuite restore({"--restore", files().front()});
  EXPECT_EQ(restore.wait(), 0) << restore.output;
  kept_[db].expect_kept(*server_);
}

TEST_F(InterruptedRun, WithoutAReaderOfItsOutputPutsTheKeysBack) {
  {
    RunningSuite suite(words());
    ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
    suite.stop_reading();
    suite.signal(SIGHUP);
    EXPECT_EQ(suite.wait(), 128 + SIGHUP);
  }
  expect_all_kept();
}

TEST_F(InterruptedRun, InOneProcessPutsTheKeysBackAsWell) {
  RunningSuite suite(words({"--in-process"}));
  ASSERT_NO_FATAL_FAILURE(play_a_while(suite));
  suite.signal(SIGINT);
  EXPECT_EQ(suite.wait(), 128 + SIGINT) << suite.output;
  expect_all_kept();
}

TEST_F(InterruptedRun, ThatIsNotInterruptedPutsTheKeysBackAtItsEnd) {
  RunningSuite suite(words({"--group", "versioning", "--flavour", "callback"}));
  EXPECT_EQ(suite.wait(), 0) << suite.output;
  expect_all_kept();
  EXPECT_TRUE(files().empty());
}

TEST_F(InterruptedRun, WithoutALeaveToFlushChangesNothing) {
  RunningSuite suite({"--location", server_->url(db), "--backend", "redis"});
  EXPECT_EQ(suite.wait(), 2) << suite.output;
  expect_all_kept();
}

TEST_F(InterruptedRun, MayHaveAServerByItsName) {
  std::string url = server_->url(7);
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  RunningSuite suite({"--location", url, "--group", "versioning", "--flavour", "callback"});
  EXPECT_EQ(suite.wait(), 0) << suite.output;
  EXPECT_NE(suite.output.find(" passed, 0 failed"), std::string::npos) << suite.output;
}

TEST_F(InterruptedRun, InAnEmptyDatabaseLeavesItEmpty) {
  RunningSuite suite({"--location", server_->url(7), "--backend", "redis", "-v"});
  ASSERT_TRUE(suite.read_until("passed  ")) << suite.output;
  suite.signal(SIGTERM);
  EXPECT_EQ(suite.wait(), 128 + SIGTERM) << suite.output;
  EXPECT_EQ(look_at(*server_, 7)->dbsize(), 0);
  expect_all_kept();
}

}  // namespace
}  // namespace djcache::conformance
