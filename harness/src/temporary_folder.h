// A folder of its own (mode 0700) that goes with the object.
#pragma once

#include <memory>
#include <string>

#include <djcache/harness/outcome.h>

namespace djcache::harness {

class TemporaryFolder {
 public:
  // In $TMPDIR, or in /tmp when a unix socket in $TMPDIR would have too long a name.
  static Opened<TemporaryFolder> make(const char* prefix);
  // Removes the folder and all in it, but only in the process that made it (not in a forked child).
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
