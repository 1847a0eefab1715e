// A child process that does not outlive its parent. Processes and signals only, for any program.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include <djcache/harness/outcome.h>

namespace djcache::harness {

struct ChildCommand {
  std::vector<std::string> words;  // the first is the path of the program
  std::string folder;              // its working directory
  std::string output_file;         // gets stdout and stderr
};

class ChildProcess {
 public:
  ChildProcess() = default;
  ~ChildProcess() { kill9(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Fails also if the program cannot be executed.
  Outcome start(const ChildCommand& command);

  pid_t pid() const { return pid_; }  // -1 if there is none
  // False once it has ended, which this call detects (describe_end() then describes it).
  bool running();
  std::string describe_end() const;  // "exited with status 1"

  Outcome signal(int number);
  // SIGSTOP or SIGCONT; waits until it has taken effect. Returns at once if already in that state.
  Outcome stop(std::chrono::milliseconds limit);
  Outcome cont(std::chrono::milliseconds limit);
  // Sends SIGKILL and waits for the process to end. Does nothing in a forked child.
  void kill9();
  // True if it has ended within the limit.
  bool wait_for_end(std::chrono::milliseconds limit);

 private:
  Outcome signal_and_wait(int number, int wait_flag, const char* what,
                          std::chrono::milliseconds limit);
  void note_end(int status);

  pid_t pid_ = -1;
  pid_t owner_ = -1;  // the process that may wait for the child
  bool stopped_ = false;
  int end_status_ = 0;
};

}  // namespace djcache::harness
