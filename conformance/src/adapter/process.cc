#include "src/adapter/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include <djcache/harness/wire_text.h>

extern char** environ;

namespace djcache::conformance {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t told_max = 2000;

std::string shown(std::string_view text) {
  const bool cut = text.size() > 200;
  return "\"" + harness::escape(std::string(text.substr(0, 200))) + "\"" + (cut ? "..." : "");
}

// A shell that waits for its last command exits with 128 plus the number of the signal.
std::string how_it_ended(int status) {
  const int code = WEXITSTATUS(status);
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : code > 128 ? code - 128 : 0;
  if (signal != 0) return std::string("it died of ") + ::strsignal(signal);
  return "it ended with exit code " + std::to_string(code);
}

}  // namespace

std::unique_ptr<Process> Process::start(const std::string& command, std::string& problem) {
  int in[2], out[2], errors[2];
  // stdin is a socket, because writing to one with MSG_NOSIGNAL raises no signal after the program
  // has ended.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 ||
      ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(errors, O_CLOEXEC) != 0) {
    problem = std::strerror(errno);
    return nullptr;
  }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[1], 0);
  posix_spawn_file_actions_adddup2(&files, out[1], 1);
  posix_spawn_file_actions_adddup2(&files, errors[1], 2);
  posix_spawnattr_t how;
  posix_spawnattr_init(&how);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP);
  std::unique_ptr<Process> process(new Process);
  const char* words[] = {"sh", "-c", command.c_str(), nullptr};
  const int failed = ::posix_spawn(&process->pid_, "/bin/sh", &files, &how,
                                   const_cast<char* const*>(words), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  for (const int fd : {in[1], out[1], errors[1]}) ::close(fd);
  process->in_ = in[0];
  process->out_ = out[0];
  process->errors_ = errors[0];
  for (const int fd : {in[0], out[0], errors[0]}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  if (failed == 0) return process;
  process->pid_ = -1;
  problem = std::strerror(failed);
  return nullptr;
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    reap(true);
  }
  for (const int fd : {in_, out_, errors_}) {
    if (fd >= 0) ::close(fd);
  }
}

Process::Stream Process::read(int fd, std::string& into) {
  char chunk[65536];
  const ssize_t n = ::read(fd, chunk, sizeof chunk);
  if (n > 0) {
    into.append(chunk, static_cast<std::size_t>(n));
    return Stream::more;
  }
  return n < 0 && (errno == EAGAIN || errno == EINTR) ? Stream::nothing : Stream::ended;
}

bool Process::send(std::string_view& unsent) {
  const ssize_t n = ::send(in_, unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n > 0) unsent.remove_prefix(static_cast<std::size_t>(n));
  return n > 0 || errno == EAGAIN || errno == EINTR;
}

void Process::listen(bool writing, std::chrono::milliseconds limit) {
  pollfd polls[] = {{out_, POLLIN, 0}, {errors_, POLLIN, 0}, {in_, POLLOUT, 0}};
  ::poll(polls, writing ? 3 : 2, static_cast<int>(limit.count()));
  if (errors_ < 0 || polls[1].revents == 0) return;
  if (read(errors_, told_) == Stream::ended) {
    ::close(errors_);
    errors_ = -1;  // poll ignores negative descriptors
  }
  if (told_.size() > told_max) told_.erase(0, told_.size() - told_max);
}

std::string Process::exchange(const std::string& line, std::chrono::milliseconds limit,
                              std::string& answer) {
  const auto end = Clock::now() + limit;
  while (buffer_.size() < line_max && read(out_, buffer_) == Stream::more) {
  }
  if (!buffer_.empty()) return "it wrote a line before it was asked: " + shown(buffer_);
  const std::string whole = line + "\n";
  std::string_view unsent = whole;
  for (;;) {
    bool taken = unsent.empty() || send(unsent);
    const Stream stream = read(out_, buffer_);
    const auto newline = buffer_.find('\n', buffer_.size() > 65536 ? buffer_.size() - 65536 : 0);
    if (newline != std::string::npos) {
      if (newline + 1 != buffer_.size()) {
        return "it answered with more than one line: " + shown(buffer_);
      }
      if (!unsent.empty()) return "it answered before it was asked: " + shown(buffer_);
      answer = buffer_.substr(0, newline);
      buffer_.clear();
      return {};
    }
    if (stream == Stream::ended || !taken) return ending();
    if (buffer_.size() > line_max) return "its line has more than 64 MiB: " + shown(buffer_);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      const std::string half = buffer_.empty() ? "" : ", but began a line: " + shown(buffer_);
      return "it did not answer within " + std::to_string(limit.count() / 1000) + " s" + half;
    }
    if (stream == Stream::nothing) listen(!unsent.empty(), left);
  }
}

// Describes how the program ended; it has ended or is about to, because its stdout is closed.
std::string Process::ending() {
  const auto end = Clock::now() + std::chrono::seconds(2);
  while (!reap(false) && Clock::now() < end) listen(false, std::chrono::milliseconds(10));
  if (errors_ >= 0) listen(false, std::chrono::milliseconds(100));
  std::string text = pid_ > 0 ? "it closed its stdout" : how_it_ended(status_);
  if (!buffer_.empty()) text += " in the middle of a line, " + shown(buffer_);
  if (!told_.empty()) text += "; its stderr ends: " + harness::escape(told_);
  return text;
}

bool Process::reap(bool blocking) {
  if (pid_ > 0 && ::waitpid(pid_, &status_, blocking ? 0 : WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

void Process::wait(std::chrono::milliseconds limit) {
  const auto end = Clock::now() + limit;
  while (!reap(false) && Clock::now() < end) {
    listen(false, std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace djcache::conformance
