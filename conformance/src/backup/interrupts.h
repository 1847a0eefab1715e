// Interrupts: reads the signals that ask a program to end, instead of letting them act. While an
// object exists, SIGHUP, SIGINT, SIGQUIT and SIGTERM are blocked until they are read, and a closed
// terminal or pipe (SIGPIPE) or a file size limit (SIGXFSZ) does not end the program.
#pragma once

#include <signal.h>

#include <string>

namespace djcache::conformance {

class Interrupts {
 public:
  // Applies to the calling thread and to threads it starts later.
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Readable once a signal has arrived.
  int fd() const { return fd_; }
  // The number of the first signal that arrived, which stays the same from then on; 0: none.
  int taken();

  // For a forked child: restores the default actions.
  static void forget();

 private:
  int fd_ = -1;
  int first_ = 0;
  sigset_t before_{};
};

std::string signal_name(int number);  // "SIGTERM"

}  // namespace djcache::conformance
