// What a client must offer to be measured: GET and SET on a libuv loop, replies handed to a sink.
// The driver calls get and set from within the sink's functions (a closed loop); a contestant must
// not answer inside the call. Slots are the driver's, below the number in flight.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "driver/key_set.h"
#include "driver/workload.h"

namespace djcache::bench {

/// Where replies go. Views are needed only during the call.
class ReplySink {
 public:
  virtual void on_value(std::uint32_t slot, std::string_view value) = 0;
  virtual void on_stored(std::uint32_t slot) = 0;
  virtual void on_failure(std::string_view detail) = 0;

 protected:
  ~ReplySink() = default;
};

class Contestant {
 public:
  virtual ~Contestant() = default;
  Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;

  /// Connects, or begins to. An empty string, or why it cannot.
  virtual std::string open(uv_loop_t& loop, const Endpoint& endpoint, ReplySink& sink) = 0;
  virtual void get(std::uint32_t slot, const Key& key) = 0;
  /// With a life of 300 s, Django's default.
  virtual void set(std::uint32_t slot, const Key& key, std::string_view value) = 0;
  /// Disconnects; the loop is run afterwards until nothing is left on it.
  virtual void close() = 0;

  /// Calls `begin` where replies are handed over, and returns after end(). A client with a loop or
  /// a thread of its own does both there.
  virtual void run(uv_loop_t& loop, const std::function<void()>& begin) {
    begin();
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  virtual void end(uv_loop_t& loop) { uv_stop(&loop); }
};

using ContestantFactory = std::unique_ptr<Contestant> (*)(const Workload&);

std::unique_ptr<Contestant> make_djcache_msgpack(const Workload& workload);
std::unique_ptr<Contestant> make_djcache_raw(const Workload& workload);
std::unique_ptr<Contestant> make_djcache_coro(const Workload& workload);
std::unique_ptr<Contestant> make_hiredis_async(const Workload& workload);
std::unique_ptr<Contestant> make_driver_alone(const Workload& workload);
// Those of which the library was found (CMakeLists.txt).
std::unique_ptr<Contestant> make_libvalkey(const Workload& workload);
std::unique_ptr<Contestant> make_redis_plus_plus(const Workload& workload);
std::unique_ptr<Contestant> make_boost_redis(const Workload& workload);

}  // namespace djcache::bench
