// Interrupts: the signals that ask a program to end, to be read instead of suffered. While one
// lives, SIGHUP, SIGINT, SIGQUIT and SIGTERM wait until they are taken, however many come, and a
// terminal or pipe that is gone (SIGPIPE) or a limit on files (SIGXFSZ) is no reason to end.
#pragma once

#include <signal.h>

#include <string>

namespace djcache::conformance {

class Interrupts {
 public:
  // Of the calling thread and those that it starts later.
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Readable when one has come.
  int fd() const { return fd_; }
  // The number of the first that came, which stays; 0: none.
  int taken();

  // In a forked child: signals act as they do in any program.
  static void forget();

 private:
  int fd_ = -1;
  int first_ = 0;
  sigset_t before_{};
};

std::string signal_name(int number);  // "SIGTERM"

}  // namespace djcache::conformance
