// Growth: an engine on a loop of its own, and a count of the instructions of its operations.
#pragma once

#include <djcache/djcache.h>
#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace djcache::bench {

class Growth {
 public:
  explicit Growth(std::string server);
  ~Growth();
  Growth(const Growth&) = delete;
  Growth& operator=(const Growth&) = delete;

  // An alias on the server, with limits so long that none passes during a measurement.
  CacheSettings alias() const;
  // An alias on a server that accepts connections but never answers.
  CacheSettings silent_alias();
  Engine& start(Settings settings);
  Engine& engine() { return *engine_; }

  void run_until(const std::function<bool()>& done);
  // These return when the operation is complete.
  void get(Cache& cache);
  void lease(Client& client, std::vector<Lease>& to);

  // Counts the instructions of `count` calls, after some warm-up calls.
  void count(std::uint64_t count, const std::function<void()>& operation);
  // Counts the instructions of one call that does `operations` operations. No warm-up.
  void count_together(std::uint64_t operations, const std::function<void()>& all);
  std::uint64_t counted() const { return counted_; }

  void fail(const std::string& why);
  bool failed() const { return failed_; }
  // Objects that must outlive the engine.
  std::vector<std::shared_ptr<void>> kept;

 private:
  std::string server_;
  uv_loop_t loop_;
  std::unique_ptr<Engine> engine_;
  int listener_ = -1;
  std::uint64_t counted_ = 0;
  bool failed_ = false;
};

}  // namespace djcache::bench
