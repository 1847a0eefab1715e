// Guard: keeps the keys of a database in a file while a run empties it, and restores them when the
// run has ended, however it ended. After SIGKILL, which no program can handle, the user restores
// them with --restore and the file, which was named before the database was first emptied.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/backup/database.h"

namespace djcache::conformance {

class Guard {
 public:
  // Saves the keys in a new file of the folder and says so on stderr. From then on put_back() or
  // the destructor restores them.
  static harness::Opened<Guard> save(const harness::Endpoint& endpoint, const std::string& folder,
                                     const std::function<bool()>& stop);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Called when everything that empties the database has ended. True: all keys are restored, and
  // the file is removed. False: stderr says why not, and how to do it later; the file is kept.
  bool put_back();

 private:
  Guard(harness::Endpoint endpoint, std::string path);
  harness::Outcome try_to_put_back();

  harness::Endpoint endpoint_;
  std::string path_;
  bool done_ = false;
};

// Empties a database that was empty before the run, whatever the last case left.
void leave_empty(const harness::Endpoint& endpoint);

// --restore: restores the database as it was when the file was written. Its current keys are saved
// in a file of their own first. `location` null: the file's own database. Returns the exit code.
int restore_from(const std::string& path, const harness::Endpoint* location);

}  // namespace djcache::conformance
