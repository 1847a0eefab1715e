#include "child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "deadline.h"
#include "temporary_folder.h"

namespace djcache::harness {
namespace {

using std::chrono::seconds;

std::string content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class ChildProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryFolder::make("djcache-test-");
    ASSERT_TRUE(made) << made.problem;
    folder = std::move(made.value);
  }
  ChildCommand shell(const std::string& script) const {
    return {{"/bin/sh", "-c", script}, folder->path(), *folder / "out"};
  }
  std::unique_ptr<TemporaryFolder> folder;
};

TEST_F(ChildProcessTest, ItsOutputAndFolderAreWhatWasAsked) {
  ChildProcess child;
  ASSERT_TRUE(child.start(shell("pwd; echo err >&2; exit 3")));
  ASSERT_TRUE(child.wait_for_end(seconds(5)));
  EXPECT_EQ(child.describe_end(), "exited with status 3");
  EXPECT_EQ(content(*folder / "out"), folder->path() + "\nerr\n");
  EXPECT_EQ(child.pid(), -1);
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsAProblem) {
  ChildProcess child;
  const auto outcome = child.start({{"/nonexistent/program"}, folder->path(), *folder / "out"});
  EXPECT_EQ(outcome.problem, "cannot execute /nonexistent/program: No such file or directory");
  EXPECT_FALSE(child.running());
}

TEST_F(ChildProcessTest, OpenFilesAreNotInherited) {
  const int fd = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC, on purpose
  ASSERT_GE(fd, 3);
  ChildProcess child;
  ASSERT_TRUE(child.start(shell("test -e /proc/self/fd/" + std::to_string(fd) + "; echo $?")));
  ASSERT_TRUE(child.wait_for_end(seconds(5)));
  ::close(fd);
  EXPECT_EQ(content(*folder / "out"), "1\n");
}

TEST_F(ChildProcessTest, StopAndContTakeEffectBeforeTheyReturn) {
  ChildProcess child;
  ASSERT_TRUE(child.start({{"/bin/sleep", "100"}, folder->path(), *folder / "out"}));
  const std::string stat = "/proc/" + std::to_string(child.pid()) + "/stat";
  ASSERT_TRUE(child.stop(seconds(5)));
  EXPECT_NE(content(stat).find(") T "), std::string::npos);
  EXPECT_TRUE(child.running());
  ASSERT_TRUE(child.cont(seconds(5)));
  EXPECT_EQ(content(stat).find(") T "), std::string::npos);
  EXPECT_TRUE(child.cont(seconds(5))) << "a second time there is nothing to do";
}

TEST_F(ChildProcessTest, AStoppedProcessIsKilledToo) {
  ChildProcess child;
  ASSERT_TRUE(child.start({{"/bin/sleep", "100"}, folder->path(), *folder / "out"}));
  const pid_t pid = child.pid();
  ASSERT_TRUE(child.stop(seconds(5)));
  child.kill9();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(child.describe_end(), "was ended by signal 9");
  EXPECT_FALSE(child.signal(SIGTERM));
}

// The middle process starts a child and is killed before any destructor runs.
TEST_F(ChildProcessTest, ItDiesWithItsParent) {
  // Orphans become children of this process, which can then observe their end.
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int pipe_ends[2];
  ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const pid_t middle = ::fork();
  if (middle == 0) {
    ChildProcess child;
    const bool started = child.start({{"/bin/sleep", "100"}, folder->path(), *folder / "out"}).ok();
    const pid_t pid = started ? child.pid() : -1;
    if (::write(pipe_ends[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
    ::raise(SIGKILL);
  }
  pid_t orphan = -1;
  ASSERT_EQ(::read(pipe_ends[0], &orphan, sizeof orphan), static_cast<ssize_t>(sizeof orphan));
  ASSERT_GT(orphan, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(middle, &status, 0), middle);
  // waitpid does not know the orphan until the end of the middle process has made it a child of
  // this one.
  const Deadline deadline{seconds(5)};
  pid_t ended = 0;
  while (ended != orphan && !deadline.passed()) {
    ended = ::waitpid(orphan, &status, WNOHANG);
    if (ended != orphan) deadline.pause();
  }
  ASSERT_EQ(ended, orphan) << "the child has outlived its parent";
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST_F(ChildProcessTest, AForkedCopyOfTheOwnerDoesNotEndIt) {
  ChildProcess child;
  ASSERT_TRUE(child.start({{"/bin/sleep", "100"}, folder->path(), *folder / "out"}));
  const pid_t copy = ::fork();
  if (copy == 0) {
    child.kill9();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(copy, &status, 0), copy);
  EXPECT_TRUE(child.running());
}

}  // namespace
}  // namespace djcache::harness
