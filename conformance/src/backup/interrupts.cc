#include "src/backup/interrupts.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cstring>

namespace djcache::conformance {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) sigaddset(&set, number);
  return set;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = ending_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_IGN);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Interrupts::~Interrupts() {
  (void)taken();  // consumes pending signals, which would end the program when unblocked
  ::close(fd_);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int Interrupts::taken() {
  signalfd_siginfo info;
  while (::read(fd_, &info, sizeof info) == sizeof info) {
    if (first_ == 0) first_ = static_cast<int>(info.ssi_signo);
  }
  return first_;
}

void Interrupts::forget() {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);
}

std::string signal_name(int number) {
  const char* name = ::sigabbrev_np(number);
  return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(number);
}

}  // namespace djcache::conformance
