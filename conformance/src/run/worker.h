// Worker: a forked process that replays runs for the parent. If it crashes, one case fails, and the
// run continues.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "src/run/replayer.h"

namespace djcache::conformance {

class Worker {
 public:
  // Forks. The child executes orders until the parent is gone, and does not return from here.
  Worker(const Plan& plan, const Options& options);
  ~Worker();  // ends the child and waits for it
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  bool started() const { return pid_ > 0; }
  int fd() const { return fd_; }

  // REQUIRES: !busy().
  void begin(std::size_t run);
  bool busy() const { return run_.has_value(); }
  std::size_t run() const { return *run_; }
  std::chrono::steady_clock::time_point begun() const { return begun_; }

  // Reads the available bytes. Returns a result if the run has ended, also if the child died;
  // started() is then false.
  std::optional<CaseResult> read();
  // Kills the child after it has taken too long.
  CaseResult give_up(int limit_s);

 private:
  [[noreturn]] static void serve(int fd, const Plan& plan, const Options& options);
  std::string reap();

  pid_t pid_ = -1;
  int fd_ = -1;
  std::optional<std::size_t> run_;
  std::chrono::steady_clock::time_point begun_{};
  std::string buffer_;
};

}  // namespace djcache::conformance
