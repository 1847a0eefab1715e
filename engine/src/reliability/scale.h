// The size of the reliability tests, and the output of their figures.
//
// DJCACHE_RELIABILITY: unset in every test run, "ci" for minutes, "nightly" for hours
// (`ci/run reliability`, `ci/run nightly`; engine/docs/reliability.md).
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace djcache::reliability {

struct Scale {
  std::uint64_t quick, ci, nightly;
};

inline std::uint64_t times(const Scale& scale) {
  const char* wanted = std::getenv("DJCACHE_RELIABILITY");
  const std::string_view how = wanted != nullptr ? wanted : "";
  return how == "nightly" ? scale.nightly : how == "ci" ? scale.ci : scale.quick;
}

// One line for a report.
template <class... Args>
void figure(const char* id, const char* format, Args... args) {
  std::printf("[ FIGURE   ] %s: ", id);
  std::printf(format, args...);
  std::printf("\n");
  std::fflush(stdout);
}

// Deterministic: tests print its seed.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u | 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::uint64_t below(std::uint64_t bound) { return (next() >> 11) % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace djcache::reliability
