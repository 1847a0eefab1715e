#include "src/run/worker.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/backup/interrupts.h"

namespace djcache::conformance {
namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // the other side is gone, which reading will detect
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

// Reads up to the next newline, which is left out; nullopt at the end of the stream.
std::optional<std::string> read_line(int fd, std::string& buffer) {
  for (;;) {
    const auto end = buffer.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      return line;
    }
    char chunk[4096];
    const ssize_t n = ::recv(fd, chunk, sizeof chunk, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    buffer.append(chunk, static_cast<std::size_t>(n));
  }
}

CaseResult failure(const std::string& reason) {
  return {.status = Status::failed, .reason = reason};
}

}  // namespace

Worker::Worker(const Plan& plan, const Options& options) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Interrupts::forget();
    ::close(pair[0]);
    serve(pair[1], plan, options);
  }
  ::close(pair[1]);
  fd_ = pair[0];
}

Worker::~Worker() {
  // An explicit message, because closing the socket is not enough: later children hold copies of
  // this end.
  if (pid_ > 0) {
    busy() ? (void)::kill(pid_, SIGKILL) : write_all(fd_, "end\n");
    ::waitpid(pid_, nullptr, 0);
  }
  if (fd_ >= 0) ::close(fd_);
}

void Worker::serve(int fd, const Plan& plan, const Options& options) {
  {
    Replayer replayer(plan, options);
    std::string buffer;
    while (const auto line = read_line(fd, buffer)) {
      if (*line == "end") break;
      const CaseResult result = replayer.play(plan.runs[std::stoul(*line)]);
      write_all(fd, to_json(result).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    }
  }
  for (const auto& adapter : plan.adapters) adapter->end();
  ::_exit(0);
}

void Worker::begin(std::size_t run) {
  run_ = run;
  begun_ = std::chrono::steady_clock::now();
  write_all(fd_, std::to_string(run) + "\n");
}

std::optional<CaseResult> Worker::read() {
  char chunk[65536];
  const ssize_t n = ::recv(fd_, chunk, sizeof chunk, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (n <= 0) {
    const std::string how = reap();
    run_.reset();
    return failure("the process that played it " + how);
  }
  buffer_.append(chunk, static_cast<std::size_t>(n));
  if (buffer_.back() != '\n') return {};
  CaseResult result = result_from_json(Json::parse(std::exchange(buffer_, {})));
  run_.reset();
  return result;
}

CaseResult Worker::give_up(int limit_s) {
  ::kill(pid_, SIGKILL);
  (void)reap();
  run_.reset();
  return failure("took longer than " + std::to_string(limit_s) + " s and was ended");
}

std::string Worker::reap() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  if (WIFSIGNALED(status)) return std::string("died of ") + ::strsignal(WTERMSIG(status));
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace djcache::conformance
