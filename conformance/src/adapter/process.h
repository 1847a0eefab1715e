// Process: a program that receives one line at a time on its stdin and answers with one line on its
// stdout. Any other behaviour is bounded by a limit and described. Independent of the protocol.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>

namespace djcache::conformance {

class Process {
 public:
  static constexpr std::size_t line_max = 64 << 20;

  // Starts `command` by the shell, in a process group of its own; returns null with a problem.
  static std::unique_ptr<Process> start(const std::string& command, std::string& problem);
  ~Process();  // kills the whole group
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Sends a line and receives one. Returns "", or what happened instead; the program is then in an
  // unknown state and must not be used again.
  std::string exchange(const std::string& line, std::chrono::milliseconds limit,
                       std::string& answer);
  // Waits for the program to end, after the last exchange.
  void wait(std::chrono::milliseconds limit);

 private:
  Process() = default;
  enum class Stream : std::uint8_t { more, nothing, ended };
  static Stream read(int fd, std::string& into);
  bool send(std::string_view& unsent);
  void listen(bool writing, std::chrono::milliseconds limit);
  std::string ending();
  bool reap(bool blocking);

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1, errors_ = -1;  // our ends of its stdin, stdout and stderr
  std::string buffer_;                    // of its stdout
  std::string told_;                      // the end of its stderr
  int status_ = 0;
};

}  // namespace djcache::conformance
