// Guard: keeps the keys of a database in a file while a run empties it, and restores them when the
// run ends, normally or by a signal. After SIGKILL, which cannot be handled, the user restores them
// with --restore and the file, whose name was printed before the database was emptied.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/backup/database.h"

namespace djcache::conformance {

class Guard {
 public:
  // Saves the keys in a new file of the folder and prints its name on stderr. From then on
  // put_back() or the destructor restores them.
  static harness::Opened<Guard> save(const harness::Endpoint& endpoint, const std::string& folder,
                                     const std::function<bool()>& stop);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // To be called when everything that empties the database has ended. True: all keys are restored,
  // and the file is removed. False: stderr has the reason and how to restore later; the file is
  // kept.
  bool put_back();

 private:
  Guard(harness::Endpoint endpoint, std::string path);
  harness::Outcome try_to_put_back();

  harness::Endpoint endpoint_;
  std::string path_;
  bool done_ = false;
};

// Removes what the last case left in a database that was empty before the run.
void leave_empty(const harness::Endpoint& endpoint);

// --restore: restores the database as it was when the file was written. Its current keys are first
// saved to another file. `location` null: the database named in the file. Returns the exit code.
int restore_from(const std::string& path, const harness::Endpoint* location);

}  // namespace djcache::conformance
