// Guard: a database whose keys are kept in a file while something empties it, and are put back when
// that has ended, however it ended. What no program can do, after SIGKILL, the user does with
// --restore and the file, which was named before the database was first emptied.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/backup/database.h"

namespace djcache::conformance {

class Guard {
 public:
  // Saves the keys in a new file of the folder and says so on stderr. From here on they are put
  // back by put_back() or the destructor.
  static harness::Opened<Guard> save(const harness::Endpoint& endpoint, const std::string& folder,
                                     const std::function<bool()>& stop);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Once everything that empties the database has ended. True: all keys are back, and the file is
  // removed. False: stderr says why not, and how to do it later; the file stays.
  bool put_back();

 private:
  Guard(harness::Endpoint endpoint, std::string path);
  harness::Outcome try_to_put_back();

  harness::Endpoint endpoint_;
  std::string path_;
  bool done_ = false;
};

// A database that was empty before a run is empty after it, whatever the last case left.
void leave_empty(const harness::Endpoint& endpoint);

// --restore: makes the database what it was when the file was written. Keys that it holds now are
// saved in a file of their own first. `location` null: the file's own database. The exit code.
int restore_from(const std::string& path, const harness::Endpoint* location);

}  // namespace djcache::conformance
