#include "child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <array>
#include <cerrno>
#include <cstring>

#include "deadline.h"

namespace djcache::harness {
namespace {

// Prepared before fork, because the child may not allocate before exec.
struct Launch {
  std::vector<char*> argv;
  const char* folder;
  const char* output_file;
  int report_fd;  // receives errno if exec fails; closed by a successful exec
  pid_t parent;
};

void die_with_parent([[maybe_unused]] pid_t parent) {
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before PR_SET_PDEATHSIG took effect
#endif
}

// Otherwise the server would keep the test's sockets open, and their peers would see no FIN.
void keep_only_standard_files() {
#if defined(__linux__) && defined(SYS_close_range) && defined(CLOSE_RANGE_CLOEXEC)
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
#endif
}

void default_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::signal(number, SIG_DFL);
}

bool redirect(const char* output_file) {
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(output_file, O_WRONLY | O_CREAT | O_APPEND, 0600);
  return in >= 0 && out >= 0 && ::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(out, 2) >= 0;
}

[[noreturn]] void become(const Launch& launch) {
  die_with_parent(launch.parent);
  ::setpgid(0, 0);  // Ctrl-C in a debugger then interrupts the test but not its server
  default_signals();
  if (::chdir(launch.folder) == 0 && redirect(launch.output_file)) {
    keep_only_standard_files();
    ::execv(launch.argv.front(), launch.argv.data());
  }
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(launch.report_fd, &error, sizeof error);
  ::_exit(127);
}

// 0 if the child's exec succeeded, which closes the pipe; otherwise its errno.
int exec_error(int report_fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(report_fd, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

}  // namespace

Outcome ChildProcess::start(const ChildCommand& command) {
  kill9();
  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
    return {std::string("pipe: ") + std::strerror(errno)};
  Launch launch{.argv = {},
                .folder = command.folder.c_str(),
                .output_file = command.output_file.c_str(),
                .report_fd = pipe_ends[1],
                .parent = ::getpid()};
  for (const auto& word : command.words) launch.argv.push_back(const_cast<char*>(word.c_str()));
  launch.argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child == 0) become(launch);
  const int fork_error = child < 0 ? errno : 0;
  ::close(pipe_ends[1]);
  const int error = fork_error != 0 ? fork_error : exec_error(pipe_ends[0]);
  ::close(pipe_ends[0]);
  if (child > 0) {
    pid_ = child;
    owner_ = launch.parent;
  }
  if (error == 0) return {};
  kill9();
  return {"cannot execute " + command.words.front() + ": " + std::strerror(error)};
}

bool ChildProcess::running() {
  if (pid_ < 0) return false;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return true;
  note_end(got == pid_ ? status : 0);
  return false;
}

void ChildProcess::note_end(int status) {
  end_status_ = status;
  stopped_ = false;
  pid_ = -1;
}

std::string ChildProcess::describe_end() const {
  if (WIFSIGNALED(end_status_)) {
    return "was ended by signal " + std::to_string(WTERMSIG(end_status_));
  }
  return "exited with status " + std::to_string(WEXITSTATUS(end_status_));
}

Outcome ChildProcess::signal(int number) {
  if (!running()) return {"the process does not run"};
  if (::kill(pid_, number) != 0) return {std::string("kill: ") + std::strerror(errno)};
  return {};
}

Outcome ChildProcess::signal_and_wait(int number, int wait_flag, const char* what,
                                      std::chrono::milliseconds limit) {
  if (auto sent = signal(number); !sent) return sent;
  for (const Deadline deadline(limit); !deadline.passed(); deadline.pause()) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG | wait_flag) != pid_) continue;
    if (WIFSTOPPED(status) || WIFCONTINUED(status)) return {};
    note_end(status);
    return {"the process " + describe_end()};
  }
  return {std::string("the process has not ") + what + " within the limit"};
}

Outcome ChildProcess::stop(std::chrono::milliseconds limit) {
  if (stopped_) return {};
  auto outcome = signal_and_wait(SIGSTOP, WUNTRACED, "stopped", limit);
  stopped_ = outcome.ok();
  return outcome;
}

Outcome ChildProcess::cont(std::chrono::milliseconds limit) {
  if (!stopped_) return {};
  stopped_ = false;
  return signal_and_wait(SIGCONT, WCONTINUED, "continued", limit);
}

void ChildProcess::kill9() {
  if (pid_ < 0 || ::getpid() != owner_) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  pid_t got = 0;
  do {
    got = ::waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  note_end(got == pid_ ? status : 0);
}

bool ChildProcess::wait_for_end(std::chrono::milliseconds limit) {
  const Deadline deadline(limit);
  while (running()) {
    if (deadline.passed()) return false;
    deadline.pause();
  }
  return true;
}

}  // namespace djcache::harness
