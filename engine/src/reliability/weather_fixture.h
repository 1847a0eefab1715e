// Shared by the tests under real conditions: values that name their owner, and a tally of results.
#pragma once

#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/engine_fixture.h"
#include "reliability/scale.h"

namespace djcache::reliability {

// "key|nonce": cannot be mistaken for another key's value.
inline std::string value_of(const std::string& key, std::uint64_t nonce) {
  return key + "|" + std::to_string(nonce);
}
inline bool is_value_of(const std::string& key, const Value& value) {
  return value.as_string() && value.text().starts_with(key + "|");
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// Kibibytes that the process holds now.
inline std::uint64_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

// Results of operations: each has a number, and must arrive once.
class Tally {
 public:
  std::size_t begin() {
    heard_.push_back(0);
    return heard_.size() - 1;
  }
  void hear(std::size_t operation, const Error* error) {
    if (++heard_[operation] > 1) ++twice;
    error == nullptr ? ++good : ++errors[static_cast<std::size_t>(error->code)];
    ++answered;
  }
  std::size_t begun() const { return heard_.size(); }
  std::uint64_t of(Errc code) const { return errors[static_cast<std::size_t>(code)]; }
  std::uint64_t failed() const { return answered - good; }

  std::uint64_t answered = 0, good = 0, twice = 0, foreign = 0;
  std::uint64_t errors[errc_count] = {};

 private:
  std::vector<std::uint8_t> heard_;
};

}  // namespace djcache::reliability
