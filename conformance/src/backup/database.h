// Database: copies the keys of one database of a server into a file and back. Memory is bounded by
// the largest key; time is linear in the number of keys.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <djcache/harness/inspector.h>

#include "src/backup/dump_file.h"

namespace djcache::conformance {

// Connections of the code under test have this name, followed by the number of the process.
inline constexpr std::string_view run_client_name = "djcache-conformance-";

class Database {
 public:
  static harness::Opened<Database> open(const harness::Endpoint& endpoint);

  // "127.0.0.1:6379, database 9"; without credentials.
  std::string title() const { return title_; }
  // Waits, for at most 5 s, until no run of the suite is connected to the database: the commands of
  // a killed run are executed before its connections close.
  void wait_for_runs_to_end();
  harness::Opened<std::uint64_t> size();

  // Copies the keys into a new file, which is complete and on disk if this succeeds. Also verifies
  // that the server accepts its own dumps. Gives up when `stop` returns true.
  harness::Outcome save(const std::string& path, const std::function<bool()>& stop);
  harness::Outcome empty();
  // Empties the database and fills it from the file. If this succeeds, each key exists again or has
  // expired since. The file is checked first and kept; it may be restored any number of times.
  harness::Outcome put_back(DumpReader& dump);

 private:
  explicit Database(const harness::Endpoint& endpoint);
  bool has_runs();
  harness::Outcome save_key(const std::string& key, DumpWriter& writer);
  harness::Outcome prove_that_it_takes(const DumpedKey& key);
  harness::Reply restore(const DumpedKey& key);
  harness::Outcome fill(DumpReader& dump);
  harness::Outcome verify(DumpReader& dump);
  std::int64_t now_ms();

  harness::Endpoint endpoint_;
  std::string title_;
  std::unique_ptr<harness::Inspector> inspector_;
};

}  // namespace djcache::conformance
