// The blocking clients that djcache_bench_threads compares: several threads of one process, each in
// a closed loop of GETs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace djcache::bench {

// One thread's access to a client. Not thread-safe; made by the thread that uses it.
class Worker {
 public:
  virtual ~Worker() = default;
  /// Reads the value of the key `bare`, which is `made` on the server. Returns false if there is
  /// none, or after an error.
  virtual bool get(const std::string& bare, const std::string& made, std::string& value) = 0;
};

class ThreadedClient {
 public:
  virtual ~ThreadedClient() = default;
  /// Null if it cannot connect.
  virtual std::unique_ptr<Worker> make_worker() = 0;
};

/// "djcache-sync", "hiredis-blocking"; null for other names.
std::unique_ptr<ThreadedClient> make_threaded_client(const std::string& name, std::uint16_t port);

}  // namespace djcache::bench
