// A new folder (mode 0700), removed with the object.
#pragma once

#include <memory>
#include <string>

#include <djcache/harness/outcome.h>

namespace djcache::harness {

class TemporaryFolder {
 public:
  // In $TMPDIR, or in /tmp if unix sockets in $TMPDIR would have too long a name.
  static Opened<TemporaryFolder> make(const char* prefix);
  // Removes the folder and its content, but only in the process that created it (not in a forked
  // child).
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  explicit TemporaryFolder(std::string path);
  std::string path_;
  int owner_;
};

}  // namespace djcache::harness
