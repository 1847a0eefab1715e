// Database: the keys of one database of a server, into a file and back. Memory is bounded by the
// largest key; time is linear in their number.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <djcache/harness/inspector.h>

#include "src/backup/dump_file.h"

namespace djcache::conformance {

// How the connections of the code under test are named: this and the number of the process.
inline constexpr std::string_view run_client_name = "djcache-conformance-";

class Database {
 public:
  static harness::Opened<Database> open(const harness::Endpoint& endpoint);

  // "127.0.0.1:6379, database 9"; without credentials.
  std::string title() const { return title_; }
  // Waits until no run of the suite is connected to the database, 5 s at most: what a run had sent
  // when it was killed is executed before its connections are gone.
  void wait_for_runs_to_end();
  harness::Opened<std::uint64_t> size();

  // The keys into a new file, which is complete and on the disk when this returns without a
  // problem. Also makes sure that the server takes back what it gave. `stop`: give it up.
  harness::Outcome save(const std::string& path, const std::function<bool()>& stop);
  harness::Outcome empty();
  // Empties the database and fills it from the file. Without a problem each key is there again, or
  // has expired since. The file is checked first, stays, and may be put back any number of times.
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
