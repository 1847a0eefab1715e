#include "measure/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace djcache::bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void become(const std::vector<std::string>& arguments, const ProcessOptions& options,
                         int output) {
  setpgid(0, 0);  // so that the limit kills its children, too
  if (options.cpu) pin_process(0, *options.cpu);
  dup2(output, STDOUT_FILENO);
  std::vector<char*> raw;
  for (const std::string& each : arguments) raw.push_back(const_cast<char*>(each.c_str()));
  raw.push_back(nullptr);
  execvp(raw[0], raw.data());
  _exit(127);
}

/// Reads until the end of the stream. Returns false if the deadline passes first.
bool read_all(int from, Clock::time_point deadline, std::string& into) {
  std::array<char, 16384> chunk;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{.fd = from, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
    const ssize_t got = read(from, chunk.data(), chunk.size());
    if (got <= 0) return true;
    into.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

double to_ns(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_usec) * 1e3;
}

std::string describe(const std::string& program, int status) {
  if (WIFSIGNALED(status))
    return program + " was ended by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == 127) return program + " could not be started";
  return program + " ended with code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  ProcessResult result;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    result.failure = "no pipe";
    return result;
  }
  const int child = fork();
  if (child == 0) become(arguments, options, ends[1]);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    result.failure = "no process";
    return result;
  }
  const auto deadline = Clock::now() + std::chrono::seconds(options.limit_s);
  const bool in_time = read_all(ends[0], deadline, result.output);
  ::close(ends[0]);
  if (!in_time) kill(-child, SIGKILL);
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  result.cpu_ns = to_ns(used.ru_utime) + to_ns(used.ru_stime);
  result.succeeded = in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (!in_time) {
    result.failure = arguments[0] + " took longer than " + std::to_string(options.limit_s) + " s";
  } else if (!result.succeeded) {
    result.failure = describe(arguments[0], status);
  }
  return result;
}

bool pin_process(int pid, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  return sched_setaffinity(pid, sizeof set, &set) == 0;
}

std::vector<int> usable_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  return cpus;
}

std::string own_program() {
  std::array<char, 4096> path;
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace djcache::bench
