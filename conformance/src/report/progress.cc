#include <unistd.h>

#include <cstdio>

#include "src/report/report.h"

namespace djcache::conformance {

ProgressLine::ProgressLine(std::size_t total, bool verbose)
    : total_(total), verbose_(verbose), terminal_(::isatty(STDOUT_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && !verbose_) std::printf("\r\033[K");
}

void ProgressLine::step(const std::string& name, const CaseResult& result) {
  ++done_;
  failed_ += result.status == Status::failed;
  if (verbose_) {
    std::printf("%-8s%5lld ms  %s%s%s\n", std::string(to_string(result.status)).c_str(),
                static_cast<long long>(result.milliseconds), name.c_str(),
                result.reason.empty() ? "" : ": ", result.reason.c_str());
  } else if (terminal_) {
    std::printf("\r\033[K%zu of %zu, %zu failed  %.60s", done_, total_, failed_, name.c_str());
  } else if (const auto now = std::chrono::steady_clock::now();
             now - told_ >= std::chrono::seconds(10)) {
    told_ = now;
    std::printf("%zu of %zu, %zu failed\n", done_, total_, failed_);
  }
  std::fflush(stdout);
}

}  // namespace djcache::conformance
